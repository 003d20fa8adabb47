import type { TrustView } from '../../src/index.ts'

/** That one society has reason to trust another, 0 to 1. */
export type Edge = { readonly from: string; readonly to: string; readonly weight: number }

/**
 * Every edge that the observer's trust rests on: what it saw itself, and the hops of the paths.
 * An edge weighs what is above the half that unknown counts for, doubled.
 */
export function edgesOf(views: readonly TrustView[]): readonly Edge[] {
  const edges = new Map<string, Edge>()
  const add = (edge: Edge): void => {
    if (edge.weight > 0) edges.set(`${edge.from} ${edge.to}`, edge)
  }
  for (const { observer, subject, terms, paths } of views) {
    add({ from: observer, to: subject, weight: Math.max(0, 2 * terms.direct.value - 1) })
    for (const { hops } of paths) hops.forEach(add)
  }
  return [...edges.values()]
}
