/** How often things happened, by name. Plain numbers, so that runs can be added up. */
export type Counts = Readonly<Record<string, number>>

/** Counts by name. */
export class Tally {
  readonly #counts: Map<string, number> = new Map()

  /** Counts one more. */
  count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  /** What was counted, by name in order. */
  get counts(): Counts {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}

/** Counts of several runs together. */
export function sumOfCounts(all: readonly Counts[]): Counts {
  const sums: Record<string, number> = {}
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
  }
  return Object.fromEntries(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)))
}
