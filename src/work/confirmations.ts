import { partsOfRecordId, type RecordId } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { allOf, encodeJson, jsonUnder, keys } from '../ledger/layout.ts'
import { confirmationsMax, confirmedUnknownMs } from '../limits.ts'
import type { Clock, Store, StoreWrite } from '../ports.ts'
import type { Span } from './spans.ts'

/** What an operator says of a ticket's work: its quality in millionths, and when it was done. */
export type Confirmed = {
  readonly quality: number
  /** Left out, it was done at any time while the ticket was open. */
  readonly worked?: Span
}

/** What remembering confirmations needs of the node. */
export type ConfirmationsParts = {
  readonly store: Store
  readonly held: DocumentsHeld
  readonly index: Index
  readonly clock: Clock
}

type Kept = Confirmed & { readonly ticket: RecordId; readonly at: number }

/** What the operator has confirmed of others' tickets: on disk, until the ticket has ended. */
export class Confirmations {
  readonly #parts: ConfirmationsParts
  #kept: Promise<Map<RecordId, Kept>> | undefined

  constructor(parts: ConfirmationsParts) {
    this.#parts = parts
  }

  /**
   * Keeps what is said of a ticket in the place of what was said before; on disk when it returns.
   * Fails with `rate-limited` where too many tickets wait for their work to be done.
   */
  async confirm(ticket: RecordId, confirmed: Confirmed): Promise<void> {
    const { store, clock } = this.#parts
    const kept = await this.#all()
    const over: RecordId[] = []
    if (kept.size >= confirmationsMax) {
      for (const each of kept.values()) if (await this.#isOver(each)) over.push(each.ticket)
      if (kept.size - over.length >= confirmationsMax && !kept.has(ticket)) {
        const many = `work of ${kept.size} tickets is confirmed and not done yet`
        throw new Failure('rate-limited', `${many}; it can be done, or its deadline awaited`)
      }
    }
    const now: Kept = { ...confirmed, ticket, at: clock.now() }
    const forgotten = over.map((each): StoreWrite => ({ key: keys.confirmed(each) }))
    const write = { key: keys.confirmed(ticket), value: encodeJson(now) }
    await store.write([...forgotten, write], { sync: true })
    for (const each of over) kept.delete(each)
    kept.set(ticket, now)
  }

  /** What was confirmed of a ticket; undefined where nothing was. */
  async of(ticket: RecordId): Promise<Confirmed | undefined> {
    return (await this.#all()).get(ticket)
  }

  /** Whether nobody will ask for it any more. */
  async #isOver({ ticket, at }: Kept): Promise<boolean> {
    const { held, index, clock } = this.#parts
    const facts = await index.facts(partsOfRecordId(ticket).hash)
    if (facts === undefined) return at + confirmedUnknownMs < clock.now()
    const state = held.ofActor(facts.actor)
    return state === undefined || !('tickets' in state) || !state.tickets.has(ticket)
  }

  #all(): Promise<Map<RecordId, Kept>> {
    return (this.#kept ??= this.#load())
  }

  async #load(): Promise<Map<RecordId, Kept>> {
    const kept = new Map<RecordId, Kept>()
    for await (const each of jsonUnder(this.#parts.store, allOf('confirmed'))) {
      kept.set((each as Kept).ticket, each as Kept)
    }
    return kept
  }
}
