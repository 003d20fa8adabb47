import type { SocietyKey, TrustState } from '../protocol/index.ts'
import type { PeerName } from './ports.ts'

/** Who belongs to the federation in this node's eyes. */
export type Membership = {
  readonly members: ReadonlySet<SocietyKey>
  /** Societies of the federation that have asked to join and are not admitted. */
  readonly applicants: ReadonlySet<SocietyKey>
  /** Which society a node belongs to, by its valid certificate. */
  readonly societyOfPeer: ReadonlyMap<PeerName, SocietyKey>
}

/** What membership follows from. */
export type MembershipView = {
  readonly self: SocietyKey
  readonly federation: string
  readonly now: number
  /** Nodes that the operator chose to start from: their societies are members here. */
  readonly bootstrapPeers: ReadonlySet<PeerName>
  readonly trusts: Iterable<TrustState>
}

/**
 * Membership as this node sees it: itself, the societies of the nodes it was told to start from,
 * and everybody whom one of these has admitted; in an open federation everybody who has joined. A
 * view and a node's own refusal, never part of a verdict.
 */
export function membershipOf(view: MembershipView): Membership {
  const trusts = new Map<SocietyKey, TrustState>()
  const societyOfPeer = new Map<PeerName, SocietyKey>()
  const members = new Set<SocietyKey>([view.self])
  let open = false
  for (const trust of view.trusts) {
    if (trust.founding?.federation !== view.federation) continue
    trusts.set(trust.society, trust)
    if (trust.society === view.self) open = trust.policy.admission === 1
    for (const [peer, until] of trust.nodes) {
      if (until < view.now) continue
      societyOfPeer.set(peer, trust.society)
      if (view.bootstrapPeers.has(peer)) members.add(trust.society)
    }
  }
  for (const { society, joined } of trusts.values()) {
    if (open && joined !== null) members.add(society)
  }
  const queue = [...members]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const admitted of trusts.get(next)?.admitted.keys() ?? []) {
      if (members.has(admitted)) continue
      members.add(admitted)
      queue.push(admitted)
    }
  }
  const applicants = [...trusts.values()].filter(
    ({ society, joined }) => joined !== null && !members.has(society),
  )
  return { members, applicants: new Set(applicants.map(({ society }) => society)), societyOfPeer }
}
