/** What every meter of a device is given; times in milliseconds. */
export type MeterOptions = {
  /** Where the device stands, "LAT,LON", handed on as it is. */
  readonly site?: string
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  /** For the whole measurement, if not that of the meter's `limits.ts`. */
  readonly timeoutMs?: number
}
