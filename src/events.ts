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
  readonly #events: NodeEvent[] = []
  readonly #listeners: Set<(event: NodeEvent) => void> = new Set()
  #nextId = 1

  /** Notes an event and tells the listeners, whose errors are theirs. */
  emit(type: string, time: number, data: Readonly<Record<string, unknown>>): void {
    const event = { id: this.#nextId++, time: new Date(time).toISOString(), type, data }
    this.#events.push(event)
    if (this.#events.length > eventsKeptMax) this.#events.shift()
    for (const listener of this.#listeners) listener(event)
  }

  /** Events after an id; `gap` where some between are forgotten already. */
  after(id: number): { readonly events: readonly NodeEvent[]; readonly gap: boolean } {
    const first = this.#events[0]?.id ?? this.#nextId
    return { events: this.#events.filter((event) => event.id > id), gap: id + 1 < first }
  }

  /** Events that are kept. */
  get kept(): number {
    return this.#events.length
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
