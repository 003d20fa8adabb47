import type { Endorsement, SocietyKey } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Relations } from './relations.ts'

/**
 * Why this node does not sign for a vouch; undefined where it does: it trusts the sponsor as much
 * as its own policy asks for and has itself seen as many interactions with it.
 */
export function endorsementRefusal(
  relations: Relations,
  self: SocietyKey,
  now: number,
  { sponsor, to }: Endorsement,
): Failure | undefined {
  if (sponsor === self || to === self) {
    return new Failure('not-authorised', 'nobody signs for its own vouch')
  }
  const { vouchTrust, vouchInteractions } = relations.vouching.held.trust(self).policy
  const edge = relations.edgesFrom(self).get(sponsor)
  const known = edge === undefined ? 0 : edge.successes + edge.failures
  if (known < vouchInteractions) {
    const message = `${known} interactions with the sponsor are known, ${vouchInteractions} needed`
    return new Failure('not-eligible', message)
  }
  const trust = relations.trustOf(self, sponsor, now)
  return trust < vouchTrust
    ? new Failure('not-eligible', `trust in the sponsor is ${trust} of ${vouchTrust} millionths`)
    : undefined
}
