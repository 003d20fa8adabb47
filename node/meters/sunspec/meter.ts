import { Failure } from '../../../src/index.ts'
import type { Measurement, Meter } from '../../../src/index.ts'
import type { DeviceCertificate, DeviceTls } from '../device-tls.ts'
import { toMeasurement } from '../measurement.ts'
import type { Reach } from '../reach.ts'
import { withinTime } from '../time-limit.ts'
import { readIdentity } from './device.ts'
import { connectTimeoutMs, measureTimeoutMs, requestTimeoutMs } from './limits.ts'
import { openModbus } from './modbus.ts'
import type { Profile } from './profile.ts'
import { walkModels } from './walk.ts'

/** Where a device is, and the time limits in milliseconds if not those of `limits.ts`. */
export type SunspecOptions = {
  readonly host: string
  readonly port: number
  /** Modbus unit id, 1 to 247; default 1. */
  readonly unit?: number
  /** Where it stands, "LAT,LON", handed on as it is. */
  readonly site?: string
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  /** Another way to the device than a connection of this machine's. */
  readonly reach?: Reach | undefined
  /** Speaks Modbus Security with it: Modbus within TLS. */
  readonly tls?: DeviceTls | undefined
  /** For the whole measurement. */
  readonly timeoutMs?: number
  readonly connectTimeoutMs?: number
  /** For one answer. */
  readonly requestTimeoutMs?: number
}

/** How measurements over SunSpec are made, as their proofs tell. */
export const sunspecMethod = 'sunspec-modbus-tcp'

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

/**
 * Whether a maker vouches for the device's key. Throws `source-nonsense` where the certificate is
 * for another device than the one that answers.
 */
function isRooted(certificate: DeviceCertificate | undefined, serial: string): boolean {
  if (certificate?.isSigned !== true) return false
  const { serialNumber } = certificate
  if (serialNumber === serial) return true
  throw new Failure(
    'source-nonsense',
    `The device calls itself ${serial}, and its maker's certificate is for ${serialNumber}; ` +
      'see that they are one device.',
  )
}

/**
 * Measures a device over SunSpec Modbus TCP, reading only; its profile says what. The source is
 * `<type>:sunspec:<manufacturer>-<serial>`, for serial numbers repeat between makers. Throws
 * `malformed` at once for a port or unit id that cannot be. `measure` throws `source-unavailable`
 * if the device does not answer in time, `source-nonsense` if it answers what no such device can
 * mean, and `invalid-source` if it has no serial number of its own.
 */
export function sunspecMeter({ type, models, read }: Profile, options: SunspecOptions): Meter {
  const { host, port, unit = 1, site, now, reach, tls } = options
  if (!isWhole(port, 1, 65_535)) throw new Failure('malformed', 'A port is from 1 to 65535.')
  if (!isWhole(unit, 1, 247)) throw new Failure('malformed', 'A Modbus unit id is from 1 to 247.')

  async function measure(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const connection = await openModbus({
      host,
      port,
      unit,
      connectTimeoutMs: options.connectTimeoutMs ?? connectTimeoutMs,
      requestTimeoutMs: options.requestTimeoutMs ?? requestTimeoutMs,
      signal,
      reach,
      tls,
    })
    try {
      const device = { models, blocks: await walkModels(connection.read, models) }
      const identity = readIdentity(device)
      const { fields, reading } = read(device)
      const { manufacturer, serial } = identity
      const { certificate } = connection
      const measurement = toMeasurement({
        type,
        scheme: 'sunspec',
        names: { manufacturer, 'serial number': serial },
        fields,
        site,
        method: sunspecMethod,
        endpoint: { host, port, unit, ...(tls === undefined ? {} : { security: 'tls' }) },
        startedAt,
        finishedAt: now(),
        exchanges: connection.exchanges,
        reading: { ...identity, ...reading, ...(certificate && { certificate }) },
      })
      return isRooted(certificate, serial) ? { ...measurement, isRooted: true } : measurement
    } finally {
      connection.close()
    }
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, measure) }
}
