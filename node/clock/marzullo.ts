/** How far a clock is ahead of this one, in ms, and how far off that may be. */
export type Offset = { readonly offsetMs: number; readonly errorMs: number }

/**
 * What most of some clocks agree on: the middle of the span that lies within the bounds of the most
 * of them (Marzullo's algorithm). Undefined where that is not more than half of `asked`.
 */
export function agreedOffset(
  offsets: readonly Offset[],
  asked: number = offsets.length,
): Offset | undefined {
  const edges = offsets.flatMap(({ offsetMs, errorMs }) => [
    { at: offsetMs - errorMs, step: 1 },
    { at: offsetMs + errorMs, step: -1 },
  ])
  // Where one ends as another begins they touch: beginnings come first.
  edges.sort((a, b) => a.at - b.at || b.step - a.step)
  let within = 0
  let most = 0
  let best: { from: number; to: number } | undefined
  for (const [i, { at, step }] of edges.entries()) {
    within += step
    const next = edges[i + 1]
    if (within <= most || next === undefined) continue
    most = within
    best = { from: at, to: next.at }
  }
  if (best === undefined || most <= asked / 2) return undefined
  return { offsetMs: (best.from + best.to) / 2, errorMs: (best.to - best.from) / 2 }
}
