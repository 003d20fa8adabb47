import type { Judged, Outcome, RecordId, SocietyKey } from '../../protocol/index.ts'
import { allOf, encodeJson, jsonUnder, keys } from '../ledger/layout.ts'
import type { Store, StoreWrite } from '../ports.ts'

/** Something another society handed over, asked for or decided that awaits an answer. */
export type AgendaItem = {
  readonly id: RecordId
  readonly author: SocietyKey
  readonly outcome: Outcome
}

/** Whom a record's outcome is addressed to; undefined where it waits for nobody. */
function addressee(outcome: Outcome): SocietyKey | undefined {
  switch (outcome.type) {
    case 'grant':
    case 'return':
    case 'revoke':
      return outcome.to
    case 'acceptance':
      return outcome.seller
    case 'settlement':
    case 'decline':
      return outcome.buyer
    default:
      return undefined
  }
}

/** What this society has still to answer. Kept in the store with the changes that bring it. */
export class Agenda {
  /** The society whose agenda it is. */
  readonly self: SocietyKey
  /** Whether this society has accepted of an offer and waits for the seller. */
  readonly #waitsFor: (offer: RecordId) => boolean
  readonly #items: Map<RecordId, AgendaItem> = new Map()

  constructor(self: SocietyKey, waitsFor: (offer: RecordId) => boolean) {
    this.self = self
    this.#waitsFor = waitsFor
  }

  /** Everything that awaits an answer, oldest first. */
  items(): readonly AgendaItem[] {
    return [...this.#items.values()]
  }

  /** Loads what a store holds. */
  async load(store: Store): Promise<void> {
    for await (const each of jsonUnder(store, allOf('agenda'))) {
      const item = each as AgendaItem
      this.#items.set(item.id, item)
    }
  }

  /** Takes a judged record into account; returns what has to be written with it. */
  consider(record: Judged): readonly StoreWrite[] {
    const { id, author, outcome } = record
    if (author === this.self) {
      return record.ended.flatMap((ended) => this.done(ended as RecordId))
    }
    if (outcome === null) return []
    const isOurs =
      outcome.type === 'cancel' ? this.#waitsFor(outcome.ended) : addressee(outcome) === this.self
    if (!isOurs) return []
    const item = { id, author, outcome }
    this.#items.set(id, item)
    return [{ key: keys.agenda(id), value: encodeJson(item) }]
  }

  /** Strikes an item off; returns what has to be written. */
  done(id: RecordId): readonly StoreWrite[] {
    return this.#items.delete(id) ? [{ key: keys.agenda(id) }] : []
  }
}
