import { emptyChain } from '../change/admit.ts'
import type { Actor, Chain } from '../change/types.ts'
import type { SourceType } from '../energy/source-id.ts'
import { actorOf, documentName, type RecordId, type SocietyKey } from '../identity.ts'
import { defaultPolicy, type Policy } from '../policy.ts'
import type { Left } from './outcomes.ts'
import type { Tally } from '../trust/tally.ts'
import type { Bond, BrokenBond } from './bond.ts'
import type { GivenVouch, ReceivedVouch } from './vouch.ts'

/** The newest claim of a source. Capacity in mW, energy in mWh, times in ms since 1970. */
export type Source = {
  readonly id: string
  readonly type: SourceType
  readonly proof: RecordId
  readonly capacity: number
  readonly measuredAt: number
  readonly staleAt: number
  readonly assurance: number
  readonly poweredBy: string | null
  readonly simulated: boolean
  readonly method: string
  /** SHA-256 of the transcript, 64 hex digits; null where there is none. */
  readonly evidence: string | null
  readonly site: { readonly latitude: number; readonly longitude: number } | null
  /** Time of the first proof since it was last free. */
  readonly claimedAt: number
  readonly retired: RecordId | null
  readonly retiredAt: number | null
  /** What an earlier holder charged on it and did not discharge before it gave it up. */
  readonly inherited: readonly Left[]
}

/** What a society attests of another's proof. Plain data. */
export type Attestation = {
  readonly id: RecordId
  readonly at: number
  readonly verdict: boolean
  readonly level: number
  readonly samples: number
}

/** A society's own application to a parent. */
export type Application = {
  readonly id: RecordId
  readonly parent: SocietyKey
  /** Instant from which it has left; null while it stays. */
  readonly leftAt: number | null
}

/** The fold of a `trust` document up to its newest record: plain data. */
export type TrustState = {
  society: SocietyKey
  chain: Chain
  time: number
  founding: {
    readonly id: RecordId
    readonly name: string
    readonly federation: string
    readonly adp: number
  } | null
  policy: Policy
  witnesses: readonly SocietyKey[]
  /** Record by which it joined its federation. */
  joined: RecordId | null
  joinedAt: number | null
  /** Societies it admitted to the federation: their join record, and when. */
  admitted: Map<SocietyKey, { readonly join: RecordId; readonly at: number }>
  /** Certified nodes: PeerId and the last instant of the certificate. */
  nodes: Map<string, number>
  sources: Map<string, Source>
  /** Proofs of others that it attested, oldest first. */
  attested: Map<RecordId, Attestation>
  application: Application | null
  /** Children it admitted: its admission and their application. */
  children: Map<SocietyKey, { readonly admission: RecordId; readonly application: RecordId }>
  /** Since when each source is claimed, retirements aside, and when it was last proven. */
  claims: Map<string, { readonly since: number; readonly provenAt: number }>
  /** What it has written down of others, by subject. */
  observed: Map<SocietyKey, Tally>
  /** The newest bond. */
  bond: Bond | null
  /** Bonds before it that were broken. */
  brokenBonds: Map<RecordId, BrokenBond>
  /** Vouches it gave and accepted, by the id of the vouch. */
  given: Map<RecordId, GivenVouch>
  received: Map<RecordId, ReceivedVouch>
  /** Documents that it proved to have two pasts: its report, when, and the place of the fork. */
  reports: Map<Actor, { readonly id: RecordId; readonly at: number; readonly place: number }>
}

/** The trust document of a society before its first change. */
export function emptyTrust(society: SocietyKey): TrustState {
  return {
    society,
    chain: emptyChain(actorOf('trust', society), documentName('trust', society)),
    time: 0,
    founding: null,
    policy: defaultPolicy,
    witnesses: [],
    joined: null,
    joinedAt: null,
    admitted: new Map(),
    nodes: new Map(),
    sources: new Map(),
    attested: new Map(),
    application: null,
    children: new Map(),
    claims: new Map(),
    observed: new Map(),
    bond: null,
    brokenBonds: new Map(),
    given: new Map(),
    received: new Map(),
    reports: new Map(),
  }
}

/** An independent copy; entries of the maps are never changed in place. */
export function copyTrust(state: TrustState): TrustState {
  return {
    ...state,
    admitted: new Map(state.admitted),
    nodes: new Map(state.nodes),
    sources: new Map(state.sources),
    attested: new Map(state.attested),
    children: new Map(state.children),
    claims: new Map(state.claims),
    observed: new Map(state.observed),
    brokenBonds: new Map(state.brokenBonds),
    given: new Map(state.given),
    received: new Map(state.received),
    reports: new Map(state.reports),
  }
}
