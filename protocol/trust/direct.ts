import { multiplyDown } from '../amounts.ts'
import { decay, half, one, times } from './fixed-point.ts'
import { fullConfidenceCount, recencyHalfLifeMs, vouchSuccesses } from './weights.ts'

/** How interactions went, as counts. */
export type Counts = {
  readonly successes: number
  readonly failures: number
  /** Time of the last success, ms since 1970; null where there was none. */
  readonly lastSuccessAt: number | null
}

/** Counts with those that an active vouch stands for, dated at its acceptance. */
export function withVouch(counts: Counts, acceptedAt: number): Counts {
  return {
    successes: counts.successes + vouchSuccesses,
    failures: counts.failures,
    lastSuccessAt: Math.max(counts.lastSuccessAt ?? 0, acceptedAt),
  }
}

/**
 * How far interactions alone move direct trust from one half, in billionths: confidence x (mean -
 * 1/2) = min(n, 50) / 50 x (s - f) / (2 (n + 1)), towards one half where it does not come out even.
 */
export function leaningOf({ successes, failures }: Counts): number {
  const count = successes + failures
  const balance = successes - failures
  const confidence = Math.min(count, fullConfidenceCount)
  const divisor = 2 * fullConfidenceCount * (count + 1)
  const size = multiplyDown(confidence * Math.abs(balance), one, divisor)
  return balance < 0 ? -size : size
}

/** The leaning at an instant: what is good about it fades, what is bad does not. */
function faded(leaning: number, lastSuccessAt: number | null, now: number): number {
  if (leaning <= 0 || lastSuccessAt === null) return leaning
  return times(leaning, decay(Math.max(0, now - lastSuccessAt), recencyHalfLifeMs))
}

/** Direct trust in billionths; one half where nothing is known. */
export function directOf(counts: Counts, now: number): number {
  return half + faded(leaningOf(counts), counts.lastSuccessAt, now)
}

/** Weight of an edge in billionths: max(0, 2 direct - 1). `leaning` is that of its counts. */
export function weightOf(leaning: number, lastSuccessAt: number | null, now: number): number {
  return Math.max(0, 2 * faded(leaning, lastSuccessAt, now))
}
