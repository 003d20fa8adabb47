import type { Clock } from '../../src/index.ts'

type Timer = { readonly at: number; readonly order: number; readonly callback: () => void }

/** Timers up to this long, in ms, belong to what is going on and run without time passing. */
const soonMs = 250

/** Time that passes only when it is told to. Timers at one instant run as they were set. */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  readonly #timers: Set<Timer> = new Set()
  readonly #soon: Set<Timer> = new Set()

  constructor(startMs: number) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  elapsed(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): () => void {
    return this.#set(ms <= soonMs ? this.#soon : this.#timers, this.#now + ms, callback)
  }

  at(instant: number, callback: () => void): () => void {
    return this.#set(this.#timers, instant, callback)
  }

  #set(timers: Set<Timer>, at: number, callback: () => void): () => void {
    const timer = { at, order: this.#order++, callback }
    timers.add(timer)
    return () => timers.delete(timer)
  }

  #first(timers: ReadonlySet<Timer>): Timer | undefined {
    let first: Timer | undefined
    for (const timer of timers) {
      const earlier =
        first === undefined ||
        timer.at < first.at ||
        (timer.at === first.at && timer.order < first.order)
      if (earlier) first = timer
    }
    return first
  }

  /** Runs the next of the short timers without time passing; false where there is none. */
  runSoon(): boolean {
    const timer = this.#first(this.#soon)
    if (timer === undefined) return false
    this.#soon.delete(timer)
    timer.callback()
    return true
  }

  /** Moves to the next timer due by an instant and runs it; else moves to the instant. */
  step(until: number): boolean {
    const timer = this.#first(this.#timers)
    if (timer === undefined || timer.at > until) {
      this.#now = until
      return false
    }
    this.#timers.delete(timer)
    this.#now = Math.max(this.#now, timer.at)
    timer.callback()
    return true
  }
}

/** The clock of one machine in a world; however it is set, its timers go by what passes. */
export class MachineClock implements Clock {
  /** How far it is ahead of the world's time, in ms. */
  offsetMs = 0
  readonly #world: VirtualClock

  constructor(world: VirtualClock) {
    this.#world = world
  }

  now(): number {
    return this.#world.now() + this.offsetMs
  }

  elapsed(): number {
    return this.#world.elapsed()
  }

  after(ms: number, callback: () => void): () => void {
    return this.#world.after(ms, callback)
  }

  at(instant: number, callback: () => void): () => void {
    return this.#world.at(instant - this.offsetMs, callback)
  }
}
