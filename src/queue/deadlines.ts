import { Alarm } from '../alarm.ts'
import type { Clock, Store } from '../ports.ts'
import type { QueueNotice, WorkQueue } from './work-queue.ts'

/** What watching deadlines needs of the node. */
export type DeadlineParts = {
  readonly queue: WorkQueue
  readonly clock: Clock
  readonly store: Store
  readonly tell: (notice: QueueNotice) => void
}

/** Drops requests that are past their deadline, and tells the parties what became of theirs. */
export class Deadlines {
  readonly #parts: DeadlineParts
  readonly #alarm: Alarm
  #stopped = true

  constructor(parts: DeadlineParts) {
    this.#parts = parts
    this.#alarm = new Alarm(parts.clock, () => this.look())
  }

  /** Begins to watch. */
  start(): void {
    this.#stopped = false
    this.look()
  }

  /** Stops watching. */
  stop(): void {
    this.#stopped = true
    this.#alarm.clear()
  }

  /** Looks now: records have come, or a deadline has passed. */
  look(): void {
    if (this.#stopped) return
    const { queue, clock, store, tell } = this.#parts
    const now = clock.now()
    const writes = queue.drop(now)
    // What is lost of it is dropped again: a deadline stays past.
    if (writes.length > 0) void store.write(writes, { sync: false }).catch(() => {})
    for (const notice of queue.takeNotices()) tell(notice)
    this.#alarm.set(queue.nextDrop)
  }
}
