import type { Seen } from './seen.ts'

/** A value with what tells it from the others of its metric. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** A metric: its name ends in its unit, as Prometheus has it. */
export type Metric = {
  readonly name: string
  readonly help: string
  /** Names of its labels; none by default. */
  readonly labels?: readonly string[]
  /** Whether it only grows; then its name ends in `_total`. */
  readonly grows?: true
  readonly samples: (seen: Seen) => readonly Sample[]
}

/** A metric of one value. */
export const single = (name: string, help: string, valueOf: (seen: Seen) => number): Metric => ({
  name,
  help,
  samples: (seen) => [[{}, valueOf(seen)]],
})

/** Samples told apart by one label. */
export const each = (label: string, values: Readonly<Record<string, number>>): readonly Sample[] =>
  Object.entries(values).map(([name, value]) => [{ [label]: name }, value])

/** Seconds since 1970 of an ISO 8601 instant. */
export const secondsOf = (instant: string): number => Date.parse(instant) / 1_000
