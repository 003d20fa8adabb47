import {
  advancePool,
  copyPool,
  didOf,
  isRecordId,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { ambiguous } from '../ambiguous.ts'
import { Failure } from '../failure.ts'
import { nameOf } from '../find.ts'
import type { Indexes } from '../indexes.ts'
import { Index } from '../ledger/index-of-facts.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Liars } from '../liars.ts'
import type { Membership } from '../membership/membership.ts'
import type { Clock, Log, Store, StoreWrite, Verifier } from '../ports.ts'
import { breatheBy } from '../turns.ts'
import type { Explained } from '../queue/explain.ts'
import { viewBonds, viewVouches, type BondListView, type VouchListView } from './commitments.ts'
import { viewHistory, type HistoryView } from './history.ts'
import { viewPlaces, viewRequest, type QueuePlaceView, type RequestView } from './queue.ts'
import { viewTickets, type TicketListView, type TicketsQuery } from './tickets.ts'

/** What answering questions needs of the node. */
export type ViewsParts = {
  readonly ledger: Ledger
  readonly indexes: Indexes
  readonly liars: Liars
  readonly membership: () => Membership
  readonly store: Store
  readonly verifier: Verifier
  readonly clock: Clock
  readonly log: Log
}

/** A society that this node holds something of, and how it stands to the federation. */
export type NamedSociety = {
  readonly id: string
  readonly name: string
  /** `guest`: it is known here, but neither belongs to the federation nor asks to. */
  readonly membership: 'member' | 'applicant' | 'guest'
}

/** Answers of a node that look at more than one society's state. Changes nothing. */
export class Views {
  readonly #parts: ViewsParts

  constructor(parts: ViewsParts) {
    this.#parts = parts
  }

  /** Every society of which anything is held, by name, then id. */
  societies(): readonly NamedSociety[] {
    const { ledger, membership } = this.#parts
    const { members, applicants } = membership()
    // No name has a character 0, so that names are compared first.
    const rank = ({ name, id }: NamedSociety): string => `${name}\0${id}`
    return [...new Set([...members, ...ledger.held.societies()])]
      .map((key): NamedSociety => {
        const stands = members.has(key) ? 'member' : applicants.has(key) ? 'applicant' : 'guest'
        return { id: didOf(key), name: nameOf(ledger.held, key), membership: stands }
      })
      .toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))
  }

  /** Whether a society is known here by its founding record. */
  knows(society: SocietyKey): boolean {
    return this.#parts.ledger.held.trust(society).founding !== null
  }

  #explained(society: SocietyKey): readonly Explained[] {
    const { ledger, indexes, clock } = this.#parts
    const pool = copyPool(ledger.held.pool(society))
    advancePool(pool, Math.max(clock.now(), pool.time))
    const isLiar = (key: SocietyKey): boolean => ledger.forks.convicted(key)
    return indexes.queue.explained(society, pool.available, isLiar)
  }

  /** What waits for a society, in the order in which it is served, each with its reasons. */
  queue(society: SocietyKey): readonly QueuePlaceView[] {
    return viewPlaces(this.#explained(society), this.#parts.clock.now())
  }

  /** The request that a text names: its id, or a unique prefix among those that are kept. */
  async #findRequest(text: string): Promise<RecordId> {
    if (isRecordId(text)) return text
    const { indexes, store } = this.#parts
    const ids = await indexes.queue.keptLike(store, text)
    if (ids.length > 1) throw ambiguous(text, 'requests', ids)
    const [id] = ids
    if (id !== undefined) return id
    throw new Failure('unknown-reference', `no request '${text}' is known here`)
  }

  /**
   * A request by its id or a prefix, what became of it, and whether its place was honoured. Fails
   * with `unknown-reference` where it is not known here, or was forgotten since it ended.
   */
  async request(text: string): Promise<RequestView> {
    const { ledger, indexes, store } = this.#parts
    const id = await this.#findRequest(text)
    const outcome = (await ledger.index.record(id))?.outcome
    const to = outcome?.type === 'request' ? outcome.to : undefined
    const kept = to === undefined ? [] : await indexes.queue.kept(store, to)
    const entry = kept.find((each) => each.id === id)
    if (entry === undefined) {
      throw new Failure('unknown-reference', `no request ${id} is known here`)
    }
    const place = this.#explained(entry.to).find((each) => each.id === id)
    return viewRequest(entry, place, indexes.queue.auditAmong(entry, kept))
  }

  /** Tickets, the oldest first. */
  tickets(query: TicketsQuery): Promise<readonly TicketListView[]> {
    const { ledger, store, clock } = this.#parts
    const { held, index } = ledger
    return viewTickets({ store, held, index }, query, clock.now())
  }

  /** The newest bond of every society, or of one; oldest first. */
  bonds(society: SocietyKey | null): readonly BondListView[] {
    const { indexes, clock } = this.#parts
    return viewBonds(indexes.relations.vouching, clock.now(), society)
  }

  /** Every vouch, or those of one society; oldest first. */
  vouches(society: SocietyKey | null): readonly VouchListView[] {
    const { indexes, clock } = this.#parts
    return viewVouches(indexes.relations.vouching, clock.now(), society)
  }

  /** A society as the ledger stood at an instant; null for now. Fails as `viewHistory`. */
  history(society: SocietyKey, at: number | null): Promise<HistoryView> {
    const { ledger, indexes, liars, membership, store, verifier, clock, log } = this.#parts
    const parts = {
      store,
      log,
      held: ledger.held,
      // One of its own: what is read of the past must not push out what is being judged.
      index: new Index(store, verifier, ledger.forks),
      note: (writes: readonly StoreWrite[]) => ledger.note(writes),
      breathe: breatheBy(clock),
      now: clock.now(),
      claims: indexes.claims,
      members: () => membership().since,
      caughtAt: (key: SocietyKey) => liars.equivocationOf(key)?.at ?? null,
      queueAt: (key: SocietyKey, time: number) => indexes.queue.orderedAt(store, key, time),
    }
    return viewHistory(parts, society, at)
  }
}
