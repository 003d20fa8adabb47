import { emptyChain } from '../change/admit.ts'
import type { Actor, Chain, ChangeHash } from '../change/types.ts'
import type { Draw, WitnessPath } from '../claims/witnesses.ts'
import { actorOf, documentName, type RecordId, type SocietyKey } from '../identity.ts'
import { defaultPolicy, type Policy } from '../policy.ts'
import type { Tally } from '../trust/tally.ts'
import type { Appointment } from './appointment.ts'
import type { Bond, BrokenBond } from './bond.ts'
import type { Source } from './source.ts'
import type { GivenVouch, ReceivedVouch } from './vouch.ts'

/** What a society attests of another's proof. Plain data. */
export type Attestation = {
  readonly id: RecordId
  readonly at: number
  readonly verdict: boolean
  readonly level: number
  readonly samples: number
  /** How its look reached the source; null where it does not tell. */
  readonly path: WitnessPath | null
  /** SHA-256 of its own transcript, hex. */
  readonly evidence: string | null
  /** By which it was chosen as a witness. */
  readonly draw: Draw | null
  /** Who wrote the proof, and when. */
  readonly prover: SocietyKey
  readonly provenAt: number
  /** Its newest statement about the same proof before this one that said the contrary. */
  readonly contradicts: RecordId | null
}

/** A society's own application to a parent. */
export type Application = {
  readonly id: RecordId
  readonly parent: SocietyKey
  /** Instant from which it has left; null while it stays. */
  readonly leftAt: number | null
}

/** A checkpoint as its author's state has it. Plain data. */
export type CheckpointNoted = {
  readonly id: RecordId
  readonly at: number
  readonly seq: number
  readonly hash: ChangeHash
  readonly digest: string
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
  /** Its sets of witnesses, oldest first: the founding record's, and one for every change. */
  appointments: readonly Appointment[]
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
  /** The newest checkpoint of each of its documents: its record, when, and what it is of. */
  checkpoints: Map<Actor, CheckpointNoted>
}

/** The trust document of a society before its first change. */
export function emptyTrust(society: SocietyKey): TrustState {
  return {
    society,
    chain: emptyChain(actorOf('trust', society), documentName('trust', society)),
    time: 0,
    founding: null,
    policy: defaultPolicy,
    appointments: [],
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
    checkpoints: new Map(),
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
    checkpoints: new Map(state.checkpoints),
  }
}
