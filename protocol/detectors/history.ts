import type { Claim } from '../claims/claim.ts'
import type { RecordId, SocietyKey } from '../identity.ts'

/** A day in milliseconds. */
export const dayMs = 86_400_000
/** Days of dealings that detectors look back on, the present one included: 13 weeks. */
export const horizonDays = 91

/** The number of the day since 1970 that an instant is in, UTC. */
export function dayOf(time: number): number {
  return Math.floor(time / dayMs)
}

/** Milliseconds of the minute that detectors look at: it begins at the instant they are given. */
const minuteMs = 60_000

/** Whether something is dated after the minute that is looked at, and does not count yet. */
export function isAfter(time: number, now: number): boolean {
  return time - now >= minuteMs
}

/** Jobs that one society did for another on one day, as their beneficiary judged them. */
export type JobDay = {
  readonly worker: SocietyKey
  readonly beneficiary: SocietyKey
  /** Days since 1970. */
  readonly day: number
  readonly jobs: number
  /** Those of a quality below 0.8. */
  readonly failures: number
  /** A few of the completions, in the order of their ids: of good jobs, and of failures. */
  readonly good: readonly RecordId[]
  readonly failed: readonly RecordId[]
}

/** ATP of one batch in a settled trade. */
export type TradedSlice = {
  /** The charge that made the batch. */
  readonly batch: RecordId
  /** mATP. */
  readonly amount: number
}

/** A settled trade. */
export type Trade = {
  readonly id: RecordId
  readonly at: number
  readonly seller: SocietyKey
  readonly buyer: SocietyKey
  readonly slices: readonly TradedSlice[]
}

/** An accepted vouch. */
export type VouchEdge = {
  readonly sponsor: SocietyKey
  readonly newcomer: SocietyKey
  readonly acceptedAt: number
  /** Last instant of its period. */
  readonly until: number
  /** The vouch and its acceptance. */
  readonly records: readonly RecordId[]
}

/** A society as an identity of the federation. */
export type Identity = {
  /** When it was admitted, or by its own word joined. */
  readonly since: number
  /** Its founding record. */
  readonly record: RecordId
}

/** A transcript that a society brought as evidence of a source. */
export type Evidenced = {
  readonly society: SocietyKey
  readonly source: string
  readonly proof: RecordId
  readonly heldSince: number
}

/**
 * The compact history that detectors look at: tallies by day instead of single jobs, and what
 * stands of vouches, claims and violations. It holds no dealings from beyond the horizon. Iteration
 * is in no particular order.
 */
export interface History {
  jobsAsWorker(society: SocietyKey): Iterable<JobDay>
  jobsAsBeneficiary(society: SocietyKey): Iterable<JobDay>
  /** Trades in which a society sold or bought. */
  tradesOf(society: SocietyKey): readonly Trade[]
  tradesOfBatch(batch: RecordId): readonly Trade[]
  /** Societies that one has dealt with within the horizon. */
  partnersOf(society: SocietyKey): ReadonlySet<SocietyKey>
  /** Societies that dealt with anybody within the horizon. */
  activeCount(): number
  identityOf(society: SocietyKey): Identity | undefined
  /** Accepted vouches of a sponsor, and of a newcomer. */
  vouchesBy(sponsor: SocietyKey): readonly VouchEdge[]
  vouchesFor(newcomer: SocietyKey): readonly VouchEdge[]
  /** Sources that a society claims or has claimed. */
  sourcesOf(society: SocietyKey): readonly string[]
  /** All claims of a source, those that are retired too. */
  claimsOf(source: string): readonly Claim[]
  /** Societies whose newest proofs of any source bring the very transcript of this one's. */
  sameEvidence(society: SocietyKey, source: string): readonly Evidenced[]
  /** Records that prove violations of a society: broken bonds, two pasts. */
  violationsOf(society: SocietyKey): readonly RecordId[]
}
