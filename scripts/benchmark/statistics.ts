/** The middle of what was measured, and between what it lay. */
export type Spread = { readonly low: number; readonly median: number; readonly high: number }

/** The value that a part (0..1) of all values is at or below; NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * part) - 1))
  return sorted[at] ?? Number.NaN
}

/** Median, least and greatest of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  return { low: sorted[0] ?? Number.NaN, median: (lower + upper) / 2, high: sorted.at(-1) ?? upper }
}

/** Ratios of values that were measured next to each other, pair by pair. */
export function ratiosOf(ours: readonly number[], theirs: readonly number[]): Spread {
  const pairs = Math.min(ours.length, theirs.length)
  return spreadOf(
    Array.from({ length: pairs }, (_, at) => (ours[at] as number) / (theirs[at] as number)),
  )
}
