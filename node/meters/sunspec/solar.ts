import { Failure } from '../../../src/index.ts'
import type { Measurement, Meter } from '../../../src/index.ts'
import { isSimulator, sourceOfDevice } from '../device-name.ts'
import { withinTime } from '../time-limit.ts'
import { encodeTranscript } from '../transcript.ts'
import { connectTimeoutMs, measureTimeoutMs, requestTimeoutMs } from './limits.ts'
import { openModbus } from './modbus.ts'
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

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

function fieldsOf({ ratedWatts, outputWatts }: Reading): Measurement['fields'] {
  // At night an inverter draws a little for itself; that is no output.
  return outputWatts === null
    ? { rated: ratedWatts }
    : { rated: ratedWatts, output: Math.max(0, outputWatts) }
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

  async function read(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const connection = await openModbus({
      host,
      port,
      unit,
      connectTimeoutMs: options.connectTimeoutMs ?? connectTimeoutMs,
      requestTimeoutMs: options.requestTimeoutMs ?? requestTimeoutMs,
      signal,
    })
    try {
      const reading = readDevice(await walkModels(connection.read))
      const { exchanges } = connection
      const finishedAt = now()
      const endpoint = { host, port, unit }
      const { manufacturer, serial } = reading
      return {
        source: sourceOfDevice('solar', 'sunspec', { manufacturer, 'serial number': serial }),
        fields: { ...fieldsOf(reading), ...(site === undefined ? {} : { site }) },
        measuredAt: finishedAt,
        method,
        transcript: encodeTranscript({
          version: 1,
          method,
          endpoint,
          startedAt,
          finishedAt,
          exchanges,
          reading,
        }),
        simulated: isSimulator(serial),
      }
    } finally {
      connection.close()
    }
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, read) }
}
