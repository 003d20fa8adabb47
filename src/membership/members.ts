import { ownerOfActor, type Actor, type SocietyKey } from '../../protocol/index.ts'
import { poolTopic } from '../gossip.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { guestChangesMax, membersLookMs } from '../limits.ts'
import type { Guests } from './guests.ts'
import { membershipOf, refusalOf, type Membership } from './membership.ts'
import type { Clock, Network, PeerName } from '../ports.ts'
import type { Founding } from '../replica-parts.ts'

/** What following the members of a federation needs of the node. */
export type MembersParts = {
  readonly ledger: Ledger
  readonly network: Network
  readonly clock: Clock
  readonly founding: Founding
  readonly guests: () => Pick<Guests, 'has' | 'isAway' | 'isFull' | 'look'>
  readonly bootstrapPeers: ReadonlySet<PeerName>
  /** Told who the members' nodes are. */
  readonly onMembers: ((peers: ReadonlySet<PeerName>) => void) | undefined
}

/** The members as this node sees them, followed as records arrive: their topics and their nodes. */
export class Members {
  readonly #parts: MembersParts
  readonly #subscribed: Set<SocietyKey> = new Set()
  #membership: Membership
  #lookedAt = 0

  constructor(parts: MembersParts) {
    this.#parts = parts
    this.#membership = this.#look()
  }

  /** Membership as it was last looked at. */
  get current(): Membership {
    return this.#membership
  }

  /** Whether it may have changed by time alone since: certificates of nodes end. */
  get isOld(): boolean {
    return Math.abs(this.#parts.clock.now() - this.#lookedAt) >= membersLookMs
  }

  #look(): Membership {
    const { ledger, founding, clock, bootstrapPeers } = this.#parts
    this.#lookedAt = clock.now()
    return membershipOf({
      self: ledger.self,
      federation: founding.federation,
      now: clock.now(),
      bootstrapPeers,
      foundedOpen: founding.policy['admission'] === 'open',
      trusts: ledger.held.trusts(),
      convicted: ledger.forks.societies,
    })
  }

  /** Looks again and follows whoever is new; whether their number has changed. */
  follow(): boolean {
    const { network, founding, onMembers } = this.#parts
    const before = this.#membership.members.size
    this.#membership = this.#look()
    const { members, societyOfPeer } = this.#membership
    for (const member of members) {
      if (this.#subscribed.has(member)) continue
      this.#subscribed.add(member)
      network.subscribe(poolTopic(founding.federation, member))
    }
    const peers = [...societyOfPeer].filter(([, society]) => members.has(society))
    onMembers?.(new Set(peers.map(([peer]) => peer)))
    return members.size !== before
  }

  /** Why changes up to a place of a document are not taken from others. */
  refusal(actor: Actor, seq: number, isNamed = false): string | undefined {
    const guests = this.#parts.guests()
    const refusal = refusalOf(this.#membership, guests, actor, seq, isNamed)
    // Whoever is turned away may find room the next time.
    if (refusal !== undefined && seq <= guestChangesMax) guests.look()
    return refusal
  }

  /** The member that a node belongs to, by its valid certificate. */
  memberOf(peer: PeerName): SocietyKey | undefined {
    const { members, societyOfPeer } = this.#membership
    const society = societyOfPeer.get(peer)
    return society !== undefined && members.has(society) ? society : undefined
  }

  /**
   * Whether a document's owner is a member or has asked to be one: what is said about anybody else
   * costs a stranger a key and nothing more, and is not kept.
   */
  knows(actor: Actor): boolean {
    const owner = ownerOfActor(actor)
    if (owner === undefined || this.refusal(actor, 1) !== undefined) return false
    return this.#parts.ledger.held.has('trust', owner.key)
  }

  /** Nodes of a society that are certified, connected ones first. */
  peersOf(society: SocietyKey): readonly PeerName[] {
    const connected = new Set(this.#parts.network.peers())
    const peers = [...this.#membership.societyOfPeer]
      .filter(([, owner]) => owner === society)
      .map(([peer]) => peer)
    return [
      ...peers.filter((peer) => connected.has(peer)),
      ...peers.filter((peer) => !connected.has(peer)),
    ]
  }
}
