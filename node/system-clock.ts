import { uptime } from 'node:os'
import type { Clock, Random } from '../src/index.ts'

/**
 * The machine's clock, so many seconds ahead, and its timers, which do not keep the process alive
 * by themselves. Timers run as long as they do on the machine; with no time to wait, the next turn
 * is a thousand times sooner than a timer's.
 */
export function clockAhead(aheadSeconds: number): Clock {
  return {
    now: () => Date.now() + aheadSeconds * 1_000,
    // Since the machine started, sleep included: after a sleep the wall clock has not leapt.
    elapsed: () => uptime() * 1_000,
    after: (ms, callback) => {
      if (ms <= 0) {
        const turn = setImmediate(callback)
        return () => clearImmediate(turn)
      }
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
  }
}

/** The machine's clock as it is. */
export const systemClock: Clock = clockAhead(0)

/** Randomness for choices that need not be secret. */
export const systemRandom: Random = { next: () => Math.random() }
