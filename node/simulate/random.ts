import type { Random } from '../../src/index.ts'

/** A seeded generator (mulberry32): the same seed gives the same sequence everywhere. */
export class SeededRandom implements Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A generator of its own for one purpose, so that purposes do not disturb each other. */
  fork(purpose: string): SeededRandom {
    let seed = this.#state
    for (const character of purpose) seed = Math.imul(seed ^ character.charCodeAt(0), 0x01000193)
    return new SeededRandom(seed)
  }
}
