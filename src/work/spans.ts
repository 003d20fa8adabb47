/** A time of work, in ms since 1970, its end not included; of no length if it ends before. */
export type Span = { readonly start: number; readonly end: number }

/** The part of a span between two instants. */
export function spanWithin({ start, end }: Span, from: number, to: number): Span {
  return { start: Math.max(start, from), end: Math.min(end, to) }
}

/** Length of the union of spans, in ms: what lies in several counts once. */
export function unionMs(spans: readonly Span[]): number {
  const inOrder = spans.filter(({ start, end }) => end > start)
  inOrder.sort((a, b) => a.start - b.start)
  let length = 0
  let until = Number.NEGATIVE_INFINITY
  for (const { start, end } of inOrder) {
    length += Math.max(0, end - Math.max(start, until))
    until = Math.max(until, end)
  }
  return length
}
