/** Counts by name, for metrics and for the log; names are `subject.what`. */
export class Counters {
  readonly #counts = new Map<string, number>()

  /** Adds to a count. */
  add(name: string, amount: number = 1): void {
    this.#counts.set(name, this.value(name) + amount)
  }

  /** The count so far, 0 if there was none. */
  value(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /** All counts. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
