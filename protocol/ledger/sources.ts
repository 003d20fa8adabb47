import {
  brokenBondOf,
  followedBond,
  provenCapacity,
  settledBond,
  standingOf,
  type BrokenBond,
} from './bond.ts'
import type { ReceivedVouch } from './vouch.ts'
import type { Source } from './source.ts'
import type { TrustState } from './trust-state.ts'

/** What changes about a source: a new proof, or its retirement. */
export type SourceChange = 'proven' | 'retired'

function followClaim(state: TrustState, source: Source, time: number): void {
  const before = state.sources.get(source.id)
  const since = state.claims.get(source.id)?.since
  const goes = since !== undefined && before !== undefined && before.retired === null
  state.claims.set(source.id, { since: goes ? since : time, provenAt: time })
}

/** Notes the success of vouches whose watts the society has now proven itself. */
function followVouches(state: TrustState, time: number): void {
  if (state.received.size === 0) return
  const capacity = provenCapacity(state.sources.values(), time)
  for (const vouch of state.received.values()) {
    const provenAt = provenWhen(vouch, capacity, time)
    if (provenAt !== vouch.provenAt) state.received.set(vouch.vouch, { ...vouch, provenAt })
  }
}

/** When a newcomer had proven what it was vouched for, as its capacity is known to be now. */
export function provenWhen(vouch: ReceivedVouch, capacity: number, time: number): number | null {
  const now = vouch.provenAt === null && time <= vouch.until && capacity >= vouch.watts
  return now ? time : vouch.provenAt
}

/** Puts a source's newest claim in its place, and what follows for bonds and vouches with it. */
export function putSource(
  state: TrustState,
  source: Source,
  change: SourceChange,
  time: number,
): void {
  if (state.bond !== null) state.bond = settledBond(state.bond, state.sources, time)
  if (change === 'proven') followClaim(state, source, time)
  state.sources.set(source.id, source)
  if (state.bond !== null) state.bond = followedBond(state.bond, state.sources, time)
  if (change === 'proven') followVouches(state, time)
}

/** Broken bonds of a society at an instant that is not before its newest record. */
export function brokenBondsOf(state: TrustState, now: number): readonly BrokenBond[] {
  const { bond, society, sources } = state
  const newest = bond === null ? undefined : brokenBondOf(society, standingOf(bond, sources, now))
  return newest === undefined
    ? [...state.brokenBonds.values()]
    : [...state.brokenBonds.values(), newest]
}

/** When bonds of a society were violated, up to an instant. */
export function violationsOf(state: TrustState, now: number): readonly number[] {
  return brokenBondsOf(state, now)
    .filter(({ how }) => how === 'violated')
    .map(({ brokenAt }) => brokenAt)
}

/**
 * Whether a society carries the penalty of another's broken bond over a source: it has claimed the
 * source since the bond began, and proven it since the bond broke; what happens within the same
 * millisecond counts as later.
 */
export function carriesBroken(state: TrustState, broken: BrokenBond): boolean {
  return broken.sources.some((id) => {
    const claim = state.claims.get(id)
    return (
      claim !== undefined && claim.since >= broken.committedAt && claim.provenAt >= broken.brokenAt
    )
  })
}
