/** What is over at an instant. */
export type DueType = 'lot' | 'ticket' | 'offer' | 'grant' | 'minimum' | 'occupation' | 'day'

/** First instant (ms since 1970) at which the thing named is over. Plain data. */
export type Due = { readonly at: number; readonly type: DueType; readonly id: string }

/** Whether one is over before another: the order in which things end. */
export function isBefore(a: Due, b: Due): boolean {
  if (a.at !== b.at) return a.at < b.at
  return a.type === b.type ? a.id < b.id : a.type < b.type
}

/** Adds to a binary heap whose first entry is due first. Logarithmic. */
export function pushDue(heap: Due[], due: Due): void {
  let at = heap.length
  heap.push(due)
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent] as Due
    if (!isBefore(due, above)) break
    heap[at] = above
    at = parent
  }
  heap[at] = due
}

/** Takes the first entry due at or before an instant; undefined where there is none. */
export function popDue(heap: Due[], time: number): Due | undefined {
  const first = heap[0]
  if (first === undefined || first.at > time) return undefined
  const last = heap.pop() as Due
  if (heap.length > 0) sink(heap, last)
  return first
}

function sink(heap: Due[], entry: Due): void {
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    const right = heap[child + 1]
    if (right !== undefined && isBefore(right, heap[child] as Due)) child += 1
    const below = heap[child] as Due
    if (!isBefore(below, entry)) break
    heap[at] = below
    at = child
  }
  heap[at] = entry
}

/** The same heap without the entries that are not wanted any more. */
export function rebuildDue(heap: readonly Due[], wanted: (due: Due) => boolean): Due[] {
  const rebuilt: Due[] = []
  for (const due of heap) if (wanted(due)) pushDue(rebuilt, due)
  return rebuilt
}
