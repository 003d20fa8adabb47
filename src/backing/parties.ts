import { actorOf, type Actor, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import type { Claims } from '../claims/claims.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Membership } from '../membership.ts'
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

/**
 * Whose documents an answer reads: the holder's and the viewer's own, of everybody whose records
 * are behind a batch, who claims a source of them, and who witnessed a proof of either; with all
 * by whom these are members. Of anybody else an answer knows no more than the records named.
 */
export function partiesOf(
  parts: PartiesParts,
  viewer: SocietyKey,
  holder: SocietyKey,
  found: readonly BackingFound[],
): Parties {
  const { held, claims, membership } = parts
  const pledged = new Set([holder])
  const pools = new Set([holder])
  const trusts = new Set([viewer, holder])
  const sources = new Set<string>()
  const proofs = new Set<RecordId>()
  for (const { lot, chain, proofs: read } of found) {
    pledged.add(lot.charger)
    for (const { author } of chain) trusts.add(author)
    for (const { record, proof } of read) {
      trusts.add(record.author)
      proofs.add(record.id)
      const newest = held.trust(record.author).sources.get(proof.source)?.proof
      if (newest !== undefined) proofs.add(newest)
      sources.add(proof.source)
    }
  }
  for (const charger of pledged) pools.add(charger)
  for (const source of sources) {
    for (const rival of claims.claimantsOf(source)) {
      if (!membership.members.has(rival)) continue
      trusts.add(rival)
      pools.add(rival)
      const proof = held.trust(rival).sources.get(source)?.proof
      if (proof !== undefined) proofs.add(proof)
    }
  }
  for (const proof of proofs) {
    for (const { witness } of claims.attestationsOf(proof)) {
      if (membership.members.has(witness)) trusts.add(witness)
    }
  }
  return { trusts: withAdmitters(trusts, parts), pools, pledged }
}

/** Documents that an answer reads as a whole. */
export function documentsOf({ trusts, pools }: Parties): ReadonlySet<Actor> {
  return new Set([
    ...[...trusts].map((society) => actorOf('trust', society)),
    ...[...pools].map((society) => actorOf('pool', society)),
  ])
}
