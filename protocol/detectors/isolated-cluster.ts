import type { RecordId, SocietyKey } from '../identity.ts'
import { dealingsOf } from './dealings.ts'
import { finding, share, type Detector } from './finding.ts'

const clusterMin = 5
/** Others that must deal at all: who has nobody else to deal with is not set apart. */
const othersMin = 2
/** Least core that a cluster is grown from: not everybody in it has dealt with everybody. */
const coreMin = 4
/** Partners beyond which a society is a hub and no member of a cluster that hides. */
const partnersMax = 256
/** Least density of a cluster: pairs that have dealt among all pairs, in tenths. */
const densityTenths = 8

type Cluster = {
  readonly members: ReadonlySet<SocietyKey>
  /** Ends of the pairs of members that have dealt: twice as many as pairs. */
  readonly ends: number
}

type Partners = (of: SocietyKey) => ReadonlySet<SocietyKey>

/** How many of the others each member has dealt with. */
function degreesOf(members: readonly SocietyKey[], partners: Partners): Map<SocietyKey, number> {
  const others = (member: SocietyKey): number =>
    members.reduce((count, other) => (partners(member).has(other) ? count + 1 : count), 0)
  return new Map(members.map((member) => [member, others(member)]))
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

const isDense = (ends: number, size: number): boolean =>
  10 * ends >= densityTenths * size * (size - 1)

/** Partners that are no hubs themselves: whom everybody deals with hides nowhere. */
function nearby(society: SocietyKey, partners: Partners): readonly SocietyKey[] {
  return [...partners(society)].filter((other) => partners(other).size <= partnersMax)
}

/** A society and those of its partners that are dense with it; the loosest leave one by one. */
function coreAround(society: SocietyKey, partners: Partners): Cluster | undefined {
  const degrees = degreesOf([society, ...nearby(society, partners)], partners)
  let ends = [...degrees.values()].reduce((sum, degree) => sum + degree, 0)
  while (degrees.size >= coreMin) {
    const loosest = loosestOf(degrees, society)
    if (loosest === undefined) return undefined
    if (isDense(ends, degrees.size) && 2 * loosest[1] >= degrees.size - 1) {
      return { members: new Set(degrees.keys()), ends }
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

/** Who deals with most members without being one, and with how many; of several the least key. */
function nearestTo(
  members: ReadonlySet<SocietyKey>,
  partners: Partners,
): readonly [SocietyKey, number] | undefined {
  const counts = new Map<SocietyKey, number>()
  for (const member of members) {
    for (const other of partners(member)) {
      const isHub = partners(other).size > partnersMax
      if (!isHub && !members.has(other)) counts.set(other, (counts.get(other) ?? 0) + 1)
    }
  }
  return [...counts].sort(([a, of], [b, other]) => other - of || (a < b ? -1 : 1))[0]
}

/** The cluster with those who belong to it though the society itself does not deal with them. */
function grown(core: Cluster, partners: Partners): Cluster {
  const members = new Set(core.members)
  let { ends } = core
  for (;;) {
    const nearest = nearestTo(members, partners)
    if (nearest === undefined || members.size > partnersMax) break
    const [other, degree] = nearest
    if (2 * degree < members.size || !isDense(ends + 2 * degree, members.size + 1)) break
    members.add(other)
    ends += 2 * degree
  }
  return { members, ends }
}

/**
 * Five identities or more that deal with each other and hardly with anybody else, where there are
 * others to deal with: at most one edge out for every two of them.
 */
export const isolatedCluster: Detector = (history, society, now) => {
  const known = new Map<SocietyKey, ReadonlySet<SocietyKey>>()
  const partners = (of: SocietyKey): ReadonlySet<SocietyKey> => {
    const found = known.get(of) ?? history.partnersOf(of)
    known.set(of, found)
    return found
  }
  if (partners(society).size > partnersMax) return []
  const core = coreAround(society, partners)
  if (core === undefined) return []
  const { members, ends } = grown(core, partners)
  const { size } = members
  if (size < clusterMin) return []
  let out = 0
  for (const member of members) {
    for (const other of partners(member)) if (!members.has(other)) out += 1
  }
  if (2 * out > size || history.activeCount() - size < othersMin) return []
  const severity = Math.floor((share(ends, size * (size - 1)) * (size - out)) / size)
  const evidence: RecordId[] = []
  for (const dealing of dealingsOf(history, society, now)) {
    if (members.has(dealing.partner)) evidence.push(...dealing.evidence)
  }
  return finding('isolated-cluster', severity, evidence.sort())
}
