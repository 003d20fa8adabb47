import { millionths, multiplyDown } from '../amounts.ts'
import type { SourceType } from './source-id.ts'

const hour = 3_600_000
const day = 86_400_000

/** Age in ms at which a measurement of a type of source is stale. */
export const staleAfterMs: Readonly<Record<SourceType, number>> = {
  solar: 30 * day,
  compute: day,
  grid: 7 * day,
  human: day,
  battery: hour,
  wind: 7 * day,
}

/** The factors of a proof as they are on the wire: mW, mWh, millionths, ms. */
export type Factors = {
  readonly rated?: number | undefined
  readonly degradation?: number | undefined
  readonly tdp?: number | undefined
  readonly idle?: number | undefined
  readonly utilisation?: number | undefined
  readonly allocated?: number | undefined
  readonly peakFactor?: number | undefined
  readonly metabolic?: number | undefined
  readonly hours?: number | undefined
  readonly dischargeRate?: number | undefined
  readonly stored?: number | undefined
  readonly factor?: number | undefined
}

/** Metabolic power of a human at work where the proof names none, in mW. */
export const metabolicDefault = 100_000
/** Working time in 24 h where the proof names none, in ms. */
export const hoursDefault: number = 8 * hour

/** Effective capacity in mW, exact and rounded down. */
export function capacityOf(type: SourceType, factors: Factors): number {
  const scaled = (watts: number | undefined, ratio: number | undefined): number =>
    multiplyDown(watts ?? 0, ratio ?? millionths, millionths)
  switch (type) {
    case 'solar':
      return scaled(factors.rated, factors.degradation)
    case 'wind':
      return scaled(factors.rated, factors.factor)
    case 'grid':
      return scaled(factors.allocated, factors.peakFactor)
    case 'human':
      return factors.metabolic ?? metabolicDefault
    case 'battery':
      return Math.min(factors.dischargeRate ?? 0, factors.stored ?? 0)
    case 'compute': {
      const idle = factors.idle ?? 0
      return idle + scaled((factors.tdp ?? 0) - idle, factors.utilisation)
    }
  }
}

/** mWh that may be charged on a source in any 24 h; null where only its watts limit it. */
export function dailyEnergyOf(type: SourceType, factors: Factors): number | null {
  if (type !== 'human') return null
  return multiplyDown(capacityOf(type, factors), factors.hours ?? hoursDefault, hour)
}
