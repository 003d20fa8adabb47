import type { Measurement, Meter } from '../../../src/index.ts'
import type { Endpoint } from '../endpoint.ts'
import { toMeasurement } from '../measurement.ts'
import { withinTime } from '../time-limit.ts'
import { connectTimeoutMs, measureTimeoutMs } from './limits.ts'
import { listen } from './listen.ts'
import { readMeter } from './reading.ts'

/** Where a P1 gateway is, and the time limits in milliseconds if not those of `limits.ts`. */
export type P1Options = Endpoint & {
  /** Where it stands, "LAT,LON", handed on as it is. */
  readonly site?: string
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  /** For the whole measurement. */
  readonly timeoutMs?: number
  readonly connectTimeoutMs?: number
}

const method = 'dsmr-p1-tcp'

/**
 * Measures a grid connection by the telegrams that its smart meter pushes (DSMR and eMUCS P1):
 * `allocated` in W is what its limiter lets pass, else what its fuse does. The source is
 * `grid:p1:<equipment identifier>`. `measure` throws `source-unavailable` if no telegrams come in
 * time or the meter has switched off, `source-nonsense` if they are none, not of now or tell no
 * limit, `invalid-source` without an identifier, `implausible-proof` for a limiter above the fuse.
 */
export function p1Grid(options: P1Options): Meter {
  const { host, port, site, now } = options

  async function read(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const [first, second] = await listen({
      host,
      port,
      now,
      connectTimeoutMs: options.connectTimeoutMs ?? connectTimeoutMs,
      signal,
    })
    const reading = readMeter(first.telegram, second.telegram, second.receivedAt)
    return toMeasurement({
      type: 'grid',
      scheme: 'p1',
      names: { 'equipment identifier': reading.equipment },
      fields: { allocated: reading.allocatedWatts },
      site,
      method,
      endpoint: { host, port },
      startedAt,
      finishedAt: now(),
      exchanges: [first, second].map(({ receivedAt, text }) => ({ receivedAt, telegram: text })),
      reading,
    })
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, read) }
}
