import { pathLevelMax, witnessedLevel, type SourceType } from '../../protocol/index.ts'
import type { Measurement, Sight } from '../ports.ts'
import { metabolicWatts } from '../work/receipts.ts'

/** What a proof says of its source, as far as a look can bear it out. */
export type Claim = {
  readonly source: string
  readonly type: SourceType
  /** Effective capacity in W. */
  readonly capacityWatts: number
  readonly measuredAt: number
  /** Energy counted then, in Wh, as the claimant's own transcript has it. */
  readonly countedWattHours: number | undefined
}

/** Energy counted at an instant that somebody signed for then. */
export type Counted = { readonly at: number; readonly wattHours: number }

/** What a witness says: whether it found what the proof says, how far that goes, and why. */
export type Judgement = {
  readonly verdict: boolean
  readonly level: number
  readonly reason: string
}

/** What a source gives at most, above its rating: meters are off by some per cent. */
const overRated = 1.05
/** The claimed capacity may be this much above what is seen: rounding, and other firmware. */
const capacitySlack = 0.01
/** Part of the counted energy that counter and power may differ by. */
const energySlack = 0.05
/** Part of the rated energy that may pass unseen between two samples: clouds. */
const unseenPart = 0.1
/** Steps in which counters count, in Wh; the largest that all readings are multiples of counts. */
const counterSteps = [1_000, 100, 10, 1]
/** Where a counter begins again unless its meter tells, in Wh: 32 bits. */
const counterEnd = 2 ** 32
/** Counter history that level 3 takes, in ms (7 d). */
const historyMs = 7 * 86_400_000
/** What panels give over a week at the very most, as a part of their rating around the clock. */
const solarShareMax = 0.35
const hourMs = 3_600_000

/** The factor that says what a type of source gives at most, in W. */
const ratingOf: Readonly<Record<SourceType, string>> = {
  solar: 'rated',
  wind: 'rated',
  compute: 'tdp',
  grid: 'allocated',
  human: 'metabolic',
  battery: 'dischargeRate',
}

function wattsOf({ fields }: Measurement, name: string): number | undefined {
  const value = Number(fields[name])
  return fields[name] === undefined || !Number.isFinite(value) ? undefined : value
}

function ratedOf(measurement: Measurement, type: SourceType): number {
  return wattsOf(measurement, ratingOf[type]) ?? (type === 'human' ? metabolicWatts : 0)
}

/** What of its rating a processor may draw by its limit in force, in W. */
function allowedOf(measurement: Measurement, rated: number): number {
  const idle = wattsOf(measurement, 'idle') ?? 0
  return idle + (rated - idle) * (wattsOf(measurement, 'utilisation') ?? 1)
}

/** What a source is able to give by a look at it, in W: a battery is emptied by what it gives. */
function ableOf(measurement: Measurement, claim: Claim): number {
  const rated = ratedOf(measurement, claim.type)
  if (claim.type === 'compute') return allowedOf(measurement, rated)
  if (claim.type !== 'battery') return rated
  const hours = Math.max(0, measurement.measuredAt - claim.measuredAt) / hourMs
  return Math.min(rated, (wattsOf(measurement, 'stored') ?? 0) + rated * hours)
}

const no = (level: number, reason: string): Judgement => ({ verdict: false, level, reason })

/** What is wrong with one sample by itself. */
function sampleFault(measurement: Measurement, claim: Claim): string | undefined {
  if (measurement.source !== claim.source) return `the device is ${measurement.source}`
  const able = ableOf(measurement, claim)
  if (able < claim.capacityWatts * (1 - capacitySlack)) {
    return `it can give ${Math.round(able * 1_000) / 1_000} W, not ${claim.capacityWatts} W`
  }
  const output = wattsOf(measurement, 'output')
  const rated = ratedOf(measurement, claim.type)
  return output !== undefined && (output < 0 || output > rated * overRated)
    ? `it says that it gives ${output} W of ${rated} W`
    : undefined
}

/** Energy that the device has counted since it was made, in Wh; undefined where it does not. */
const countedBy = ({ readings }: Measurement): number | undefined => readings?.counterWattHours

const withinMs = ({ readings }: Measurement): number => readings?.countedWithinMs ?? 0

function stepOf(readings: readonly number[]): number {
  return counterSteps.find((step) => readings.every((reading) => reading % step === 0)) ?? 1
}

/**
 * Energy counted between two readings; below 0 where the counter fell. One that begins again behind
 * its last Wh is believed where it did not count too much so.
 */
function countedBetween(before: number, after: number, most: number): number {
  const around = after + counterEnd - before
  return after < before && around <= most ? around : after - before
}

/** What is wrong between two samples that follow each other. */
function pairFault(
  earlier: Measurement,
  later: Measurement,
  { rated, step }: { readonly rated: number; readonly step: number },
): string | undefined {
  const [before, after] = [countedBy(earlier), countedBy(later)]
  if (before === undefined || after === undefined) return undefined
  const hours = Math.max(0, later.measuredAt - earlier.measuredAt) / hourMs
  const unsureHours = (withinMs(earlier) + withinMs(later)) / hourMs
  // A reading is taken within the walk through the device, and rounded to a step, at both ends.
  const slack = 2 * step + rated * (unseenPart * hours + unsureHours)
  const most = rated * overRated * hours + slack
  const counted = countedBetween(before, after, most)
  if (counted < 0) return `its counter fell from ${before} to ${after} Wh`
  if (counted > most) {
    return `it counted ${counted} Wh in ${Math.round(hours * 3_600)} s at ${rated} W`
  }
  const [from, to] = [wattsOf(earlier, 'output'), wattsOf(later, 'output')]
  if (from === undefined || to === undefined) return undefined
  const expected = ((from + to) / 2) * hours
  // Power that moved is known no better than by how much it moved.
  const moved = (Math.abs(from - to) / 2) * hours
  return Math.abs(counted - expected) > slack + energySlack * expected + moved
    ? `it counted ${counted} Wh where its power made ${Math.round(expected * 10) / 10}`
    : undefined
}

/** What the claimant's transcript says of the counter that the first sample contradicts. */
function counterFault(seen: Measurement, claim: Claim, rated: number): string | undefined {
  const [then, now] = [claim.countedWattHours, countedBy(seen)]
  if (then === undefined || now === undefined) return undefined
  const hours = Math.max(0, seen.measuredAt - claim.measuredAt) / hourMs
  const most = rated * overRated * hours + 2 * stepOf([then, now])
  const counted = countedBetween(then, now, most)
  if (counted < 0) return `its counter is at ${now} Wh, and the proof has ${then} Wh`
  return counted > most ? `it counted ${counted} Wh since the proof` : undefined
}

/**
 * Whether readings of others that are at least seven days old, those in between and what was seen
 * now make one counter that only ever rose, and no faster than such a source can.
 */
function isSteady(claim: Claim, seen: Measurement, history: readonly Counted[]): boolean {
  const now = countedBy(seen)
  const [first] = history
  if (now === undefined || first === undefined) return false
  if (first.at > seen.measuredAt - historyMs) return false
  const all = [...history, { at: seen.measuredAt, wattHours: now }]
  const isRising = all.every(({ wattHours }, i) => wattHours >= (all[i - 1]?.wattHours ?? 0))
  const share = claim.type === 'solar' ? solarShareMax : overRated
  const hours = (seen.measuredAt - first.at) / hourMs
  const most = ratedOf(seen, claim.type) * share * hours
  const counted = now - first.wattHours
  return isRising && counted > 0 && counted <= most
}

/**
 * What a witness makes of its samples of a source, oldest first and at least one, and of what is
 * known of its counter from before, oldest first. A `no` is said only where something contradicts
 * the proof or itself; what cannot be seen bears out less, and contradicts nothing.
 */
export function judgeSights(
  claim: Claim,
  sights: readonly Sight[],
  history: readonly Counted[],
): Judgement {
  const measurements = sights.map(({ measurement }) => measurement)
  const last = measurements.at(-1)
  const most = Math.min(...sights.map(({ path }) => pathLevelMax[path]))
  const least = Math.min(witnessedLevel, most)
  if (last === undefined) throw new TypeError('a look has at least one sample')
  for (const measurement of measurements) {
    const wrong = sampleFault(measurement, claim)
    if (wrong !== undefined) return no(least, wrong)
  }
  const readings = measurements.flatMap((each) => countedBy(each) ?? [])
  const step = last.readings?.counterStepWattHours ?? stepOf(readings)
  const bounds = { rated: ratedOf(last, claim.type), step }
  const unlike = counterFault(measurements[0] ?? last, claim, bounds.rated)
  if (unlike !== undefined) return no(least, unlike)
  for (const [i, later] of measurements.entries()) {
    const earlier = measurements[i - 1]
    const wrong = earlier === undefined ? undefined : pairFault(earlier, later, bounds)
    if (wrong !== undefined) return no(least, wrong)
  }
  if (measurements.every(({ isRooted }) => isRooted === true)) {
    return { verdict: true, level: most, reason: 'its maker vouches for its key' }
  }
  const level = isSteady(claim, last, history) ? witnessedLevel + 1 : witnessedLevel
  return { verdict: true, level: Math.min(level, most), reason: 'it answers as the proof says' }
}
