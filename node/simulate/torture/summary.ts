import { createHash } from 'node:crypto'
import type { Outcome } from './run.ts'
import { sumOfCounts, type Counts } from './tally.ts'

/** What a number of runs came to. */
export type Summary = {
  /** In one line: `N seeds, M violations, S simulated s/s, E events/s`. */
  readonly line: string
  readonly seeds: number
  readonly violations: number
  readonly simulatedSecondsPerSecond: number
  readonly eventsPerSecond: number
  readonly seconds: number
  readonly simulatedSeconds: number
  readonly events: number
  readonly records: number
  readonly liarsFound: number
  /** Ms until all agreed after the healing: in the middle, of 99 in 100, at worst. */
  readonly agreedAfterMs: { readonly median: number; readonly p99: number; readonly worst: number }
  /** Hash over the traces of all runs: equal for equal seeds, hours and program. */
  readonly trace: string
  readonly faults: Counts
  readonly lies: Counts
  readonly kinds: Counts
  readonly refusals: Counts
  readonly failed: readonly Pick<Outcome, 'seed' | 'failure' | 'trace'>[]
}

/** Adds up runs that took so many seconds of real time. */
export function summaryOf(outcomes: readonly Outcome[], seconds: number): Summary {
  const sum = (of: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const failed = outcomes.filter(({ failure }) => failure !== null)
  const simulatedSeconds = sum(({ simulatedMs }) => simulatedMs) / 1_000
  const events = sum((outcome) => outcome.events)
  const simulatedSecondsPerSecond = Math.round(simulatedSeconds / seconds)
  const eventsPerSecond = Math.round(events / seconds)
  const agreed = outcomes.flatMap(({ agreedAfterMs }) => agreedAfterMs ?? [])
  agreed.sort((a, b) => a - b)
  const at = (share: number): number => agreed[Math.floor(share * (agreed.length - 1))] ?? 0
  const trace = createHash('sha256')
  for (const outcome of outcomes) trace.update(`${outcome.seed} ${outcome.trace}\n`)
  return {
    line:
      `${outcomes.length} seeds, ${failed.length} violations, ` +
      `${simulatedSecondsPerSecond} simulated s/s, ${eventsPerSecond} events/s`,
    seeds: outcomes.length,
    violations: failed.length,
    simulatedSecondsPerSecond,
    eventsPerSecond,
    seconds,
    simulatedSeconds,
    events,
    records: sum(({ records }) => records),
    liarsFound: sum(({ liars }) => liars),
    agreedAfterMs: { median: at(1 / 2), p99: at(99 / 100), worst: at(1) },
    trace: trace.digest('hex'),
    faults: sumOfCounts(outcomes.map(({ faults }) => faults)),
    lies: sumOfCounts(outcomes.map(({ lies }) => lies)),
    kinds: sumOfCounts(outcomes.map(({ kinds }) => kinds)),
    refusals: sumOfCounts(outcomes.map(({ refusals }) => refusals)),
    failed: failed.map(({ seed, failure, trace: hash }) => ({ seed, failure, trace: hash })),
  }
}

const listed = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

/** The same for people: what happened, and how long agreement took. */
export function linesOf(summary: Summary): readonly string[] {
  const { median, p99, worst } = summary.agreedAfterMs
  return [
    `faults: ${listed(summary.faults)}`,
    `lies: ${listed(summary.lies)}; ${summary.liarsFound} liars found out`,
    `records: ${listed(summary.kinds)}`,
    `agreed after ${median} ms, 99 in 100 within ${p99} ms, all within ${worst} ms`,
  ]
}
