import { claimStanding, type Claim } from '../claims/claim.ts'
import type { RecordId } from '../identity.ts'
import { finding, type Detector } from './finding.ts'
import { dayMs, type Evidenced } from './history.ts'

/** Time in which whoever wrote a rival claim unawares can take it back, in ms. */
const graceMs: number = dayMs
/** Severity in millionths for each identity behind one history. */
const perIdentity = 250_000
/** Identities from which a source that nobody holds clearly is no mistake of two. */
const crowd = 3

const first = <T extends { readonly heldSince: number; readonly society: string }>(
  all: readonly T[],
): T | undefined =>
  [...all].sort((a, b) => a.heldSince - b.heldSince || (a.society < b.society ? -1 : 1))[0]

/** Claims that stand beside each other, where the society's own is one that should not. */
function rivalClaims(claims: readonly Claim[], society: string, now: number): readonly Claim[] {
  const live = claims.filter(({ retiredAt, level }) => retiredAt === null && level >= 1)
  const own = live.find((claim) => claim.society === society)
  if (own === undefined || live.length < 2 || now - own.since <= graceMs) return []
  const { state } = claimStanding(own, live)
  const isCrowd = live.length >= crowd && first(live) !== own
  return state === 'beaten' || (state === 'contested' && isCrowd) ? live : []
}

function sameTranscript(evidenced: readonly Evidenced[], society: string): readonly Evidenced[] {
  const identities = new Set(evidenced.map((each) => each.society))
  return identities.size < 2 || first(evidenced)?.society === society ? [] : evidenced
}

/**
 * One source's history behind several identities: its proof stands beside an earlier claim that
 * beats it, or its transcript is the one that another identity has brought before. Whoever claimed
 * first is not the one to blame: source ids and digests are public.
 */
export const capacitySplitting: Detector = (history, society, now) => {
  const identities = new Set<string>()
  const evidence: RecordId[] = []
  for (const source of [...history.sourcesOf(society)].sort()) {
    const behind = [
      ...rivalClaims(history.claimsOf(source), society, now),
      ...sameTranscript(history.sameEvidence(society, source), society),
    ]
    for (const { society: identity, proof } of behind) {
      identities.add(identity)
      evidence.push(proof)
    }
  }
  if (identities.size < 2) return []
  return finding('capacity-splitting', identities.size * perIdentity, evidence)
}
