import assert from 'node:assert/strict'
import { canonicalSourceId, valueBytesMax } from '../../../protocol/index.ts'
import { Failure } from '../../../src/index.ts'
import type { Measurement, Meter } from '../../../src/index.ts'
import { connectTimeoutMs, measureTimeoutMs, requestTimeoutMs } from './limits.ts'
import { openModbus, type Exchange, type ModbusConnection } from './modbus.ts'
import { readDevice, type Reading } from './reading.ts'
import { walkModels } from './walk.ts'

/** Where a solar inverter is, and the time limits in milliseconds if not those of `limits.ts`. */
export type SunspecOptions = {
  readonly host: string
  readonly port: number
  /** Modbus unit id, 1 to 247; default 1. */
  readonly unit?: number
  /** Where it stands, "LAT,LON", handed on as it is. */
  readonly site?: string
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  /** For the whole measurement. */
  readonly timeoutMs?: number
  readonly connectTimeoutMs?: number
  /** For one answer. */
  readonly requestTimeoutMs?: number
}

const method = 'sunspec-modbus-tcp'
/** Our device simulators say so in their serial number; no maker's begins like this. */
const simulatorPrefix = 'SIM-'

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

function idOf(text: string, { manufacturer, serial }: Reading): string {
  const id = canonicalSourceId('solar', 'sunspec', text)
  if (typeof id === 'string') return id
  throw new Failure(
    'invalid-source',
    `The device calls itself "${manufacturer}", serial number "${serial}". ${id.message} ` +
      'Have its maker or installer set the real one.',
  )
}

/**
 * `solar:sunspec:<manufacturer>-<serial>`, for serial numbers repeat between makers. Each part is
 * judged on its own before they are joined; `invalid-source` where one names nothing.
 */
function sourceOf(reading: Reading): string {
  idOf(reading.manufacturer, reading)
  idOf(reading.serial, reading)
  return idOf(`${reading.manufacturer}-${reading.serial}`, reading)
}

type Transcript = {
  readonly version: 1
  readonly method: string
  readonly endpoint: { readonly host: string; readonly port: number; readonly unit: number }
  /** Milliseconds since 1970, as is `finishedAt`. */
  readonly startedAt: number
  readonly finishedAt: number
  readonly exchanges: readonly Exchange[]
  readonly reading: Reading
}

function toMeasurement(transcript: Transcript, site: string | undefined): Measurement {
  const { reading, finishedAt } = transcript
  const bytes = new TextEncoder().encode(JSON.stringify(transcript))
  assert(bytes.length <= valueBytesMax, 'the bounds of the walk keep every transcript in its limit')
  // At night an inverter draws a little for itself; that is no output.
  const output = reading.outputWatts === null ? null : Math.max(0, reading.outputWatts)
  return {
    source: sourceOf(reading),
    fields: {
      rated: reading.ratedWatts,
      ...(output === null ? {} : { output }),
      ...(site === undefined ? {} : { site }),
    },
    measuredAt: finishedAt,
    method,
    transcript: bytes,
    simulated: reading.serial.startsWith(simulatorPrefix),
  }
}

/**
 * Measures a solar inverter over SunSpec Modbus TCP, reading only: `rated` and `output` in W.
 * Throws `malformed` at once for a port or unit id that cannot be. `measure` throws
 * `source-unavailable` if the device does not answer in time, `source-nonsense` if it answers what
 * no inverter can mean, and `invalid-source` if it has no serial number of its own.
 */
export function sunspecSolar(options: SunspecOptions): Meter {
  const { host, port, unit = 1, site, now } = options
  if (!isWhole(port, 1, 65_535)) throw new Failure('malformed', 'A port is from 1 to 65535.')
  if (!isWhole(unit, 1, 247)) throw new Failure('malformed', 'A Modbus unit id is from 1 to 247.')

  async function measure(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort(new DOMException('The time limit of the measurement is over', 'TimeoutError'))
    }, options.timeoutMs ?? measureTimeoutMs)
    let connection: ModbusConnection | undefined
    try {
      connection = await openModbus({
        host,
        port,
        unit,
        connectTimeoutMs: options.connectTimeoutMs ?? connectTimeoutMs,
        requestTimeoutMs: options.requestTimeoutMs ?? requestTimeoutMs,
        signal: AbortSignal.any([signal, deadline.signal]),
      })
      const reading = readDevice(await walkModels(connection.read))
      const { exchanges } = connection
      const endpoint = { host, port, unit }
      const times = { startedAt, finishedAt: now() }
      return toMeasurement({ version: 1, method, endpoint, ...times, exchanges, reading }, site)
    } finally {
      clearTimeout(timer)
      connection?.close()
    }
  }
  return { measure }
}
