import {
  didOf,
  fromMilli,
  standingOf,
  type BondStanding,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { vouchesBy, type KnownVouch, type VouchKnowledge } from '../trust/vouches.ts'
import type { SocietyView } from './society.ts'

/** A bond: what a society has committed. Capacities in W. */
export type BondListView = {
  readonly id: RecordId
  readonly society: string
  readonly sources: readonly string[]
  readonly capacity: number
  readonly state: BondStanding['state']
  readonly committedAt: string
  /** End of the lock. */
  readonly until: string
  /** Whether its sources are proven now for what it commits. */
  readonly proven: boolean
  /** When it ended; null while it is active. */
  readonly endedAt: string | null
}

/** A vouch, given or accepted. */
export type VouchListView = {
  readonly id: RecordId
  readonly sponsor: string
  readonly newcomer: string
  /** W of the sponsor's capacity. */
  readonly watts: number
  /** `open`: it can still be accepted; `lapsed`: it was not in time. */
  readonly state: KnownVouch['state']
  readonly givenAt: string
  /** Last instant: of acceptance where it has not been, else of its period. */
  readonly until: string
  /** The acceptance and when; null while there is none. */
  readonly acceptance: RecordId | null
  readonly acceptedAt: string | null
  /** When it failed or its success was proven; null while neither has happened. */
  readonly decidedAt: string | null
}

const iso = (time: number): string => new Date(time).toISOString()
const isoOrNull = (time: number | null): string | null => (time === null ? null : iso(time))

/** A society's newest bond as its view shows it. */
export function bondOf(standing: BondStanding | undefined): SocietyView['bond'] {
  return {
    state: standing?.state ?? 'none',
    capacity: fromMilli(standing?.bond.capacity ?? 0),
    until: isoOrNull(standing?.bond.until ?? null),
  }
}

/** The newest bond of every society that has one, or of one alone; oldest first. */
export function viewBonds(
  { held }: VouchKnowledge,
  now: number,
  society: SocietyKey | null,
): readonly BondListView[] {
  const bonds: BondListView[] = []
  for (const trust of held.trusts()) {
    if (trust.bond === null || (society !== null && trust.society !== society)) continue
    const standing = standingOf(trust.bond, trust.sources, Math.max(now, trust.time))
    const { bond, state, proven, endedAt } = standing
    bonds.push({
      id: bond.id,
      society: didOf(trust.society),
      sources: bond.sources,
      capacity: fromMilli(bond.capacity),
      state,
      committedAt: iso(bond.committedAt),
      until: iso(bond.until),
      proven,
      endedAt: isoOrNull(endedAt),
    })
  }
  return bonds.sort((a, b) => (`${a.committedAt}${a.id}` < `${b.committedAt}${b.id}` ? -1 : 1))
}

function viewVouch({ sponsor, given, received, state, decidedAt }: KnownVouch): VouchListView {
  return {
    id: given.id,
    sponsor: didOf(sponsor),
    newcomer: didOf(given.to),
    watts: fromMilli(given.watts),
    state,
    givenAt: iso(given.givenAt),
    until: iso(received?.until ?? given.givenAt + given.duration),
    acceptance: received?.id ?? null,
    acceptedAt: isoOrNull(received?.acceptedAt ?? null),
    decidedAt: isoOrNull(decidedAt),
  }
}

/** Every vouch known, or those that one society gave or was given; oldest first. */
export function viewVouches(
  knowledge: VouchKnowledge,
  now: number,
  society: SocietyKey | null,
): readonly VouchListView[] {
  const found: KnownVouch[] = []
  for (const { society: sponsor, given } of knowledge.held.trusts()) {
    if (given.size === 0) continue
    const all = vouchesBy(knowledge, sponsor, now)
    const isParty = ({ given: vouch }: KnownVouch): boolean =>
      society === null || sponsor === society || vouch.to === society
    found.push(...all.filter(isParty))
  }
  return found
    .map(viewVouch)
    .sort((a, b) => (`${a.givenAt}${a.id}` < `${b.givenAt}${b.id}` ? -1 : 1))
}
