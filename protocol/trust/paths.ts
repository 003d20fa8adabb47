import type { SocietyKey } from '../identity.ts'
import { withVouch, leaningOf, weightOf } from './direct.ts'
import { complement, one, product, times } from './fixed-point.ts'
import type { Edge, TrustGraph } from './graph.ts'
import { hopFactor, pathsMax } from './weights.ts'

/** A way that trust takes from observer to subject. */
export type Path = {
  /** One or two societies between them. */
  readonly through: readonly SocietyKey[]
  /** Billionths: product of the edges' weights and 0.8 for each hop after the first. */
  readonly strength: number
}

/** Weight of an edge at an instant, in billionths, with the vouch that may stand behind it. */
export function edgeWeight(
  graph: TrustGraph,
  from: SocietyKey,
  to: SocietyKey,
  edge: Edge,
  now: number,
): number {
  const vouch = edge.vouched ? graph.vouchAt(from, to, now) : undefined
  if (vouch === undefined) return weightOf(edge.leaning, edge.lastSuccessAt, now)
  const counts = withVouch(edge, vouch.acceptedAt)
  return weightOf(leaningOf(counts), counts.lastSuccessAt, now)
}

const twoHops = product(hopFactor)
const threeHops = product(hopFactor, hopFactor)

/** Every path of two or three hops whose edges all carry something. */
function candidates(
  graph: TrustGraph,
  observer: SocietyKey,
  subject: SocietyKey,
  now: number,
): readonly Path[] {
  const last = new Map<SocietyKey, number>()
  for (const [from, edge] of graph.edgesTo(subject)) {
    const weight = edgeWeight(graph, from, subject, edge, now)
    if (weight > 0 && from !== observer && from !== subject) last.set(from, weight)
  }
  const paths: Path[] = []
  if (last.size === 0) return paths
  for (const [via, edge] of graph.edgesFrom(observer)) {
    if (via === subject || via === observer) continue
    const first = edgeWeight(graph, observer, via, edge, now)
    if (first === 0) continue
    const end = last.get(via)
    if (end !== undefined) {
      paths.push({ through: [via], strength: times(times(first, end), twoHops) })
    }
    const between = graph.edgesFrom(via)
    // The smaller side is walked, so that neither a hub nor a crowd makes this slow.
    const meeting = between.size < last.size ? between.keys() : last.keys()
    for (const next of meeting) {
      const middle = between.get(next)
      const close = last.get(next)
      if (middle === undefined || close === undefined) continue
      const weight = edgeWeight(graph, via, next, middle, now)
      const strength = times(times(times(first, weight), close), threeHops)
      paths.push({ through: [via, next], strength })
    }
  }
  return paths
}

const precedes = (a: readonly SocietyKey[], b: readonly SocietyKey[]): boolean => {
  const [a0 = '', a1 = ''] = a
  const [b0 = '', b1 = ''] = b
  return a0 === b0 ? a1 < b1 : a0 < b0
}

/**
 * The strongest vertex-disjoint paths of two or three hops, strongest first, ties by ids, at most
 * five. No society is on two of them, so a crowd behind one edge is one path.
 */
export function strongestPaths(
  graph: TrustGraph,
  observer: SocietyKey,
  subject: SocietyKey,
  now: number,
): readonly Path[] {
  if (observer === subject) return []
  const all = candidates(graph, observer, subject, now)
  const used = new Set<SocietyKey>()
  const picked: Path[] = []
  while (picked.length < pathsMax) {
    let best: Path | undefined
    for (const path of all) {
      if (path.strength === 0 || path.strength < (best?.strength ?? 0)) continue
      if (path.through.some((society) => used.has(society))) continue
      const ahead = best === undefined || path.strength > best.strength
      if (ahead || precedes(path.through, (best as Path).through)) best = path
    }
    if (best === undefined) break
    picked.push(best)
    for (const society of best.through) used.add(society)
  }
  return picked
}

/** What paths come to together, in billionths: 1 - the product of what each lacks; none is 0. */
export function combined(paths: readonly Path[]): number {
  let missing = one
  for (const { strength } of paths) missing = times(missing, complement(strength))
  return complement(missing)
}
