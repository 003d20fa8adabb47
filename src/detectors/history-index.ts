import {
  brokenBondsOf,
  EventHistory,
  type Claim,
  type Evidenced,
  type History,
  type Identity,
  type JobDay,
  type Judged,
  type OutcomeOf,
  type RecordId,
  type SocietyKey,
  type Trade,
  type VouchEdge,
} from '../../protocol/index.ts'
import type { Claims } from '../claims/claims.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import { allOf, encodeJson, jsonUnder, keys } from '../ledger/layout.ts'
import type { RecordObserver } from '../ledger/observer.ts'
import type { Store, StoreWrite } from '../ports.ts'

/** What the history is told by others of the node. */
export type HistoryParts = {
  readonly held: () => DocumentsHeld
  readonly claims: () => Claims
  readonly now: () => number
  /** When a society became a member in this node's eyes; undefined for one that is none. */
  readonly memberSince: (society: SocietyKey) => number | undefined
  /** Records that prove that a society signed two pasts; undefined where it did not. */
  readonly equivocationOf: (
    society: SocietyKey,
  ) => { readonly records: readonly RecordId[] } | undefined
}

/**
 * The history that detectors look at, kept in step record by record.
 *
 * 1. Tallies of jobs and trades of 13 weeks are its own, stored in the batch that changes them.
 * 2. Vouches, claims, identities and violations are read from the states when they are asked for.
 */
export class HistoryIndex implements History, RecordObserver {
  readonly #parts: HistoryParts
  readonly #events: EventHistory = new EventHistory()
  /** Counts what may change the answer about anybody, and by society what changes its own. */
  #structure = 0
  readonly #dealings: Map<SocietyKey, number> = new Map()
  readonly #outdated: StoreWrite[] = []
  /** Time of the record that was considered last. */
  #consideredAt = Number.NaN

  constructor(parts: HistoryParts) {
    this.#parts = parts
  }

  /** What an answer about a society is good for: it changes with whatever may change the answer. */
  versionOf(society: SocietyKey): string {
    return `${this.#structure}/${this.#dealings.get(society) ?? 0}`
  }

  /** Forgets what has become too old to count by an instant. */
  advance(now: number): void {
    const { jobs, trades } = this.#events.forget(now)
    if (jobs.length + trades.length === 0) return
    this.#structure += 1
    this.#outdated.push(...jobs.map((tally) => ({ key: keys.jobs(tally) })))
    this.#outdated.push(...trades.map((trade) => ({ key: keys.trade(trade) })))
  }

  /** Loads what is stored, but for what is too old to count. */
  async load(store: Store, now: number): Promise<void> {
    for await (const each of jsonUnder(store, allOf('jobs'))) {
      this.#events.putJobs(each as JobDay)
    }
    for await (const each of jsonUnder(store, allOf('trade'))) {
      this.#events.addTrade(each as Trade)
    }
    this.advance(now)
    const outdated = this.#outdated.splice(0)
    if (outdated.length > 0) await store.write(outdated, { sync: false })
  }

  /** Takes a judged record into account; returns what has to be written with it. */
  consider(record: Judged): readonly StoreWrite[] {
    const { outcome, time } = record
    // Once a change: what is too old shows by the day.
    if (time !== this.#consideredAt) this.advance(this.#parts.now())
    this.#consideredAt = time
    const outdated = this.#outdated.splice(0)
    if (outcome?.type === 'completion') return [...outdated, ...this.#addJob(record, outcome)]
    if (outcome?.type === 'settlement') return [...outdated, ...this.#addTrade(record, outcome)]
    // Everything else that detectors look at is in trust documents, and seldom.
    if (record.document === 'trust') this.#structure += 1
    return outdated
  }

  #addJob(record: Judged, outcome: OutcomeOf<'completion'>): readonly StoreWrite[] {
    const { id, time: at } = record
    const { worker, beneficiary, quality } = outcome
    this.#changed(worker, beneficiary, [])
    const tally = this.#events.addJob({ id, at, worker, beneficiary, quality })
    return tally === undefined ? [] : [{ key: keys.jobs(tally), value: encodeJson(tally) }]
  }

  #addTrade(record: Judged, outcome: OutcomeOf<'settlement'>): readonly StoreWrite[] {
    const { id, author: seller, time: at } = record
    const { buyer } = outcome
    const slices = outcome.slices.map(({ batch, amount }) => ({ batch, amount }))
    const batches = slices.map(({ batch }) => batch)
    this.#changed(seller, buyer, batches)
    const trade = { id, at, seller, buyer, slices }
    if (!this.#events.addTrade(trade)) return []
    return [{ key: keys.trade(trade), value: encodeJson(trade) }]
  }

  /** Two deal with each other: what is found of them may change, and where it is new, of others. */
  #changed(one: SocietyKey, other: SocietyKey, batches: readonly RecordId[]): void {
    if (!this.#events.haveDealt(one, other)) this.#structure += 1
    const touched = new Set([one, other])
    for (const batch of batches) {
      for (const { seller, buyer } of this.#events.tradesOfBatch(batch)) {
        touched.add(seller).add(buyer)
      }
    }
    for (const society of touched) {
      this.#dealings.set(society, (this.#dealings.get(society) ?? 0) + 1)
    }
  }

  jobsAsWorker(society: SocietyKey): Iterable<JobDay> {
    return this.#events.jobsAsWorker(society)
  }

  jobsAsBeneficiary(society: SocietyKey): Iterable<JobDay> {
    return this.#events.jobsAsBeneficiary(society)
  }

  tradesOf(society: SocietyKey): readonly Trade[] {
    return this.#events.tradesOf(society)
  }

  tradesOfBatch(batch: RecordId): readonly Trade[] {
    return this.#events.tradesOfBatch(batch)
  }

  partnersOf(society: SocietyKey): ReadonlySet<SocietyKey> {
    return this.#events.partnersOf(society)
  }

  activeCount(): number {
    return this.#events.activeCount()
  }

  identityOf(society: SocietyKey): Identity | undefined {
    const since = this.#parts.memberSince(society)
    const record = this.#parts.held().trust(society).founding?.id
    return since === undefined || record === undefined ? undefined : { since, record }
  }

  vouchesBy(sponsor: SocietyKey): readonly VouchEdge[] {
    const held = this.#parts.held()
    return [...held.trust(sponsor).given.values()].flatMap(({ id, to }) => {
      const received = held.trust(to).received.get(id)
      return received === undefined ? [] : [edgeOf(to, received)]
    })
  }

  vouchesFor(newcomer: SocietyKey): readonly VouchEdge[] {
    const { received } = this.#parts.held().trust(newcomer)
    return [...received.values()].map((vouch) => edgeOf(newcomer, vouch))
  }

  sourcesOf(society: SocietyKey): readonly string[] {
    return [...this.#parts.held().trust(society).sources.keys()]
  }

  claimsOf(source: string): readonly Claim[] {
    return this.#parts.claims().claimsOf(source)
  }

  sameEvidence(society: SocietyKey, source: string): readonly Evidenced[] {
    return this.#parts.claims().sameEvidence(society, source)
  }

  violationsOf(society: SocietyKey): readonly RecordId[] {
    const trust = this.#parts.held().trust(society)
    const broken = brokenBondsOf(trust, Math.max(this.#parts.now(), trust.time))
    const caught = this.#parts.equivocationOf(society)?.records ?? []
    return [...broken.map(({ id }) => id), ...caught]
  }
}

function edgeOf(
  newcomer: SocietyKey,
  received: {
    readonly id: RecordId
    readonly vouch: RecordId
    readonly sponsor: SocietyKey
    readonly acceptedAt: number
    readonly until: number
  },
): VouchEdge {
  const { id, vouch, sponsor, acceptedAt, until } = received
  return { sponsor, newcomer, acceptedAt, until, records: [vouch, id] }
}
