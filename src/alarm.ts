import { timerMsMax, timerMsMin } from './limits.ts'
import type { Clock } from './ports.ts'

/** Wakes its owner around a time that moves: a second late at the most, an hour early at that. */
export class Alarm {
  readonly #clock: Pick<Clock, 'now' | 'after'>
  readonly #wake: () => void
  #cancel: () => void = () => {}

  constructor(clock: Pick<Clock, 'now' | 'after'>, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  /** Wakes around this time instead, in ms since 1970; not at all for Infinity. */
  set(at: number): void {
    if (at === Infinity) this.clear()
    else this.after(Math.min(Math.max(at - this.#clock.now(), timerMsMin), timerMsMax))
  }

  /** Wakes after so many ms instead. */
  after(ms: number): void {
    this.clear()
    this.#cancel = this.#clock.after(ms, this.#wake)
  }

  /** Wakes no more. */
  clear(): void {
    this.#cancel()
    this.#cancel = () => {}
  }
}
