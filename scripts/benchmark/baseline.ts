import { readFileSync, writeFileSync } from 'node:fs'
import { ratiosOf, type Spread } from './statistics.ts'
import type { Measured } from './trial.ts'

/** Ratios of an earlier run by work and name; kept in the repository. */
export type Baseline = Readonly<Record<string, Readonly<Record<string, Spread>>>>

/** Units of which more is better; of all others less is. */
const moreIsBetter: ReadonlySet<string> = new Set(['records/s'])

/** The ratios of a run with their spread. */
export function baselineOf(measured: readonly Measured[]): Baseline {
  const works = measured.map(({ work, ours, others }) => {
    const ratios = Object.entries(others).map(
      ([name, values]) => [name, ratiosOf(ours, values)] as const,
    )
    return [work, Object.fromEntries(ratios)] as const
  })
  return Object.fromEntries(works.filter(([, ratios]) => Object.keys(ratios).length > 0))
}

/**
 * What has become worse than a baseline: work whose median ratio lies beyond the spread that the
 * baseline had, on its bad side, and whose own spread does not reach back into it.
 */
export function worseThan(baseline: Baseline, measured: readonly Measured[]): readonly string[] {
  return measured.flatMap(({ work, unit, ours, others }) =>
    Object.entries(others).flatMap(([name, values]) => {
      const then = baseline[work]?.[name]
      if (then === undefined) return []
      const now = ratiosOf(ours, values)
      const isWorse = moreIsBetter.has(unit) ? now.high < then.low : now.low > then.high
      return isWorse ? [`${work}: ${sentence(now)} of ${name}, was ${sentence(then)}`] : []
    }),
  )
}

function sentence({ low, median, high }: Spread): string {
  return `${median.toPrecision(3)} (${low.toPrecision(3)} to ${high.toPrecision(3)})`
}

/** Reads a baseline from a file. */
export function readBaseline(file: URL): Baseline {
  return JSON.parse(readFileSync(file, 'utf8')) as Baseline
}

/** Puts what was measured into a file, and answers all of it: other works stay as they were. */
export function keepBaseline(file: URL, measured: readonly Measured[], before: Baseline): Baseline {
  const merged = { ...before, ...baselineOf(measured) }
  writeFileSync(file, `${JSON.stringify(merged, null, 2)}\n`)
  return merged
}
