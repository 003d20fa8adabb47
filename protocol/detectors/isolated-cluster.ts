import type { RecordId, SocietyKey } from '../identity.ts'
import { dealingsOf, partnersOf } from './dealings.ts'
import { finding, share, type Detector } from './finding.ts'

const clusterMin = 5
/** Partners beyond which a society is a hub and no member of a cluster that hides. */
const partnersMax = 256
/** Least density of a cluster: pairs that have dealt among all pairs, in tenths. */
const densityTenths = 8

type Cluster = {
  readonly members: readonly SocietyKey[]
  /** Pairs of members that have dealt. */
  readonly pairs: number
}

type Partners = (of: SocietyKey) => readonly SocietyKey[]

/** How many of the others each member has dealt with. */
function degreesOf(members: readonly SocietyKey[], partners: Partners): Map<SocietyKey, number> {
  const all = new Set(members)
  return new Map(
    members.map((member) => [member, partners(member).filter((other) => all.has(other)).length]),
  )
}

/** The member with the fewest pairs but for one; of several the one with the greatest key. */
function loosestOf(
  degrees: ReadonlyMap<SocietyKey, number>,
  but: SocietyKey,
): readonly [SocietyKey, number] | undefined {
  let loosest: readonly [SocietyKey, number] | undefined
  for (const [member, degree] of degrees) {
    if (member === but) continue
    const [known, least] = loosest ?? [member, Infinity]
    if (degree < least || (degree === least && member > known)) loosest = [member, degree]
  }
  return loosest
}

/** A society and those of its partners that are dense with it; the loosest leave one by one. */
function clusterAround(society: SocietyKey, partners: Partners): Cluster | undefined {
  const degrees = degreesOf([society, ...partners(society)], partners)
  let ends = [...degrees.values()].reduce((sum, degree) => sum + degree, 0)
  while (degrees.size >= clusterMin) {
    const others = degrees.size - 1
    const loosest = loosestOf(degrees, society)
    if (loosest === undefined) return undefined
    const isDense = 10 * ends >= densityTenths * degrees.size * others
    if (isDense && 2 * loosest[1] >= others) {
      return { members: [...degrees.keys()].sort(), pairs: ends / 2 }
    }
    degrees.delete(loosest[0])
    ends -= 2 * loosest[1]
    for (const other of partners(loosest[0])) {
      const degree = degrees.get(other)
      if (degree !== undefined) degrees.set(other, degree - 1)
    }
  }
  return undefined
}

/**
 * Five identities or more that deal with each other and hardly with anybody else, where at least as
 * many others could be dealt with: at most one edge out for every two of them.
 */
export const isolatedCluster: Detector = (history, society, now) => {
  const known = new Map<SocietyKey, readonly SocietyKey[]>()
  const partners = (of: SocietyKey): readonly SocietyKey[] => {
    const found = known.get(of) ?? partnersOf(history, of, now)
    known.set(of, found)
    return found
  }
  if (partners(society).length > partnersMax) return []
  const cluster = clusterAround(society, partners)
  if (cluster === undefined) return []
  const { members, pairs } = cluster
  const size = members.length
  const out = members.reduce(
    (sum, member) => sum + partners(member).filter((other) => !members.includes(other)).length,
    0,
  )
  if (2 * out > size || history.activeCount() - size < size) return []
  const density = share(2 * pairs, size * (size - 1))
  const severity = Math.floor((density * (size - out)) / size)
  const evidence: RecordId[] = []
  for (const dealing of dealingsOf(history, society, now)) {
    if (members.includes(dealing.partner)) evidence.push(...dealing.evidence)
  }
  return finding('isolated-cluster', severity, evidence.sort())
}
