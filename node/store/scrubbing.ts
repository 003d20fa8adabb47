import { Failure, type Clock, type Log } from '../../src/index.ts'
import type { LevelStore } from './level-store.ts'
import { scrubFirstMs, scrubIntervalMs, scrubPauseMs } from './limits.ts'

/** What looking through the store needs of the node. */
export type ScrubbingParts = {
  readonly store: Pick<LevelStore, 'scrub'>
  readonly clock: Clock
  readonly log: Log
  /** Told of damage: an event. */
  readonly emit: (type: string, data: Readonly<Record<string, unknown>>) => void
}

/** How the store was last found. Times in ms since 1970. */
export type ScrubView = {
  /** When it was last looked through to its end; null before. */
  readonly soundAt: number | null
  /** What is damaged, in words that name the part; null where nothing is known to be. */
  readonly damage: string | null
}

/**
 * Looks through the whole store in the background, slowly, once a day: damage that no reader meets
 * would only be found at the next start, when what could replace it may be gone.
 */
export class Scrubbing {
  readonly #parts: ScrubbingParts
  #view: ScrubView = { soundAt: null, damage: null }
  /** Ends what is waited for. */
  #wake: () => void = () => {}
  #stopped = false
  #running: Promise<void> = Promise.resolve()

  constructor(parts: ScrubbingParts) {
    this.#parts = parts
  }

  /** How the store was last found. */
  view(): ScrubView {
    return this.#view
  }

  /** Begins, after a while. */
  start(): void {
    this.#running = this.#run()
  }

  /** Ends; resolves when the store is not read any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake()
    await this.#running
  }

  async #run(): Promise<void> {
    for (let waitMs = scrubFirstMs; await this.#waited(waitMs); waitMs = scrubIntervalMs) {
      await this.#look()
    }
  }

  /** Waits; whether to go on then. */
  async #waited(ms: number): Promise<boolean> {
    if (this.#stopped) return false
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.after(ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
    return !this.#stopped
  }

  async #look(): Promise<void> {
    const { store, clock, log, emit } = this.#parts
    try {
      await store.scrub(() => this.#waited(scrubPauseMs))
      if (!this.#stopped) this.#view = { soundAt: clock.now(), damage: null }
    } catch (error) {
      if (!(error instanceof Failure)) {
        // Too many open files, say: that tells nothing of what is stored.
        log.warn('store-not-looked-through', { error: String(error) })
        return
      }
      const { code, message } = error
      const isNew = this.#view.damage !== message
      this.#view = { ...this.#view, damage: message }
      log.error(code, { message })
      if (isNew) emit(code, { message })
    }
  }
}
