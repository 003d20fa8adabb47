import type { RecordId, SocietyKey } from '../identity.ts'
import type { BondStanding, BrokenBond } from '../ledger/bond.ts'
import type { Counts } from './direct.ts'
import type { JobHistory } from './jobs.ts'

/** What one society has seen of another, added up. */
export type Edge = Counts & {
  /** `leaningOf` its counts, so that paths need not work it out again. */
  readonly leaning: number
  /** Whether the one has vouched for the other at some time. */
  readonly vouched: boolean
}

/** An active vouch of one society for another. */
export type ActiveVouch = {
  readonly acceptedAt: number
  /** The vouch and its acceptance. */
  readonly records: readonly RecordId[]
}

/** A vouch whose newcomer failed. */
export type FailedVouch = {
  readonly newcomer: SocietyKey
  readonly records: readonly RecordId[]
}

/** What a detector found, as trust takes it. Severity in millionths, 0 where nothing was found. */
export type Anomaly = { readonly severity: number; readonly records: readonly RecordId[] }

/** Records behind an edge, newest of each kind. */
export type EdgeRecords = readonly RecordId[]

/**
 * What trust is computed from. All answers are functions of the records held and the instant asked
 * about; the keys of the maps come in no particular order.
 */
export interface TrustGraph {
  /** Societies that one has seen something of, with what it has seen. */
  edgesFrom(observer: SocietyKey): ReadonlyMap<SocietyKey, Edge>
  /** Societies that have seen something of one, with what they have seen. */
  edgesTo(subject: SocietyKey): ReadonlyMap<SocietyKey, Edge>
  /** Newest records behind an edge. */
  recordsOf(observer: SocietyKey, subject: SocietyKey): EdgeRecords
  /** The vouch of one for the other that is active at an instant. */
  vouchAt(observer: SocietyKey, subject: SocietyKey, now: number): ActiveVouch | undefined
  /** What each pool knows of the jobs whose quality the observer gave. */
  jobsOf(observer: SocietyKey, subject: SocietyKey): readonly JobHistory[]
  /** The newest bond of a society; undefined where it never committed one. */
  bondAt(subject: SocietyKey, now: number): BondStanding | undefined
  /** Broken bonds of a society, and of others over sources that it has taken over since. */
  brokenBondsAt(subject: SocietyKey, now: number): readonly BrokenBond[]
  /** Vouches of a society whose newcomers have failed. */
  failedVouchesAt(subject: SocietyKey, now: number): readonly FailedVouch[]
  /** What the detectors find about a society. */
  anomalyAt(subject: SocietyKey, now: number): Anomaly
  /** Whether the society is proven to have signed two pasts, with the evidence. */
  equivocationOf(subject: SocietyKey): { readonly records: readonly RecordId[] } | undefined
}
