import type { RecordId, SocietyKey } from '../identity.ts'

/** How a bond stands. */
export type BondState = 'active' | 'violated' | 'fulfilled' | 'abandoned'

/** The newest bond of a society: plain data, as of the newest change of its sources. */
export type Bond = {
  readonly id: RecordId
  readonly sources: readonly string[]
  /** mW committed. */
  readonly capacity: number
  readonly committedAt: number
  /** First instant after the lock. */
  readonly until: number
  /** How long the capacity may be missing, in ms: the policy of the time of the commitment. */
  readonly graceMs: number
  /** Since when the capacity has been missing; null while it is there. */
  readonly missingSince: number | null
  /** How it ended, if anything recorded so far has shown it to end. */
  readonly end: BondEnd | null
}

/** How and when a bond ended. */
export type BondEnd = {
  readonly state: Exclude<BondState, 'active'>
  readonly at: number
  /** The record that ended it; null where time alone did. */
  readonly record: RecordId | null
}

/** A bond at an instant. */
export type BondStanding = {
  readonly bond: Bond
  readonly state: BondState
  /** Instant of its end; null while it is active. */
  readonly endedAt: number | null
  /** Whether its sources are proven for what it commits. */
  readonly proven: boolean
}

/** A violated bond, or one that was abandoned within its lock. Plain data. */
export type BrokenBond = {
  readonly id: RecordId
  readonly society: SocietyKey
  readonly sources: readonly string[]
  readonly committedAt: number
  readonly brokenAt: number
  readonly how: 'violated' | 'abandoned'
  /** The record that abandoned it; null for a violation, which no record reports. */
  readonly record: RecordId | null
}

/** A source as far as its newest claim shows what it gives. */
export type Provable = {
  /** mW. */
  readonly capacity: number
  /** First instant at which the proof is stale. */
  readonly staleAt: number
  readonly assurance: number
  readonly poweredBy: string | null
  /** The record that retired it; null while it is claimed. */
  readonly retired: RecordId | null
}

/** Sources by id, each with its newest claim. */
export type Sources = ReadonlyMap<string, Provable>

/** Whether a source's newest proof counts at an instant: level 1 or more, fresh, not retired. */
export function isProven(source: Provable, now: number): boolean {
  return source.retired === null && source.assurance >= 1 && now < source.staleAt
}

/** mW of sources that count at an instant and that no other source powers. */
export function provenCapacity(sources: Iterable<Provable>, now: number): number {
  let capacity = 0
  for (const source of sources) {
    if (isProven(source, now) && source.poweredBy === null) capacity += source.capacity
  }
  return capacity
}

function committed(bond: Bond, sources: Sources): readonly Provable[] {
  return bond.sources.flatMap((id) => sources.get(id) ?? [])
}

/** First instant from `from` on at which the capacity is missing if nothing more is proven. */
function missingFrom(bond: Bond, sources: Sources, from: number): number {
  const held = committed(bond, sources)
  const instants = [from, ...held.map(({ staleAt }) => staleAt).filter((at) => at > from)]
  instants.sort((a, b) => a - b)
  return instants.find((at) => provenCapacity(held, at) < bond.capacity) ?? Infinity
}

/**
 * A bond at an instant that is not before the newest change of its sources. Violated: within the
 * lock its capacity was missing for the grace. Fulfilled: the lock is over and the capacity there.
 * After a lock that ends while the capacity is missing it stays active until that is proven again.
 */
export function standingOf(bond: Bond, sources: Sources, now: number): BondStanding {
  const proven = provenCapacity(committed(bond, sources), now) >= bond.capacity
  if (bond.end !== null) return { bond, state: bond.end.state, endedAt: bond.end.at, proven }
  const missing = bond.missingSince ?? missingFrom(bond, sources, bond.committedAt)
  const violatedAt = missing + bond.graceMs
  if (missing < bond.until && violatedAt <= Math.min(bond.until, now)) {
    return { bond, state: 'violated', endedAt: violatedAt, proven }
  }
  return bond.until <= now && missing > bond.until
    ? { bond, state: 'fulfilled', endedAt: bond.until, proven }
    : { bond, state: 'active', endedAt: null, proven }
}

/** The bond with what time alone has made of it up to an instant, before its sources change. */
export function settledBond(bond: Bond, sources: Sources, time: number): Bond {
  if (bond.end !== null) return bond
  const { state, endedAt } = standingOf(bond, sources, time)
  if (state !== 'active') return { ...bond, end: { state, at: endedAt ?? time, record: null } }
  const missing = bond.missingSince ?? missingFrom(bond, sources, bond.committedAt)
  return { ...bond, missingSince: missing <= time ? missing : null }
}

/** The bond after its sources have changed, at the time of the change. */
export function followedBond(bond: Bond, sources: Sources, time: number): Bond {
  if (bond.end !== null) return bond
  const proven = provenCapacity(committed(bond, sources), time) >= bond.capacity
  if (!proven) return { ...bond, missingSince: bond.missingSince ?? time }
  const back = { ...bond, missingSince: null }
  // What was missing when the lock ended is there again: fulfilled after all.
  return bond.until <= time && bond.missingSince !== null
    ? { ...back, end: { state: 'fulfilled', at: time, record: null } }
    : back
}

/** The broken bond that a standing shows; undefined where it is not broken, or after its lock. */
export function brokenBondOf(society: SocietyKey, standing: BondStanding): BrokenBond | undefined {
  const { bond, state, endedAt } = standing
  if (endedAt === null || (state !== 'violated' && state !== 'abandoned')) return undefined
  if (state === 'abandoned' && endedAt >= bond.until) return undefined
  const { id, sources, committedAt, end } = bond
  const record = end?.record ?? null
  return { id, society, sources, committedAt, brokenAt: endedAt, how: state, record }
}
