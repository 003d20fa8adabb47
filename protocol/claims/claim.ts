import type { RecordId, SocietyKey } from '../identity.ts'

/** A society's claim of a source: from its first proof to its retirement, stale or not. */
export type Claim = {
  readonly society: SocietyKey
  /** Its newest proof. */
  readonly proof: RecordId
  /** Assurance of that proof, 0..4, witnesses taken into account. */
  readonly level: number
  /** Time of its first proof. */
  readonly since: number
  /** Since when proofs are unbroken, the author's admission at the earliest. */
  readonly heldSince: number
  /** Time of the retirement; null while the source is claimed. */
  readonly retiredAt: number | null
}

/** How a claim stands among those of others. */
export type ClaimStanding = {
  readonly state: 'holds' | 'contested' | 'beaten'
  /** The rival that beats it, or the first that is level with it; null where it holds. */
  readonly rival: Claim | null
}

/** A claim must have been held this much longer to beat one as well witnessed, in ms (24 h). */
export const heldLongerMs = 86_400_000

const holds: ClaimStanding = { state: 'holds', rival: null }

/** Whether a claim beats another: better witnessed, or as well and held more than 24 h longer. */
export function beats(a: Claim, b: Claim): boolean {
  if (a.level !== b.level) return a.level > b.level
  return b.heldSince - a.heldSince > heldLongerMs
}

const rivalsOf = (claim: Claim, claims: readonly Claim[]): readonly Claim[] =>
  claims.filter((other) => other.society !== claim.society && other.retiredAt === null)

/** How a claim stands among all claims of its source; claims that are retired are none. */
export function claimStanding(claim: Claim, claims: readonly Claim[]): ClaimStanding {
  const rivals = rivalsOf(claim, claims)
  const better = rivals.find((rival) => beats(rival, claim))
  if (better !== undefined) return { state: 'beaten', rival: better }
  const level = rivals.find((rival) => !beats(claim, rival))
  return level === undefined ? holds : { state: 'contested', rival: level }
}

/** Whether a claim was given up before another, if either was. */
function gaveUpFirst(a: Claim, b: Claim): boolean {
  if (a.retiredAt === null) return false
  return b.retiredAt === null || a.retiredAt <= b.retiredAt
}

const end = (claim: Claim): number => claim.retiredAt ?? Infinity

/**
 * The rival that puts in doubt what a claim's society charged on the source at an instant: both
 * claimed it then, and the rival's claim is the better one, or as good and not given up first.
 * Undefined where the charge stands.
 */
export function doubtOf(
  claim: Claim,
  claims: readonly Claim[],
  chargedAt: number,
): Claim | undefined {
  return claims.find((rival) => {
    if (rival.society === claim.society) return false
    // Handed on, never both at once.
    if (end(claim) <= rival.since || end(rival) <= claim.since) return false
    if (chargedAt < rival.since || chargedAt >= end(rival)) return false
    if (beats(claim, rival)) return false
    return beats(rival, claim) || !gaveUpFirst(rival, claim)
  })
}
