import { uptime } from 'node:os'
import type { Clock, Random } from '../src/index.ts'

/** The machine's clock and timers. Timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Since the machine started, sleep included: after a sleep the wall clock has not leapt.
  elapsed: () => uptime() * 1_000,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** Randomness for choices that need not be secret. */
export const systemRandom: Random = { next: () => Math.random() }
