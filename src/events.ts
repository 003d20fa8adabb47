import { didOf, type Recorded } from '../protocol/index.ts'
import { nameOf } from './find.ts'
import type { DocumentsHeld } from './ledger/documents-held.ts'
import { eventsKeptMax } from './limits.ts'

/** Something that happened at this node; ids count up by one. */
export type NodeEvent = {
  readonly id: number
  readonly time: string
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The newest events, for listeners that come and go. Old ones are forgotten, never changed. */
export class EventLog {
  /** A ring: an event's place is its id, modulo its length. */
  readonly #events: NodeEvent[] = []
  readonly #listeners: Set<(event: NodeEvent) => void> = new Set()
  #nextId = 1
  #lastTime = Number.NaN
  #lastTimeText = ''

  /** Notes an event and tells the listeners, whose errors are theirs. */
  emit(type: string, time: number, data: Readonly<Record<string, unknown>>): void {
    // The records of a change have one time, and it takes long to spell.
    if (time !== this.#lastTime) {
      this.#lastTime = time
      this.#lastTimeText = new Date(time).toISOString()
    }
    const id = this.#nextId++
    const event = { id, time: this.#lastTimeText, type, data }
    this.#events[id % eventsKeptMax] = event
    for (const listener of this.#listeners) listener(event)
  }

  /** Events after an id; `gap` where some between are forgotten already. */
  after(id: number): { readonly events: readonly NodeEvent[]; readonly gap: boolean } {
    const first = this.#nextId - this.kept
    const events: NodeEvent[] = []
    for (let next = Math.max(first, id + 1); next < this.#nextId; next++) {
      events.push(this.#events[next % eventsKeptMax] as NodeEvent)
    }
    return { events, gap: id + 1 < first }
  }

  /** Events that are kept. */
  get kept(): number {
    return Math.min(this.newestId, eventsKeptMax)
  }

  /** Id of the newest event; 0 before the first. */
  get newestId(): number {
    return this.#nextId - 1
  }

  /** Calls back for every event from now on, until the returned function is called. */
  listen(listener: (event: NodeEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** What a node tells of records of one change that has become part of a document. */
export function recordNews(
  held: DocumentsHeld,
  records: readonly Recorded[],
): readonly Readonly<Record<string, unknown>>[] {
  const author = records[0]?.author
  if (author === undefined) return []
  // The records of a change have one author, and an id takes longer to spell than all the rest.
  const who = { society: didOf(author), name: nameOf(held, author) }
  return records.map(({ id, kind, void: code }) => ({ id, ...who, kind, void: code }))
}
