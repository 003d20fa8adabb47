import { didOf, ownerOfActor } from '../../protocol/index.ts'
import type { Actor, SocietyKey, TrustState } from '../../protocol/index.ts'
import { guestChangesMax } from '../limits.ts'
import type { PeerName } from '../ports.ts'

/** Who belongs to the federation in this node's eyes. */
export type Membership = {
  readonly members: ReadonlySet<SocietyKey>
  /** Members by the operator's word: itself, and those of the nodes it was told to start from. */
  readonly roots: ReadonlySet<SocietyKey>
  /** When each member was admitted: by another member, else when it joined. */
  readonly since: ReadonlyMap<SocietyKey, number>
  /** Societies of the federation that have asked to join and are not admitted. */
  readonly applicants: ReadonlySet<SocietyKey>
  /** Which society a node belongs to, by its valid certificate. */
  readonly societyOfPeer: ReadonlyMap<PeerName, SocietyKey>
}

/** Kinds of records that membership follows from. */
export const ofMembership: ReadonlySet<string> = new Set([
  'society.found',
  'society.amend',
  'node.certify',
  'federation.join',
  'federation.admit',
])

/** What membership follows from. */
export type MembershipParts = {
  readonly self: SocietyKey
  readonly federation: string
  readonly now: number
  /** Nodes that the operator chose to start from: their societies are members here. */
  readonly bootstrapPeers: ReadonlySet<PeerName>
  /** Societies besides itself that are members because somebody says so. */
  readonly roots?: Iterable<SocietyKey>
  /** Whether it was founded as open, for as long as its own document does not tell. */
  readonly foundedOpen: boolean
  readonly trusts: Iterable<TrustState>
  /** Societies that signed two pasts: in an open federation they stay, for their documents end. */
  readonly convicted: Iterable<SocietyKey>
}

/**
 * Membership as this node sees it: itself, the societies of the nodes it was told to start from,
 * and everybody whom one of these has admitted; in an open federation everybody who has joined. A
 * view and a node's own refusal, never part of a verdict.
 */
export function membershipOf(view: MembershipParts): Membership {
  const trusts = new Map<SocietyKey, TrustState>()
  const societyOfPeer = new Map<PeerName, SocietyKey>()
  const roots = new Set<SocietyKey>([view.self, ...(view.roots ?? [])])
  let open = view.foundedOpen
  for (const trust of view.trusts) {
    if (trust.founding?.federation !== view.federation) continue
    trusts.set(trust.society, trust)
    if (trust.society === view.self) open = trust.policy.admission === 1
    for (const [peer, until] of trust.nodes) {
      if (until < view.now) continue
      societyOfPeer.set(peer, trust.society)
      if (view.bootstrapPeers.has(peer)) roots.add(trust.society)
    }
  }
  const members = new Set(roots)
  for (const { society, joined } of trusts.values()) {
    if (open && joined !== null) members.add(society)
  }
  if (open) for (const society of view.convicted) members.add(society)
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
  const since = admissionsOf(members, trusts)
  const asking = new Set(applicants.map(({ society }) => society))
  return { members, roots, since, applicants: asking, societyOfPeer }
}

/**
 * When members were admitted: at the earliest admission by another member, which is no earlier
 * than that member's own; whom none has admitted, by its own word when it joined. So nobody gains
 * time by dating back its own records, nor those of the keys that it admits.
 */
function admissionsOf(
  members: ReadonlySet<SocietyKey>,
  trusts: ReadonlyMap<SocietyKey, TrustState>,
): ReadonlyMap<SocietyKey, number> {
  const byOthers = new Set<SocietyKey>()
  for (const member of members) {
    for (const admitted of trusts.get(member)?.admitted.keys() ?? []) {
      if (admitted !== member) byOthers.add(admitted)
    }
  }
  const since = new Map<SocietyKey, number>()
  const spread = (from: SocietyKey, at: number): void => {
    const queue = [{ society: from, at }]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (next.at >= (since.get(next.society) ?? Infinity)) continue
      since.set(next.society, next.at)
      for (const [society, admission] of trusts.get(next.society)?.admitted ?? []) {
        if (!members.has(society)) continue
        queue.push({ society, at: Math.max(admission.at, next.at) })
      }
    }
  }
  const joinedAt = (member: SocietyKey): number => trusts.get(member)?.joinedAt ?? 0
  for (const member of members) if (!byOthers.has(member)) spread(member, joinedAt(member))
  // Founders who have admitted one another: the one that joined first is the first, everywhere.
  const founders = [...members].filter((member) => !since.has(member)).sort()
  founders.sort((a, b) => joinedAt(a) - joinedAt(b))
  for (const founder of founders) if (!since.has(founder)) spread(founder, joinedAt(founder))
  return since
}

/**
 * Whether a society may admit others: one that some other member has admitted, any that has joined
 * an open federation, one that has begun to admit, and of members who admitted nobody before them
 * the one that joined first, for somebody has to begin.
 */
export function mayAdmit(
  society: SocietyKey,
  { members }: Pick<Membership, 'members'>,
  trusts: Iterable<TrustState>,
): boolean {
  const known = [...trusts].filter((trust) => members.has(trust.society))
  const own = known.find((trust) => trust.society === society)
  if (own === undefined || own.joinedAt === null) return false
  if (own.policy.admission === 1 || own.admitted.size > 0) return true
  const others = known.filter((trust) => trust !== own)
  if (others.some(({ admitted }) => admitted.has(society))) return true
  const joined = own.joinedAt
  return others.every((other) => {
    const at = other.joinedAt ?? Infinity
    return joined < at || (joined === at && society < other.society)
  })
}

/** Membership by ids, as the API shows it. */
export type MembershipView = {
  readonly members: readonly string[]
  readonly applicants: readonly string[]
  readonly societyOfPeer: ReadonlyMap<PeerName, string>
}

/** Shows membership by ids. */
export function viewMembership(membership: Membership): MembershipView {
  const { members, applicants, societyOfPeer } = membership
  return {
    members: [...members].map(didOf),
    applicants: [...applicants].map(didOf),
    societyOfPeer: new Map([...societyOfPeer].map(([peer, society]) => [peer, didOf(society)])),
  }
}

/** The places for societies that are no members. */
export type GuestPlaces = {
  /** Whether anything of a society is held. */
  has(society: SocietyKey): boolean
  /** Whether it made room for others lately. */
  isAway(society: SocietyKey): boolean
  readonly isFull: boolean
}

/**
 * Why changes up to a place of a document are not taken from others; undefined where they are.
 * `isNamed` where a member's record waits for one of them: whom a member admits is no crowd.
 */
export function refusalOf(
  { members }: Pick<Membership, 'members'>,
  guests: GuestPlaces,
  actor: Actor,
  seq: number,
  isNamed: boolean,
): string | undefined {
  const owner = ownerOfActor(actor)
  if (owner === undefined) return 'a document of no known kind'
  if (members.has(owner.key)) return undefined
  if (owner.kind === 'pool') return 'the society is no member here'
  if (seq > guestChangesMax) return 'a society that is no member may ask to be admitted, no more'
  if (isNamed || guests.has(owner.key)) return undefined
  if (guests.isAway(owner.key)) return 'the society has made room for others that ask'
  return guests.isFull ? 'too many societies ask to be admitted' : undefined
}
