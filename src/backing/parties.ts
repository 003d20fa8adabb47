import { actorOf, type Actor, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import type { Claims } from '../claims/claims.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Membership } from '../membership/membership.ts'
import type { BackingFound } from '../view/backing.ts'

/** What finding out whose word an answer goes by needs. */
export type PartiesParts = {
  readonly held: DocumentsHeld
  readonly claims: Claims
  readonly membership: Membership
}

/** Whose documents an answer reads as a whole. */
export type Parties = {
  /** Societies whose claims, attestations, policy or admissions count. */
  readonly trusts: ReadonlySet<SocietyKey>
  /** Those whose pools are asked for more than the records that are named. */
  readonly pools: ReadonlySet<SocietyKey>
  /** The holder and those who charged: on their word the answer rests. */
  readonly pledged: ReadonlySet<SocietyKey>
}

/** Members who admitted others, by whom they admitted. */
function admittersOf({
  held,
  membership,
}: PartiesParts): ReadonlyMap<SocietyKey, readonly SocietyKey[]> {
  const admitters = new Map<SocietyKey, SocietyKey[]>()
  for (const { society, admitted } of held.trusts()) {
    if (!membership.members.has(society)) continue
    for (const newcomer of admitted.keys()) {
      const known = admitters.get(newcomer)
      if (known === undefined) admitters.set(newcomer, [society])
      else known.push(society)
    }
  }
  return admitters
}

/** Everybody by whose admission these are members, and so on to the roots; these included. */
function withAdmitters(
  societies: ReadonlySet<SocietyKey>,
  parts: PartiesParts,
): ReadonlySet<SocietyKey> {
  const admitters = admittersOf(parts)
  const all = new Set(societies)
  // A set hands out what is added while it is gone through.
  for (const society of all) {
    for (const admitter of admitters.get(society) ?? []) all.add(admitter)
  }
  return all
}

/** Proofs that an answer asks for witnesses of, with their authors. */
type Proofs = Map<RecordId, SocietyKey>

/** Whoever claims a source that ATP was charged on, and the newest proofs of all of them. */
function claimantsOf(parts: PartiesParts, found: readonly BackingFound[], proofs: Proofs) {
  const { held, claims, membership } = parts
  const claimants = new Set<SocietyKey>()
  for (const { record, proof } of found.flatMap((each) => each.proofs)) {
    proofs.set(record.id, record.author)
    for (const rival of [record.author, ...claims.claimantsOf(proof.source)]) {
      if (rival !== record.author && !membership.members.has(rival)) continue
      claimants.add(rival)
      const newest = held.trust(rival).sources.get(proof.source)?.proof
      if (newest !== undefined) proofs.set(newest, rival)
    }
  }
  return claimants
}

/**
 * Whoever says anything about these proofs; and where anybody does, everybody among whom witnesses
 * are chosen: all members, and who is kin to whose proof it is.
 */
function voicesAbout(proofs: Proofs, { held, claims, membership }: PartiesParts) {
  const voices = new Set<SocietyKey>()
  for (const [proof, prover] of proofs) {
    const attested = claims.attestationsOf(proof)
    if (attested.length === 0) continue
    const { application, children } = held.trust(prover)
    const kin = [...children.keys(), ...(application === null ? [] : [application.parent])]
    const witnesses = attested.map(({ witness }) => witness)
    for (const society of [...witnesses, ...kin, ...membership.members]) voices.add(society)
  }
  return voices
}

/**
 * Whose documents an answer reads: the holder's and the viewer's own, of everybody whose records
 * are behind a batch, who claims a source of them, and who has a say about a proof of either; with
 * all by whom these are members. Of anybody else it knows no more than the records named.
 */
export function partiesOf(
  parts: PartiesParts,
  viewer: SocietyKey,
  holder: SocietyKey,
  found: readonly BackingFound[],
): Parties {
  const pledged = new Set([holder, ...found.map(({ lot }) => lot.charger)])
  const proofs: Proofs = new Map()
  const claimants = claimantsOf(parts, found, proofs)
  const authors = found.flatMap(({ chain }) => chain.map(({ author }) => author))
  const voices = voicesAbout(proofs, parts)
  const trusts = new Set([viewer, ...pledged, ...authors, ...claimants, ...voices])
  return {
    trusts: withAdmitters(trusts, parts),
    pools: new Set([...pledged, ...claimants]),
    pledged,
  }
}

/** Documents that an answer reads as a whole. */
export function documentsOf({ trusts, pools }: Parties): ReadonlySet<Actor> {
  return new Set([
    ...[...trusts].map((society) => actorOf('trust', society)),
    ...[...pools].map((society) => actorOf('pool', society)),
  ])
}
