import type { Reach } from './reach.ts'

/** What every meter of a device is given; times in milliseconds. */
export type MeterOptions = {
  /** Where the device stands, "LAT,LON", handed on as it is. */
  readonly site?: string
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  /** Another way to it than connections of this machine's. */
  readonly reach?: Reach | undefined
  /** Certificates in PEM that vouch for servers; without it those of the system. */
  readonly roots?: readonly string[] | undefined
  /** For the whole measurement, if not that of the meter's `limits.ts`. */
  readonly timeoutMs?: number
}
