import type { MeterOptions } from '../meter-options.ts'
import { Failure, type Measurement, type Meter } from '../../../src/index.ts'
import { isSimulator } from '../device-name.ts'
import { endpointOf } from '../endpoint.ts'
import { toMeasurement } from '../measurement.ts'
import { withinTime } from '../time-limit.ts'
import { capacityAt, tellsCapacity, type Capacity, type Word } from './capacity.ts'
import { spansInForce } from './in-force.ts'
import { answerTimeoutMs, intervalsKeptMax, measureTimeoutMs, passKeptMs } from './limits.ts'
import type { Event, Program } from './objects.ts'
import { findSite, type Site } from './site.ts'
import { fetchPass, hasCredentials, openVtn } from './vtn-client.ts'
import type { Vtn, VtnClient, VtnOptions } from './vtn-client.ts'

/** Which server is asked and as whom; times in milliseconds if not those of `limits.ts`. */
export type OpenadrOptions = MeterOptions & {
  /** Address below which the API is, ending in `/`. */
  readonly url: URL
  readonly client: VtnClient
  /** Name of one of several sites. */
  readonly resource?: string
  /** For one answer. */
  readonly answerTimeoutMs?: number
}

type Asked = {
  readonly site: Site
  readonly capacity: Capacity
  readonly programs: readonly string[]
}

/** How a server was asked; over TLS others can be sure whom they ask as well. */
export const openadrMethods = { plain: 'openadr-3.1', sealed: 'openadr-3.1-tls' } as const

/** Of an event of capacity what is in force, for a plan of a week is too long to be evidence. */
function evidenceOf(event: Event, now: number): unknown {
  if (!tellsCapacity(event)) return undefined
  const intervals = event.intervals ?? []
  if (intervals.length <= intervalsKeptMax) return event
  const kept = spansInForce(event, now).map(({ interval }) => interval)
  return { ...event, intervals: kept, intervalsLeftOut: intervals.length - kept.length }
}

/** Who the client is to the server, and what it may draw now. */
async function ask(vtn: Vtn, options: OpenadrOptions): Promise<Asked> {
  const { client } = options
  const clientId = 'clientId' in client ? client.clientId : undefined
  const site = await findSite(vtn, clientId, options.resource)
  const query = { active: 'true' }
  const keep = (event: Event) => evidenceOf(event, options.now())
  const all = (await vtn.list('events', { query, keep })) ?? []
  const events = all.filter((event) => tellsCapacity(event) && site.concerns(event))
  const programs = new Map<string, Program>()
  for (const id of new Set(events.map(({ programID }) => programID))) {
    const program = await vtn.program(id)
    if (program !== undefined) programs.set(id, program)
  }
  const capacity = capacityAt(events, programs, options.now())
  const used = new Set(Object.values(capacity.words).map(({ program }) => program))
  const names = [...used].flatMap((id) => programs.get(id)?.programName ?? [])
  return { site, capacity, programs: names }
}

const wattsOf = (word: Word | undefined): number | null =>
  word === undefined ? null : Number(word.milliwatts) / 1000

function readingOf({ site, capacity, programs }: Asked) {
  const { words, allocated } = capacity
  return {
    ven: site.ven,
    resource: site.resource,
    programs,
    subscriptionWatts: wattsOf(words.SUBSCRIPTION),
    reservationWatts: wattsOf(words.RESERVATION),
    limitWatts: wattsOf(words.LIMIT),
    events: [...new Set(Object.values(words).map(({ event }) => event))],
    allocatedWatts: Number(allocated) / 1000,
  }
}

/**
 * Measures a grid connection by what its operator's server says (OpenADR 3.1): `allocated` in W is
 * the capacity that is subscribed to and reserved, at most the limit in force. The source is
 * `grid:openadr:<host of the server>-<name of the VEN>`, and `-<name of the resource>` where it is
 * one of several. Over TLS it brings a token for witnesses. `measure` throws `source-unavailable`
 * if the server does not answer, know or let in this client, or allows nothing now; `bad-signature`
 * if nobody believed vouches for it; `source-nonsense` if it answers what no such server can;
 * `malformed` where several sites fit.
 */
export function openadrGrid(options: OpenadrOptions): Meter {
  const { url, client, now, reach, roots } = options
  const isSealed = url.protocol === 'https:'

  function vtnOptions(signal: AbortSignal): VtnOptions {
    const timeoutMs = options.answerTimeoutMs ?? answerTimeoutMs
    return { url, client, answerTimeoutMs: timeoutMs, signal, reach, roots }
  }

  async function newPass(): Promise<string> {
    const own = vtnOptions(AbortSignal.timeout(measureTimeoutMs))
    if (hasCredentials(own)) return fetchPass(own)
    throw new Failure('not-authorised', 'Who was handed a token hands on none.')
  }

  let kept: { readonly until: number; readonly pass: Promise<string> } | undefined
  /** Gets a witness what it needs to ask for itself. */
  function pass(): Promise<string> {
    if (kept === undefined || kept.until <= now()) {
      const asked = { until: now() + passKeptMs, pass: newPass() }
      kept = asked
      // A server that was busy is asked again by the next witness.
      asked.pass.catch(() => {
        if (kept === asked) kept = undefined
      })
    }
    return kept.pass
  }

  async function read(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const vtn = await openVtn(vtnOptions(signal))
    const asked = await ask(vtn, options)
    const reading = readingOf(asked)
    const { ven, resource, programs } = reading
    const measurement = toMeasurement({
      type: 'grid',
      scheme: 'openadr',
      names: { server: url.hostname, VEN: ven, ...(resource === null ? {} : { resource }) },
      fields: { allocated: reading.allocatedWatts },
      site: options.site,
      method: isSealed ? openadrMethods.sealed : openadrMethods.plain,
      endpoint: { url: url.href, ...endpointOf(url) },
      startedAt,
      finishedAt: now(),
      exchanges: vtn.exchanges,
      reading,
    })
    const simulated = [ven, resource ?? '', ...programs].some(isSimulator)
    return { ...measurement, simulated, ...(isSealed ? { isSealed, pass } : {}) }
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, read) }
}
