import { seriesCountersMin, seriesOutputsMin } from '../limits.ts'
import type { Sample } from '../ports.ts'

/** Whether two runs of equal length show the same changing output, all of it above 0. */
function sameOutputs(a: readonly Sample[], b: readonly Sample[]): boolean {
  const shown = new Set(a.map(({ watts }) => watts))
  return shown.size === a.length && a.every(({ watts }, i) => watts && watts === b[i]?.watts)
}

/**
 * Whether two series can only be one device's: counters that stood at the same several marks (with
 * the same output then, where both tell it), or several different outputs in the same order. Equal
 * households under one sky are not that equal.
 */
export function isSameSeries(a: readonly Sample[], b: readonly Sample[]): boolean {
  const marks = new Map(b.map(({ wattHours, watts }) => [wattHours, watts]))
  const shared = new Set<number>()
  for (const { wattHours, watts } of a) {
    if (!wattHours || !marks.has(wattHours)) continue
    const other = marks.get(wattHours)
    if (watts === null || other === null || watts === other) shared.add(wattHours)
  }
  if (shared.size >= seriesCountersMin) return true
  const runsOf = (series: readonly Sample[]): readonly (readonly Sample[])[] =>
    series
      .map((_, start) => series.slice(start, start + seriesOutputsMin))
      .filter(({ length }) => length === seriesOutputsMin)
  const others = runsOf(b)
  return runsOf(a).some((run) => others.some((other) => sameOutputs(run, other)))
}
