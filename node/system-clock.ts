import type { Clock, Random } from '../src/index.ts'

/** The machine's clock and timers. Timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** Randomness for choices that need not be secret. */
export const systemRandom: Random = { next: () => Math.random() }
