import type { RecordId, SocietyKey } from '../identity.ts'
import { goodQuality } from '../trust/weights.ts'
import { dayOf, horizonDays, type JobDay, type Trade } from './history.ts'

/** Completions of either outcome that a day's tally names. */
const evidencePerDay = 4

type Days = Map<SocietyKey, Map<SocietyKey, Map<number, JobDay>>>

function put<K1, K2, V>(map: Map<K1, Map<K2, V>>, a: K1, b: K2, value: V): void {
  const inner = map.get(a)
  if (inner === undefined) map.set(a, new Map([[b, value]]))
  else inner.set(b, value)
}

function drop<K1, K2, V>(map: Map<K1, Map<K2, V>>, a: K1, b: K2): void {
  const inner = map.get(a)
  inner?.delete(b)
  if (inner?.size === 0) map.delete(a)
}

/** A job as a completion tells of it. */
export type JobEvent = {
  readonly id: RecordId
  readonly at: number
  readonly worker: SocietyKey
  readonly beneficiary: SocietyKey
  /** Millionths. */
  readonly quality: number
}

/** The few least ids: the same whatever order they come in. */
const fewOf = (ids: readonly RecordId[], id: RecordId): readonly RecordId[] =>
  [...ids, id].sort().slice(0, evidencePerDay)

/** A day's tally with one more job. */
export function withJobOfDay(before: JobDay | undefined, job: JobEvent): JobDay {
  const { id, worker, beneficiary, quality } = job
  const isGood = quality >= goodQuality
  const { jobs = 0, failures = 0, good = [], failed = [] } = before ?? {}
  return {
    worker,
    beneficiary,
    day: dayOf(job.at),
    jobs: jobs + 1,
    failures: isGood ? failures : failures + 1,
    good: isGood ? fewOf(good, id) : good,
    failed: isGood ? failed : fewOf(failed, id),
  }
}

/**
 * Jobs and trades of the last 13 weeks, by society. Bounded by the days and pairs that there are,
 * not by how many jobs they did.
 */
export class EventHistory {
  readonly #byWorker: Days = new Map()
  readonly #byBeneficiary: Days = new Map()
  readonly #trades: Map<RecordId, Trade> = new Map()
  /** How many trades two have had, under either of them. */
  readonly #tradedWith: Map<SocietyKey, Map<SocietyKey, number>> = new Map()
  readonly #tradesOf: Map<SocietyKey, Map<RecordId, Trade>> = new Map()
  readonly #tradesOfBatch: Map<RecordId, Map<RecordId, Trade>> = new Map()
  #oldest = 0

  /** Adds a job; answers the tally of its day, or nothing where it is too old to count. */
  addJob(job: JobEvent): JobDay | undefined {
    const day = dayOf(job.at)
    if (day < this.#oldest || job.worker === job.beneficiary) return undefined
    const before = this.#byWorker.get(job.worker)?.get(job.beneficiary)?.get(day)
    const tally = withJobOfDay(before, job)
    this.putJobs(tally)
    return tally
  }

  /** Puts a day's tally in the place of the one before. */
  putJobs(tally: JobDay): void {
    const { worker, beneficiary, day } = tally
    for (const [index, a, b] of [
      [this.#byWorker, worker, beneficiary],
      [this.#byBeneficiary, beneficiary, worker],
    ] as const) {
      const days = index.get(a)?.get(b) ?? new Map<number, JobDay>()
      days.set(day, tally)
      put(index, a, b, days)
    }
  }

  /** Adds a settled trade; false where it is too old to count. */
  addTrade(trade: Trade): boolean {
    if (dayOf(trade.at) < this.#oldest) return false
    this.#trades.set(trade.id, trade)
    put(this.#tradesOf, trade.seller, trade.id, trade)
    put(this.#tradesOf, trade.buyer, trade.id, trade)
    this.#countTrade(trade, 1)
    for (const { batch } of trade.slices) put(this.#tradesOfBatch, batch, trade.id, trade)
    return true
  }

  /** Forgets what is older than the horizon; answers what it has forgotten. */
  forget(now: number): { readonly jobs: readonly JobDay[]; readonly trades: readonly Trade[] } {
    const oldest = dayOf(now) - horizonDays + 1
    if (oldest <= this.#oldest) return { jobs: [], trades: [] }
    this.#oldest = oldest
    const jobs = [...this.#allJobs()].filter(({ day }) => day < oldest)
    const trades = [...this.#trades.values()].filter(({ at }) => dayOf(at) < oldest)
    for (const tally of jobs) this.#dropJobs(tally)
    for (const trade of trades) this.#dropTrade(trade)
    return { jobs, trades }
  }

  #dropJobs({ worker, beneficiary, day }: JobDay): void {
    for (const [index, a, b] of [
      [this.#byWorker, worker, beneficiary],
      [this.#byBeneficiary, beneficiary, worker],
    ] as const) {
      const days = index.get(a)?.get(b)
      days?.delete(day)
      if (days?.size === 0) drop(index, a, b)
    }
  }

  #dropTrade(trade: Trade): void {
    this.#trades.delete(trade.id)
    drop(this.#tradesOf, trade.seller, trade.id)
    drop(this.#tradesOf, trade.buyer, trade.id)
    this.#countTrade(trade, -1)
    for (const { batch } of trade.slices) drop(this.#tradesOfBatch, batch, trade.id)
  }

  #countTrade({ seller, buyer }: Trade, by: 1 | -1): void {
    for (const [one, other] of [
      [seller, buyer],
      [buyer, seller],
    ] as const) {
      const count = (this.#tradedWith.get(one)?.get(other) ?? 0) + by
      if (count === 0) drop(this.#tradedWith, one, other)
      else put(this.#tradedWith, one, other, count)
    }
  }

  /** Whether two have dealt with each other within the horizon. */
  haveDealt(one: SocietyKey, other: SocietyKey): boolean {
    return [this.#byWorker, this.#byBeneficiary, this.#tradedWith].some(
      (index) => index.get(one)?.has(other) === true,
    )
  }

  /** Societies that one has dealt with within the horizon. */
  partnersOf(society: SocietyKey): ReadonlySet<SocietyKey> {
    return new Set([
      ...(this.#byWorker.get(society)?.keys() ?? []),
      ...(this.#byBeneficiary.get(society)?.keys() ?? []),
      ...(this.#tradedWith.get(society)?.keys() ?? []),
    ])
  }

  *#allJobs(): Generator<JobDay> {
    for (const worker of this.#byWorker.keys()) yield* this.jobsAsWorker(worker)
  }

  *jobsAsWorker(society: SocietyKey): Generator<JobDay> {
    for (const days of this.#byWorker.get(society)?.values() ?? []) yield* days.values()
  }

  *jobsAsBeneficiary(society: SocietyKey): Generator<JobDay> {
    for (const days of this.#byBeneficiary.get(society)?.values() ?? []) yield* days.values()
  }

  tradesOf(society: SocietyKey): readonly Trade[] {
    return [...(this.#tradesOf.get(society)?.values() ?? [])]
  }

  tradesOfBatch(batch: RecordId): readonly Trade[] {
    return [...(this.#tradesOfBatch.get(batch)?.values() ?? [])]
  }

  /** Societies that dealt with anybody within the horizon. */
  activeCount(): number {
    const indexes = [this.#byWorker, this.#byBeneficiary, this.#tradesOf]
    return new Set(indexes.flatMap((index) => [...index.keys()])).size
  }
}
