import type { SocietyKey } from '../protocol/index.ts'
import type { HistoryKept } from './checkpoint/joining.ts'
import type { CosignPolicy } from './cosign.ts'
import type { WitnessOptions } from './witness/witnessing.ts'
import type {
  Clock,
  Documents,
  Log,
  Network,
  PeerName,
  Plausibility,
  Random,
  Signer,
  Store,
  Verifier,
} from './ports.ts'

/** How a society is founded, the first time its node starts. */
export type Founding = {
  readonly name: string
  readonly federation: string
  /** Decimal of ADP. */
  readonly adp: number | string
  readonly policy: Readonly<Record<string, unknown>>
  readonly witnesses: readonly string[]
}

/** How often a node does what it does regularly. */
export type Timing = {
  /** Between two signed heads of its documents, in ms. */
  readonly headMs: number
  /** Between two looks at a random peer's frontier, in ms. */
  readonly syncMs: number
}

/** What a replica is made of. */
export type ReplicaParts = {
  readonly store: Store
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly verifier: Verifier
  readonly signer: Signer
  readonly documents: Documents
  /** SHA-256 in hex. */
  readonly sha256: (bytes: Uint8Array) => string
  readonly founding: Founding
  /** Nodes that the operator chose to start from: their societies are members here. */
  readonly bootstrapPeers: ReadonlySet<PeerName>
  /** Leaves takes, returns, settlements and claims to the operator. */
  readonly manual: boolean
  /** What it keeps of documents: `all` that ever was (default), or a `window` of it. */
  readonly history?: HistoryKept
  readonly cosign: CosignPolicy
  readonly timing: Timing
  /** Keys that this process holds besides the society's own: of workers that have no node. */
  readonly localSigners?: ReadonlyMap<SocietyKey, Signer>
  /** Refuses what physics does not allow; without it no proof is doubted for that. */
  readonly plausibility?: Plausibility
  /** How this node witnesses and finds witnesses; without it, it does neither. */
  readonly witness?: WitnessOptions
  /** Tells the network which nodes belong to members. */
  readonly onMembers?: (peers: ReadonlySet<PeerName>) => void
}
