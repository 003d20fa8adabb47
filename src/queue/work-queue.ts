import {
  datedAheadMsMax,
  didOf,
  type Code,
  type Fault,
  type Judged,
  type OutcomeOf,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { allOf, decodeJson, encodeJson, jsonUnder, keys } from '../ledger/layout.ts'
import type { RecordObserver } from '../ledger/observer.ts'
import { rateWindowMs, requestsKeptMs } from '../limits.ts'
import type { Store, StoreWrite } from '../ports.ts'
import { auditPlace, rankAt, type PlaceAudit } from './audit.ts'
import { explainQueue, type Explained, type IsLiar } from './explain.ts'
import type { QueueKnowledge } from './knowledge.ts'
import { comparePlaces, orderQueue, tierOf, type Ranked } from './order.ts'
import {
  countFault,
  impossibleFault,
  isImpossible,
  type Receiver,
  type Recent,
} from './refusals.ts'
import { isOpen, lastInstantOf, wasOpen, type Asked, type Entry, type Served } from './request.ts'

/** Something about a request that its parties are told. */
export type QueueNotice = {
  readonly type: 'request-refused' | 'request-dropped'
  readonly data: Readonly<Record<string, string | null>>
}

type Arrival = Recent & { readonly arrivedAt: number }

/**
 * The queues of all societies as this node sees them, kept up to date record by record.
 *
 * 1. In memory is what waits, and who asked within the last hour; what has ended is on disk alone.
 * 2. Whether a request is queued is decided once, when it arrives, and kept with it.
 * 3. Order is made when it is looked at: trust and age change without any record of the queue.
 */
export class WorkQueue implements RecordObserver {
  readonly #self: SocietyKey
  readonly #knowledge: () => QueueKnowledge
  readonly #open: Map<SocietyKey, Map<RecordId, Entry>> = new Map()
  readonly #arrivals: Map<SocietyKey, Arrival[]> = new Map()
  readonly #byId: Map<RecordId, Entry> = new Map()
  #notices: QueueNotice[] = []
  #nextDrop = Infinity

  constructor(self: SocietyKey, knowledge: () => QueueKnowledge) {
    this.#self = self
    this.#knowledge = knowledge
  }

  /** Loads what waits, and forgets what ended long ago. */
  async load(store: Store, now: number): Promise<void> {
    const outdated: StoreWrite[] = []
    for await (const [key, value] of store.range(allOf('request'))) {
      const entry = decodeJson(value) as Entry
      const isLive = entry.refused === null && entry.served === null && !entry.dropped
      if (isLive) this.#add(entry)
      else if (entry.submittedAt + requestsKeptMs < now) outdated.push({ key })
      if (entry.refused === null) this.#noteArrival(entry, now)
    }
    if (outdated.length > 0) await store.write(outdated, { sync: false })
  }

  /** Takes a judged record into account: a request, or a ticket that serves one. */
  consider(record: Judged): readonly StoreWrite[] {
    const { outcome } = record
    if (outcome?.type === 'request') return [this.#take(record, outcome)]
    if (outcome?.type !== 'ticket' || outcome.request === null) return []
    const entry = this.#byId.get(outcome.request)
    if (entry === undefined || entry.to !== record.author) return []
    return [this.#end(entry, { served: servedBy(record, outcome) })]
  }

  #take(record: Judged, outcome: OutcomeOf<'request'>): StoreWrite {
    const { id, author: requester, time: submittedAt } = record
    const { to, amount, urgency, efficiency, deadline, critical } = outcome
    const facts = { requester, to, amount, urgency, efficiency, submittedAt, deadline, critical }
    const arrivedAt = this.#knowledge().now()
    const refusal = this.#refusalOnArrival(facts, arrivedAt)
    const refused = refusal?.code ?? null
    const entry: Entry = { id, ...facts, arrivedAt, refused, served: null, dropped: false }
    if (refused === null) {
      this.#add(entry)
      this.#noteArrival(entry, arrivedAt)
    } else {
      this.#notice('request-refused', entry, refused)
    }
    return writeOf(entry)
  }

  /** What others have is known for sure only while it happens: no old request is judged by it. */
  #refusalOnArrival(asked: Asked, now: number): Fault | null {
    const receiver = this.#receiver(asked.to)
    const isLive = asked.to === this.#self || now - asked.submittedAt <= datedAheadMsMax
    const impossible = isLive ? impossibleFault(asked, receiver) : null
    return impossible ?? countFault(asked, receiver)
  }

  /** Why a request would not be queued, as far as this node knows. */
  refusal(asked: Asked): Fault | null {
    const receiver = this.#receiver(asked.to)
    return impossibleFault(asked, receiver) ?? countFault(asked, receiver)
  }

  #receiver(to: SocietyKey): Receiver {
    const known = this.#knowledge()
    return {
      capacity: known.capacityOf(to),
      held: known.heldBy(to),
      queued: this.#open.get(to)?.size ?? 0,
      recent: this.#arrivals.get(to) ?? [],
      trustOf: (requester) => known.trustOf(to, requester),
      hasActiveBond: known.hasActiveBond,
    }
  }

  #add(entry: Entry): void {
    const open = this.#open.get(entry.to) ?? new Map<RecordId, Entry>()
    open.set(entry.id, entry)
    this.#open.set(entry.to, open)
    this.#byId.set(entry.id, entry)
    this.#noteDeadline(entry)
  }

  #noteArrival(entry: Entry, now: number): void {
    const { to, requester, submittedAt: at, arrivedAt } = entry
    const isYoung = (arrival: Arrival): boolean =>
      Math.max(arrival.at, arrival.arrivedAt) > now - rateWindowMs
    const arrivals = [...(this.#arrivals.get(to) ?? []), { requester, at, arrivedAt }]
    this.#arrivals.set(to, arrivals.filter(isYoung))
  }

  #end(entry: Entry, how: { readonly served: Served } | { readonly dropped: true }): StoreWrite {
    this.#byId.delete(entry.id)
    this.#open.get(entry.to)?.delete(entry.id)
    return writeOf({ ...entry, ...how })
  }

  #notice(type: QueueNotice['type'], entry: Entry, code: Code | null): void {
    const { id: request, requester, to } = entry
    if (requester !== this.#self && to !== this.#self) return
    const data = { request, requester: didOf(requester), to: didOf(to), code }
    this.#notices.push({ type, data })
  }

  /** What the parties of requests have to be told since the last call. */
  takeNotices(): readonly QueueNotice[] {
    const notices = this.#notices
    this.#notices = []
    return notices
  }

  /** Drops what is past its deadline; returns what has to be written. Free while nothing is due. */
  drop(now: number): readonly StoreWrite[] {
    if (now < this.#nextDrop) return []
    const over = [...this.#byId.values()].filter((entry) => !isOpen(entry, now))
    const writes = over.map((entry) => {
      this.#notice('request-dropped', entry, 'expired')
      return this.#end(entry, { dropped: true })
    })
    this.#nextDrop = Infinity
    for (const entry of this.#byId.values()) this.#noteDeadline(entry)
    return writes
  }

  #noteDeadline(entry: Entry): void {
    this.#nextDrop = Math.min(this.#nextDrop, lastInstantOf(entry) + 1)
  }

  /** No request that waits is past its deadline before this instant; Infinity for none. */
  get nextDrop(): number {
    return this.#nextDrop
  }

  /** Whether anybody waits for a society. */
  isWaitedFor(society: SocietyKey): boolean {
    return (this.#open.get(society)?.size ?? 0) > 0
  }

  /** What waits for a society, in the order in which it will be served. */
  ordered(society: SocietyKey): readonly Ranked[] {
    const known = this.#knowledge()
    const now = known.now()
    const open = [...(this.#open.get(society)?.values() ?? [])]
    return orderQueue(
      open.filter((entry) => isOpen(entry, now)),
      {
        now,
        ageingMs: known.ageingOf(society),
        trustOf: (requester) => known.trustOf(society, requester),
      },
    )
  }

  /** A request that waits, with its class now; undefined where it does not wait. */
  find(id: RecordId): Ranked | undefined {
    const entry = this.#byId.get(id)
    return entry && this.ordered(entry.to).find((ranked) => ranked.id === id)
  }

  /** Ids of all requests that wait. */
  ids(): Iterable<RecordId> {
    return this.#byId.keys()
  }

  /** Every request to a society that is kept, whatever became of it. */
  async kept(store: Store, to: SocietyKey): Promise<readonly Entry[]> {
    const entries: Entry[] = []
    for await (const each of jsonUnder(store, allOf('request', to))) entries.push(each as Entry)
    return entries
  }

  /** Ids of the kept requests, to whomever, that begin with a text. */
  async keptLike(store: Store, text: string): Promise<readonly RecordId[]> {
    const ids: RecordId[] = []
    for await (const [key] of store.range(allOf('request'))) {
      const id = key.slice(key.lastIndexOf('/') + 1)
      if (id.startsWith(text)) ids.push(id as RecordId)
    }
    return ids
  }

  /** Whether the place of a request was honoured; undefined where this node does not know it. */
  async audit(store: Store, to: SocietyKey, id: RecordId): Promise<PlaceAudit | undefined> {
    const entries = await this.kept(store, to)
    const asked = entries.find((entry) => entry.id === id)
    return asked && this.auditAmong(asked, entries)
  }

  /** The same for a request among all that are kept of its receiver. */
  auditAmong(asked: Entry, entries: readonly Entry[]): PlaceAudit {
    const known = this.#knowledge()
    return auditPlace(asked, entries, known.ageingOf(asked.to), known.now())
  }

  /** What waited for a society at an earlier instant, in the order of then by present trust. */
  async orderedAt(store: Store, society: SocietyKey, at: number): Promise<readonly Ranked[]> {
    const known = this.#knowledge()
    const entries = await this.kept(store, society)
    return entries
      .filter((entry) => wasOpen(entry, at))
      .map((entry) => {
        const tier = tierOf(known.trustOf(society, entry.requester))
        return rankAt(entry, at, known.ageingOf(society), tier)
      })
      .sort(comparePlaces)
  }

  /** What waits for a society with so much free ATP, in mATP, and why each stands where it does. */
  explained(society: SocietyKey, free: number, isLiar: IsLiar): readonly Explained[] {
    const known = this.#knowledge()
    const [capacity, held] = [known.capacityOf(society), known.heldBy(society)]
    return explainQueue(this.ordered(society), {
      now: known.now(),
      ageingMs: known.ageingOf(society),
      trustOf: (requester) => known.trustOf(society, requester),
      isLiar,
      free,
      isPossible: (amount) => !isImpossible(amount, capacity, held),
    })
  }
}

function servedBy(record: Judged, ticket: OutcomeOf<'ticket'>): Served {
  return { ticket: record.id, at: record.time, class: ticket.class }
}

function writeOf(entry: Entry): StoreWrite {
  return { key: keys.request(entry.to, entry.id), value: encodeJson(entry) }
}
