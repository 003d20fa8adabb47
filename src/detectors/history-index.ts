import {
  brokenBondsOf,
  EventHistory,
  type Claim,
  type Evidenced,
  type History,
  type Identity,
  type JobDay,
  type Judged,
  type RecordId,
  type SocietyKey,
  type Trade,
  type VouchEdge,
} from '../../protocol/index.ts'
import type { Claims } from '../claims/claims.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import { decodeJson, encodeJson, keys } from '../ledger/layout.ts'
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
  #version = 0

  constructor(parts: HistoryParts) {
    this.#parts = parts
  }

  /** Counts up with every record that may change what is found. */
  get version(): number {
    return this.#version
  }

  /** Loads what is stored, but for what is too old to count. */
  async load(store: Store, now: number): Promise<void> {
    for await (const [, value] of store.range({ gte: 'd/j/', lt: 'd/j0' })) {
      this.#events.putJobs(decodeJson<JobDay>(value))
    }
    for await (const [, value] of store.range({ gte: 'd/t/', lt: 'd/t0' })) {
      this.#events.addTrade(decodeJson<Trade>(value))
    }
    const outdated = this.#forget(now)
    if (outdated.length > 0) await store.write(outdated, { sync: false })
  }

  #forget(now: number): readonly StoreWrite[] {
    const { jobs, trades } = this.#events.forget(now)
    return [
      ...jobs.map((tally) => ({ key: keys.jobs(tally) })),
      ...trades.map((trade) => ({ key: keys.trade(trade) })),
    ]
  }

  /** Takes a judged record into account; returns what has to be written with it. */
  consider(record: Judged): readonly StoreWrite[] {
    const { id, author, time: at, outcome } = record
    this.#version += 1
    if (outcome?.type === 'completion') {
      const { worker, beneficiary, quality } = outcome
      const tally = this.#events.addJob({ id, at, worker, beneficiary, quality })
      if (tally === undefined) return []
      const write = { key: keys.jobs(tally), value: encodeJson(tally) }
      return [write, ...this.#forget(this.#parts.now())]
    }
    if (outcome?.type === 'settlement') {
      const slices = outcome.slices.map(({ batch, amount }) => ({ batch, amount }))
      const trade = { id, at, seller: author, buyer: outcome.buyer, slices }
      if (!this.#events.addTrade(trade)) return []
      const write = { key: keys.trade(trade), value: encodeJson(trade) }
      return [write, ...this.#forget(this.#parts.now())]
    }
    return []
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
