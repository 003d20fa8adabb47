import {
  jobsKey,
  leaningOf,
  recordId,
  sumOfTallies,
  tallied,
  trustAt,
  withJob,
} from '../../protocol/index.ts'
import type {
  ActiveVouch,
  Anomaly,
  BondStanding,
  BrokenBond,
  Edge,
  FailedVouch,
  JobHistory,
  RecordId,
  SocietyKey,
  Tally,
  TrustGraph,
} from '../../protocol/index.ts'

/** A key by number; greater numbers have greater keys. */
export function keyNumbered(number: number): SocietyKey {
  return number.toString(16).padStart(64, '0') as SocietyKey
}

const day = 86_400_000

/** The instant at which every trust world begins. */
export const trustStart: number = Date.UTC(2026, 5, 21, 12)

/**
 * What trust is computed from, written straight into the shape that the rules fold records into:
 * enough to try the formula on any history without a chain behind it.
 */
export class TrustWorld implements TrustGraph {
  now: number = trustStart
  readonly bonds: Map<SocietyKey, BondStanding> = new Map()
  readonly broken: Map<SocietyKey, BrokenBond[]> = new Map()
  readonly vouches: Map<string, ActiveVouch> = new Map()
  readonly failedVouches: Map<SocietyKey, FailedVouch[]> = new Map()
  readonly liars: Set<SocietyKey> = new Set()
  readonly anomalies: Map<SocietyKey, number> = new Map()
  readonly #observed: Map<string, Tally> = new Map()
  readonly #jobs: Map<string, Map<string, JobHistory>> = new Map()
  readonly #from: Map<SocietyKey, Map<SocietyKey, Edge>> = new Map()
  readonly #to: Map<SocietyKey, Map<SocietyKey, Edge>> = new Map()
  #records = 0

  #record(): { readonly id: RecordId; readonly time: number } {
    return { id: recordId(keyNumbered(++this.#records), 0), time: this.now }
  }

  /** An interaction that one has seen of another. */
  observe(observer: SocietyKey, subject: SocietyKey, success: boolean, count = 1): RecordId {
    const key = jobsKey(observer, subject)
    const record = this.#record()
    this.#observed.set(key, tallied(this.#observed.get(key), success, count, record))
    this.#follow(observer, subject)
    return record.id
  }

  /** A job that the observer gave a quality in millionths, in the pool of that name. */
  job(observer: SocietyKey, subject: SocietyKey, quality: number, pool = 'own'): RecordId {
    const key = jobsKey(observer, subject)
    const record = this.#record()
    const pools = this.#jobs.get(key) ?? new Map<string, JobHistory>()
    const pair = { beneficiary: observer, worker: subject }
    pools.set(pool, withJob(pools.get(pool), pair, record, quality))
    this.#jobs.set(key, pools)
    this.#follow(observer, subject)
    return record.id
  }

  /** An active vouch, accepted now. */
  vouch(sponsor: SocietyKey, newcomer: SocietyKey): void {
    const records = [this.#record().id, this.#record().id]
    this.vouches.set(jobsKey(sponsor, newcomer), { acceptedAt: this.now, records })
    this.#follow(sponsor, newcomer)
  }

  /** A bond committed now whose capacity stays proven. */
  commit(society: SocietyKey, lockDays = 30): void {
    const { id } = this.#record()
    const lock = { committedAt: this.now, until: this.now + lockDays * day }
    const terms = { id, sources: ['grid:test:m'], capacity: 1_000, graceMs: day, ...lock }
    const bond = { ...terms, missingSince: null, end: null }
    this.bonds.set(society, { bond, state: 'active', endedAt: null, proven: true })
  }

  #tallies(observer: SocietyKey, subject: SocietyKey): readonly Tally[] {
    const observed = this.#observed.get(jobsKey(observer, subject))
    return [...(observed === undefined ? [] : [observed]), ...this.jobsOf(observer, subject)]
  }

  #follow(observer: SocietyKey, subject: SocietyKey): void {
    const counts = sumOfTallies(this.#tallies(observer, subject))
    const vouched = this.vouches.has(jobsKey(observer, subject))
    const edge = { ...counts, leaning: leaningOf(counts), vouched }
    for (const [edges, a, b] of [
      [this.#from, observer, subject],
      [this.#to, subject, observer],
    ] as const) {
      const known = edges.get(a) ?? new Map<SocietyKey, Edge>()
      edges.set(a, known.set(b, edge))
    }
  }

  edgesFrom(observer: SocietyKey): ReadonlyMap<SocietyKey, Edge> {
    return this.#from.get(observer) ?? new Map()
  }

  edgesTo(subject: SocietyKey): ReadonlyMap<SocietyKey, Edge> {
    return this.#to.get(subject) ?? new Map()
  }

  recordsOf(observer: SocietyKey, subject: SocietyKey): readonly RecordId[] {
    return this.#tallies(observer, subject).flatMap(({ newest }) => newest)
  }

  vouchAt(observer: SocietyKey, subject: SocietyKey): ActiveVouch | undefined {
    return this.vouches.get(jobsKey(observer, subject))
  }

  jobsOf(observer: SocietyKey, subject: SocietyKey): readonly JobHistory[] {
    return [...(this.#jobs.get(jobsKey(observer, subject))?.values() ?? [])]
  }

  bondAt(subject: SocietyKey): BondStanding | undefined {
    return this.bonds.get(subject)
  }

  brokenBondsAt(subject: SocietyKey): readonly BrokenBond[] {
    return this.broken.get(subject) ?? []
  }

  failedVouchesAt(subject: SocietyKey): readonly FailedVouch[] {
    return this.failedVouches.get(subject) ?? []
  }

  anomalyAt(subject: SocietyKey): Anomaly {
    return { severity: this.anomalies.get(subject) ?? 0, records: [] }
  }

  equivocationOf(subject: SocietyKey): { readonly records: readonly RecordId[] } | undefined {
    return this.liars.has(subject) ? { records: [] } : undefined
  }

  /** Trust now, in millionths. */
  trust(observer: SocietyKey, subject: SocietyKey): number {
    return trustAt(this, observer, subject, this.now)
  }
}
