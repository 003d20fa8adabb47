import type { ProofClaim, Sample } from '../../src/index.ts'
import { minute, wattHours, type Check } from './check.ts'
import {
  countedMax,
  counterWrapDefault,
  countingSlackMs,
  phaseVolts,
  solarShareMax,
  solarSpanMs,
  wrapShare,
} from './limits.ts'

const hourMs = 3_600_000

/**
 * The most that a source gave all the time since an instant, in W, by all its proofs since;
 * undefined where nothing tells.
 */
function mostSince(claim: ProofClaim, since: number): number | undefined {
  const { type, rated, tdp, dischargeRate, readings, history } = claim
  if (type === 'grid') {
    const { fuseAmperes, phases = 1 } = readings
    return fuseAmperes === undefined ? undefined : fuseAmperes * phaseVolts * phases
  }
  const now = rated ?? tdp ?? dischargeRate
  if (now === null) return undefined
  return Math.max(now, ...history.filter(({ at }) => at >= since).map(({ most }) => most ?? 0))
}

/** Wh that a counter went on by; undefined where it fell and did not begin anew. */
function countedBetween(before: number, now: number, wrap: number): number | undefined {
  if (now >= before) return now - before
  const isWrapped = before >= (1 - wrapShare) * wrap && before <= wrap && now <= wrapShare * wrap
  return isWrapped ? now + wrap - before : undefined
}

function sinceThen(claim: ProofClaim, before: Sample, now: number): string | null {
  const { type, measuredAt, readings } = claim
  if (before.wattHours === null) return null
  const wrap = readings.counterWrapWattHours ?? counterWrapDefault
  const counted = countedBetween(before.wattHours, now, wrap)
  const since = `since ${minute(before.at)}`
  if (counted === undefined) {
    // Counters of processors begin anew whenever their machine does.
    if (type === 'compute') return null
    const marks = `from ${wattHours(before.wattHours)} to ${wattHours(now)}`
    return `its counter fell ${marks} ${since}; retire it and prove it anew if it was replaced`
  }
  const most = mostSince(claim, before.at)
  if (most === undefined) return null
  const step = readings.counterStepWattHours ?? 1
  const hours = (measuredAt - before.at) / hourMs
  const slack = 2 * step + (most * countingSlackMs) / hourMs
  if (counted > countedMax * most * hours + slack) {
    return `it counted ${wattHours(counted)} ${since}, more than its rating gives in that time`
  }
  const isLong = type === 'solar' && measuredAt - before.at >= solarSpanMs
  if (isLong && counted > solarShareMax * most * hours + slack) {
    return `it counted ${wattHours(counted)} ${since}, more than panels give with nights between`
  }
  return null
}

/** Whether the counter stands where the source's own history allows. */
export const counterCheck: Check = (claim) => {
  const { measuredAt, readings, history } = claim
  const now = readings.counterWattHours
  if (now === undefined) return null
  for (const before of history) {
    const fault = before.at < measuredAt ? sinceThen(claim, before, now) : null
    if (fault !== null) return fault
  }
  return null
}
