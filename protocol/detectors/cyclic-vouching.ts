import { millionths } from '../amounts.ts'
import type { SocietyKey } from '../identity.ts'
import { finding, type Detector } from './finding.ts'
import { dayMs, horizonDays, isAfter, type VouchEdge } from './history.ts'

/** Societies that vouches are followed through; a greater knot is cut there. */
const reachMax = 1_024

const isRecent = ({ acceptedAt, until }: VouchEdge, now: number): boolean =>
  !isAfter(acceptedAt, now) && (now <= until || now - acceptedAt < horizonDays * dayMs)

/** Societies that vouches lead to from one, itself included. */
function reach(
  from: SocietyKey,
  next: (society: SocietyKey) => readonly SocietyKey[],
): ReadonlySet<SocietyKey> {
  const reached = new Set([from])
  for (const society of reached) {
    for (const other of next(society)) {
      if (reached.size < reachMax) reached.add(other)
    }
  }
  return reached
}

/**
 * Societies that vouch for one another, directly or in a circle: the strongly connected component
 * that the society is in has others in it.
 */
export const cyclicVouching: Detector = (history, society, now) => {
  const recent = (vouches: readonly VouchEdge[]): readonly VouchEdge[] =>
    vouches.filter((vouch) => isRecent(vouch, now))
  const down = reach(society, (from) =>
    recent(history.vouchesBy(from)).map(({ newcomer }) => newcomer),
  )
  const up = reach(society, (from) =>
    recent(history.vouchesFor(from)).map(({ sponsor }) => sponsor),
  )
  const knot = [...down].filter((other) => up.has(other)).sort()
  if (knot.length < 2) return []
  const inside = knot.flatMap((member) =>
    recent(history.vouchesBy(member)).filter(({ newcomer }) => knot.includes(newcomer)),
  )
  return finding(
    'cyclic-vouching',
    millionths,
    inside.flatMap(({ records }) => records),
  )
}
