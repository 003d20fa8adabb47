import type { Claim } from '../claims/claim.ts'
import type { RecordId } from '../identity.ts'
import { finding, share, type Detector } from './finding.ts'
import { dayMs } from './history.ts'

const identitiesMin = 3
/** So many identities in this time are no change of tenants, in ms. */
const rushMs: number = 30 * dayMs
/** Identities and violators together at which severity is full. */
const fullCount = 6

/** Whether claims followed upon each other within the time, each after the one before was over. */
function isRush(line: readonly Claim[]): boolean {
  const [first] = line
  const last = line.at(-1)
  if (first === undefined || last === undefined) return false
  const handedOn = line.every(({ retiredAt }, at) => {
    const next = line[at + 1]
    return next === undefined || (retiredAt !== null && retiredAt <= next.since)
  })
  return handedOn && last.since - first.since < rushMs
}

/**
 * A new identity over an old source: at least the third, where one before it was caught or broke a
 * bond, or all of them came within 30 days. What was done under earlier names follows the source.
 */
export const identityRecycling: Detector = (history, society) => {
  let worst = 0
  let evidence: readonly RecordId[] = []
  for (const source of [...history.sourcesOf(society)].sort()) {
    // Whoever merely says that it has a source has never been over it.
    const proven = history.claimsOf(source).filter(({ level }) => level >= 1)
    const claims = [...proven].sort((a, b) => a.since - b.since || (a.society < b.society ? -1 : 1))
    const place = claims.findIndex((claim) => claim.society === society)
    if (place + 1 < identitiesMin) continue
    const line = claims.slice(0, place + 1)
    const violations = line
      .slice(0, -1)
      .map((claim) => history.violationsOf(claim.society))
      .filter((records) => records.length > 0)
    if (violations.length === 0 && !isRush(line.slice(-identitiesMin))) continue
    const severity = share(line.length + violations.length, fullCount)
    if (severity <= worst) continue
    worst = severity
    evidence = [...violations.flat(), ...line.map(({ proof }) => proof)]
  }
  return worst === 0 ? [] : finding('identity-recycling', worst, evidence)
}
