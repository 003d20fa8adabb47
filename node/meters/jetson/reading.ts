import { Failure } from '../../../src/index.ts'
import { powerMicrowattsMax } from './limits.ts'
import type { PowerMode } from './power-mode.ts'
import type { RailSample } from './rails.ts'

/** A rail at two moments, and its limit of current in mA where the board has set one. */
export type SampledRail = {
  readonly label: string
  readonly samples: readonly [RailSample, RailSample]
  readonly limit: bigint | undefined
}

/** What a board says of itself. */
export type Reading = {
  readonly board: string
  readonly serial: string
  readonly mode: PowerMode | null
  readonly ratedWatts: number
  /** `mode` by its power mode, `limit` by its limit of current, `drawn` the least it can. */
  readonly ratedBy: 'mode' | 'limit' | 'drawn'
  /** Mean of two looks. */
  readonly drawnWatts: number
  readonly rails: readonly string[]
}

const nonsense = (message: string): Failure => new Failure('source-nonsense', message)

/** Microwatts as watts of at most three decimals, rounded down. */
const watts = (microwatts: bigint): number => Number(microwatts / 1000n) / 1000

const sum = (parts: readonly bigint[]): bigint => parts.reduce((total, part) => total + part, 0n)

function drawnBy({ samples }: SampledRail): bigint {
  return sum(samples.map(({ millivolts, milliamperes }) => millivolts * milliamperes)) / 2n
}

/** What all rails may carry at their voltage; undefined where one has no limit. */
function limitOf(rails: readonly SampledRail[]): bigint | undefined {
  const parts = rails.map(({ limit, samples }) =>
    limit === undefined ? undefined : limit * samples[1].millivolts,
  )
  return parts.every((part) => part !== undefined) ? sum(parts) : undefined
}

type Rated = Pick<Reading, 'ratedBy'> & { readonly rated: bigint }

function ratedAt(
  mode: PowerMode | undefined,
  limit: bigint | undefined,
  drawn: bigint,
): Rated | undefined {
  if (mode !== undefined && mode.watts !== null && mode.watts > 0) {
    return { ratedBy: 'mode', rated: BigInt(mode.watts) * 1_000_000n }
  }
  if (limit !== undefined && limit > 0n) return { ratedBy: 'limit', rated: limit }
  return drawn > 0n ? { ratedBy: 'drawn', rated: drawn } : undefined
}

/**
 * Makes sense of what a board's files say. Throws `source-nonsense` for what no such board can draw
 * or be rated at.
 */
export function readBoard(
  names: Pick<Reading, 'board' | 'serial'>,
  rails: readonly SampledRail[],
  mode: PowerMode | undefined,
): Reading {
  const drawn = sum(rails.map(drawnBy))
  const found = ratedAt(mode, limitOf(rails), drawn)
  if (found === undefined) {
    throw nonsense('The board draws nothing and tells no limit; see dmesg for its power monitor.')
  }
  const { rated, ratedBy } = found
  for (const power of [rated, drawn]) {
    if (power <= powerMicrowattsMax) continue
    throw nonsense(`The board gives its power as ${watts(power)} W, which no Jetson can have.`)
  }
  return {
    ...names,
    mode: mode ?? null,
    ratedWatts: watts(rated),
    ratedBy,
    drawnWatts: watts(drawn),
    rails: rails.map(({ label }) => label),
  }
}
