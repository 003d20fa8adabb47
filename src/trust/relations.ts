import {
  brokenBondsOf,
  carriesBroken,
  explainTrust,
  jobsKey,
  leaningOf,
  standingOf,
  sumOfTallies,
  trustAt,
  type ActiveVouch,
  type Anomaly,
  type BondStanding,
  type BrokenBond,
  type Edge,
  type FailedVouch,
  type JobHistory,
  type Judged,
  type RecordId,
  type SocietyKey,
  type Tally,
  type TrustExplanation,
  type TrustGraph,
} from '../../protocol/index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { RecordObserver } from '../ledger/observer.ts'
import type { StoreWrite } from '../ports.ts'
import { activeFor, vouchesBy, type VouchKnowledge } from './vouches.ts'

/** What the relations of a federation are told by others of the node. */
export type RelationsParts = {
  readonly held: () => DocumentsHeld
  /** Proof that a society signed two pasts: when it was found, and the records; if there is one. */
  readonly equivocationOf: (
    society: SocietyKey,
  ) => { readonly at: number; readonly records: readonly RecordId[] } | undefined
  /** What the detectors find about a society. */
  readonly anomalyOf: (society: SocietyKey, now: number) => Anomaly
}

type Edges = Map<SocietyKey, Map<SocietyKey, Edge>>

const none: ReadonlyMap<SocietyKey, Edge> = new Map()

function put(edges: Edges, a: SocietyKey, b: SocietyKey, edge: Edge): void {
  const known = edges.get(a)
  if (known === undefined) edges.set(a, new Map([[b, edge]]))
  else known.set(b, edge)
}

/**
 * Who has seen what of whom, over all documents held, kept in step record by record.
 *
 * 1. An edge is the sum of what the folded states tell of its pair, and nothing else.
 * 2. A record changes only the edges of the societies that it is about.
 */
export class Relations implements TrustGraph, RecordObserver {
  readonly #parts: RelationsParts
  readonly #from: Edges = new Map()
  readonly #to: Edges = new Map()
  /** Pools in which jobs were judged, by beneficiary and worker. */
  readonly #judgedIn: Map<SocietyKey, Map<SocietyKey, Set<SocietyKey>>> = new Map()
  /** Societies that ever committed a source to a bond. */
  readonly #bondedBy: Map<string, Set<SocietyKey>> = new Map()

  constructor(parts: RelationsParts) {
    this.#parts = parts
  }

  get #held(): DocumentsHeld {
    return this.#parts.held()
  }

  /** What vouches are judged by. */
  get vouching(): VouchKnowledge {
    return {
      held: this.#held,
      caughtAt: (society) => this.#parts.equivocationOf(society)?.at ?? null,
    }
  }

  /** Builds all edges from the states held, once when they have been loaded. */
  load(): void {
    const held = this.#held
    for (const { society, observed, received, bond, brokenBonds } of held.trusts()) {
      for (const subject of observed.keys()) this.#follow(society, subject)
      for (const { sponsor } of received.values()) this.#follow(sponsor, society)
      for (const { sources } of [...brokenBonds.values(), ...(bond === null ? [] : [bond])]) {
        this.#noteBond(society, sources)
      }
    }
    for (const { society, dealings, jobs } of held.pools()) {
      for (const other of dealings.keys()) this.#followBoth(society, other)
      for (const { beneficiary, worker } of jobs.values()) {
        this.#noteJob(society, beneficiary, worker)
      }
    }
  }

  /** Takes a judged record into account. Nothing of this is stored: the states hold it. */
  consider(record: Judged): readonly StoreWrite[] {
    const { author, outcome } = record
    switch (outcome?.type) {
      case 'observation':
        this.#follow(author, outcome.subject)
        break
      case 'settlement':
        this.#followBoth(author, outcome.buyer)
        break
      case 'take':
        if (outcome.whole !== null) this.#followBoth(author, outcome.whole)
        break
      case 'completion':
        if (outcome.worker !== outcome.beneficiary) {
          this.#noteJob(author, outcome.beneficiary, outcome.worker)
        }
        break
      case 'vouched':
        this.#follow(outcome.sponsor, author)
        break
      case 'bond':
        this.#noteBond(author, outcome.sources)
        break
    }
    return []
  }

  /** A society's document has ended earlier than it was held: its edges are counted anew. */
  cut(society: SocietyKey): void {
    // Following changes the maps that are walked.
    const seen = Array.from(this.#from.get(society)?.keys() ?? [])
    const seenBy = Array.from(this.#to.get(society)?.keys() ?? [])
    for (const other of seen) this.#follow(society, other)
    for (const other of seenBy) this.#follow(other, society)
    // Jobs that two others judged in its pool are among what may have gone.
    for (const [beneficiary, workers] of this.#judgedIn) {
      for (const [worker, pools] of workers) {
        if (pools.has(society)) this.#follow(beneficiary, worker)
      }
    }
  }

  #noteBond(society: SocietyKey, sources: readonly string[]): void {
    for (const source of sources) {
      const known = this.#bondedBy.get(source)
      if (known === undefined) this.#bondedBy.set(source, new Set([society]))
      else known.add(society)
    }
  }

  #noteJob(pool: SocietyKey, beneficiary: SocietyKey, worker: SocietyKey): void {
    const workers = this.#judgedIn.get(beneficiary) ?? new Map<SocietyKey, Set<SocietyKey>>()
    const pools = workers.get(worker) ?? new Set()
    this.#judgedIn.set(beneficiary, workers.set(worker, pools.add(pool)))
    this.#follow(beneficiary, worker)
  }

  #followBoth(a: SocietyKey, b: SocietyKey): void {
    this.#follow(a, b)
    this.#follow(b, a)
  }

  #follow(observer: SocietyKey, subject: SocietyKey): void {
    const counts = sumOfTallies(this.#tallies(observer, subject))
    const received = this.#held.trustIfHeld(subject)?.received.values() ?? []
    const vouched = [...received].some(({ sponsor }) => sponsor === observer)
    const edge = { ...counts, leaning: leaningOf(counts), vouched }
    put(this.#from, observer, subject, edge)
    put(this.#to, subject, observer, edge)
  }

  #tallies(observer: SocietyKey, subject: SocietyKey): readonly Tally[] {
    const held = this.#held
    const tallies: readonly (Tally | undefined)[] = [
      held.trustIfHeld(observer)?.observed.get(subject),
      held.poolIfHeld(observer)?.dealings.get(subject),
      held.poolIfHeld(subject)?.dealings.get(observer),
      ...this.jobsOf(observer, subject),
    ]
    return tallies.filter((tally) => tally !== undefined)
  }

  edgesFrom(observer: SocietyKey): ReadonlyMap<SocietyKey, Edge> {
    return this.#from.get(observer) ?? none
  }

  edgesTo(subject: SocietyKey): ReadonlyMap<SocietyKey, Edge> {
    return this.#to.get(subject) ?? none
  }

  recordsOf(observer: SocietyKey, subject: SocietyKey): readonly RecordId[] {
    return this.#tallies(observer, subject).flatMap(({ newest }) => newest)
  }

  vouchAt(observer: SocietyKey, subject: SocietyKey, now: number): ActiveVouch | undefined {
    const found = activeFor(this.vouching, subject, now).find((v) => v.sponsor === observer)
    return found && { acceptedAt: found.acceptedAt, records: [found.vouch, found.id] }
  }

  jobsOf(observer: SocietyKey, subject: SocietyKey): readonly JobHistory[] {
    const judgedIn = this.#judgedIn.get(observer)?.get(subject)
    if (judgedIn === undefined) return []
    const key = jobsKey(observer, subject)
    return [...judgedIn].sort().flatMap((pool) => this.#held.pool(pool).jobs.get(key) ?? [])
  }

  bondAt(subject: SocietyKey, now: number): BondStanding | undefined {
    const { bond, sources, time } = this.#held.trust(subject)
    return bond === null ? undefined : standingOf(bond, sources, Math.max(now, time))
  }

  /** Whether a society has an active bond. */
  hasActiveBond(society: SocietyKey, now: number): boolean {
    return this.bondAt(society, now)?.state === 'active'
  }

  brokenBondsAt(subject: SocietyKey, now: number): readonly BrokenBond[] {
    const trust = this.#held.trust(subject)
    const own = brokenBondsOf(trust, Math.max(now, trust.time))
    const others = new Map<RecordId, BrokenBond>()
    for (const source of trust.claims.keys()) {
      for (const society of this.#bondedBy.get(source) ?? []) {
        if (society === subject) continue
        const other = this.#held.trust(society)
        for (const broken of brokenBondsOf(other, Math.max(now, other.time))) {
          if (carriesBroken(trust, broken)) others.set(broken.id, broken)
        }
      }
    }
    const carried = [...others.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    return [...own, ...carried]
  }

  failedVouchesAt(subject: SocietyKey, now: number): readonly FailedVouch[] {
    const failed = new Map<SocietyKey, FailedVouch>()
    for (const { given, received, state } of vouchesBy(this.vouching, subject, now)) {
      if (state !== 'failed' || received === null || failed.has(given.to)) continue
      failed.set(given.to, { newcomer: given.to, records: [given.id, received.id] })
    }
    return [...failed.values()]
  }

  anomalyAt(subject: SocietyKey, now: number): Anomaly {
    return this.#parts.anomalyOf(subject, now)
  }

  equivocationOf(subject: SocietyKey): { readonly records: readonly RecordId[] } | undefined {
    return this.#parts.equivocationOf(subject)
  }

  /** Trust in millionths. */
  trustOf(observer: SocietyKey, subject: SocietyKey, now: number): number {
    return trustAt(this, observer, subject, now)
  }

  /** Trust with everything behind it. */
  explain(observer: SocietyKey, subject: SocietyKey, now: number): TrustExplanation {
    return explainTrust(this, observer, subject, now)
  }
}
