import { timerMsMax, timerMsMin } from './limits.ts'
import type { Clock } from './ports.ts'

/** What an alarm needs of a clock. */
type Timers = Pick<Clock, 'now' | 'after' | 'at'>

/**
 * Wakes its owner around a time that moves: a second late at the most, an hour early at that; to
 * the millisecond where the clock can.
 */
export class Alarm {
  readonly #clock: Timers
  readonly #wake: () => void
  #cancel: () => void = () => {}

  constructor(clock: Timers, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  /** Wakes at this time instead, in ms since 1970; not at all for Infinity. */
  set(at: number): void {
    this.clear()
    if (at === Infinity) return
    const ms = Math.min(at - this.#clock.now(), timerMsMax)
    const wakes = this.#clock.at?.(this.#clock.now() + Math.max(ms, 1), this.#wake)
    if (wakes === undefined) this.after(Math.max(ms, timerMsMin))
    else this.#cancel = wakes
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
