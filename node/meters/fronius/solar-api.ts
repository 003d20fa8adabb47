import { Failure } from '../../../src/index.ts'
import type { Endpoint } from '../endpoint.ts'
import { httpGet } from '../http-get.ts'
import type { Reach } from '../reach.ts'
import {
  readHead,
  readInverters,
  readRealtime,
  readVersion,
  type InverterInfo,
  type Realtime,
} from './answers.ts'
import { answerBytesMax } from './limits.ts'

/** One request and its answer, the JSON without the white space between its parts. */
type Exchange = { readonly request: string; readonly status: number; readonly answer: string }

/** Where a data manager is and how long to wait for it. */
export type SolarApiOptions = Endpoint & {
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
  readonly signal: AbortSignal
  /** Another way to it than connections of this machine's. */
  readonly reach?: Reach | undefined
}

/** What an answer says, and when by the device's own clock, in milliseconds since 1970. */
export type Told<T> = { readonly data: T; readonly deviceTime: number }

/** The Solar API of one data manager. Everything throws as `httpGet` does. */
export type SolarApi = {
  /** Throws `source-nonsense` unless it speaks version 1. */
  readonly checkVersion: () => Promise<void>
  /** What stands behind it, by device number. */
  readonly inverters: () => Promise<Told<Readonly<Record<string, InverterInfo>>>>
  /** What one inverter does now. */
  readonly now: (device: number) => Promise<Told<Realtime>>
  /** Every request that was answered, oldest first. */
  readonly exchanges: readonly Exchange[]
}

const excuse = 'it may be switched off at night'
const baseUrl = '/solar_api/v1/'
const versionPath = '/solar_api/GetAPIVersion.cgi'

/** Answers of the data manager that pass: an inverter that sleeps or a bus that is busy. */
const passingCodes: ReadonlySet<number> = new Set([2, 3, 5, 7, 8, 12])

function parseJson(body: string, place: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    const message = `What ${place} answers is no JSON; check that it is a Fronius inverter.`
    throw new Failure('source-nonsense', message, { cause })
  }
}

/** The same JSON without white space between its parts; for valid JSON only. */
function packed(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
}

/** Fails for an answer that is no success. */
function expectOkay(status: number, place: string): void {
  if (status === 200) return
  if (status >= 500) {
    const message = `${place} says that it failed (HTTP ${status}); try again later.`
    throw new Failure('source-unavailable', message)
  }
  const reason =
    status >= 300 && status < 400 ? 'leads elsewhere, and nothing follows it there' : 'has no such'
  throw new Failure(
    'source-nonsense',
    `${place} answers HTTP ${status}: it ${reason}${status >= 400 ? ' page' : ''}; check the ` +
      'address, and switch the Solar API on in the inverter’s settings.',
  )
}

function timeOf(timestamp: string, what: string): number {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
  const time = form.test(timestamp) ? Date.parse(timestamp) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw new Failure(
    'source-nonsense',
    `${what} dates its answer "${timestamp.slice(0, 64)}", which is no time; set its clock.`,
  )
}

/** The Solar API at a place. */
export function openSolarApi(options: SolarApiOptions): SolarApi {
  const place = `${options.host}:${options.port}`
  const exchanges: Exchange[] = []

  async function get(path: string): Promise<unknown> {
    const service = 'the Solar API'
    const { status, body } = await httpGet({ ...options, path, service, excuse, answerBytesMax })
    expectOkay(status, place)
    const answer = parseJson(body, place)
    exchanges.push({ request: `GET ${path}`, status, answer: packed(body) })
    return answer
  }

  async function ask<T>(
    page: string,
    read: (answer: unknown, place: string) => T,
  ): Promise<Told<T>> {
    const answer = await get(`${baseUrl}${page}`)
    const { Status, Timestamp } = readHead(answer, place)
    const { Code, Reason = '', UserMessage = '' } = Status
    if (Code !== 0) {
      const words = (UserMessage || Reason).replace(/\.?$/, '').slice(0, 200)
      throw new Failure(
        passingCodes.has(Code) ? 'source-unavailable' : 'source-nonsense',
        `${place} answers with status ${Code}${words && `: ${words}`}; ` +
          `see that the inverter is on (${excuse}).`,
      )
    }
    return { data: read(answer, place), deviceTime: timeOf(Timestamp, place) }
  }

  return {
    exchanges,
    async checkVersion() {
      const { APIVersion, BaseURL } = readVersion(await get(versionPath), place)
      if (APIVersion === 1 && BaseURL === baseUrl) return
      throw new Failure(
        'source-nonsense',
        `${place} speaks version ${APIVersion} of the Solar API, and only 1 is known here; ` +
          'update its firmware.',
      )
    },
    inverters: () => ask('GetInverterInfo.cgi', readInverters),
    now(device) {
      const query = `Scope=Device&DeviceId=${device}&DataCollection=CommonInverterData`
      return ask(`GetInverterRealtimeData.cgi?${query}`, readRealtime)
    },
  }
}
