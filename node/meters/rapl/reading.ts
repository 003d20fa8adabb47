import { millionths, multiplyDown } from '../../../protocol/index.ts'
import { Failure } from '../../../src/index.ts'
import { overRatingMax, ratedMicrowattsMax } from './limits.ts'
import { energyBetween, type Package } from './packages.ts'

/** A package and its counter at two moments, in microjoules. */
export type Sampled = { readonly package: Package; readonly energy: readonly [bigint, bigint] }

/** What one package came to, in W. */
export type PackageReading = {
  readonly name: string
  readonly ratedWatts: number
  /** `tdp` as it rates itself, `limit` what it may draw for long, `drawn` the least it can. */
  readonly ratedBy: 'tdp' | 'limit' | 'drawn'
  readonly limitWatts: number | null
  /** Mean between the two samples. */
  readonly meanWatts: number
}

/** What a machine's packages came to together. */
export type Reading = {
  readonly packages: readonly PackageReading[]
  readonly tdpWatts: number
  /** The part of it that its limits allow, 0..1 in whole millionths, rounded down. */
  readonly utilisation: number
}

const nonsense = (message: string): Failure => new Failure('source-nonsense', message)

/** Microwatts as watts of at most three decimals, rounded down. */
const watts = (microwatts: bigint): number => Number(microwatts / 1000n) / 1000

type Rated = Pick<PackageReading, 'ratedBy'> & { readonly rated: bigint }

/** The first that a package tells of what it is built for, may draw, and drew. */
function ratedAt({ rated, limit, zone }: Package, drawn: bigint): Rated {
  const told: readonly (readonly [PackageReading['ratedBy'], bigint])[] = [
    ['tdp', rated],
    ['limit', limit],
    ['drawn', drawn],
  ]
  for (const [ratedBy, microwatts] of told) {
    if (microwatts <= 0n) continue
    if (microwatts <= ratedMicrowattsMax) return { ratedBy, rated: microwatts }
    // Boards that know no limit give one that nothing reaches.
    if (ratedBy === 'limit') continue
    throw nonsense(`${zone} gives its power as ${watts(microwatts)} W, which no processor has.`)
  }
  throw nonsense(`${zone} tells neither what it may draw nor draws anything; update the kernel.`)
}

/**
 * Makes sense of the packages of one machine between two samples. Throws `source-nonsense` for what
 * no processor can draw or be rated at.
 */
export function readPackages(sampled: readonly Sampled[], elapsedMs: number): Reading {
  const elapsedMicroseconds = BigInt(Math.max(1, Math.round(elapsedMs * 1000)))
  let tdp = 0n
  let allowed = 0n
  const packages = sampled.map(({ package: each, energy: [first, second] }): PackageReading => {
    const drawn = (energyBetween(first, second, each) * 1_000_000n) / elapsedMicroseconds
    const { ratedBy, rated } = ratedAt(each, drawn)
    if (drawn > rated * overRatingMax) {
      throw nonsense(
        `${each.zone} says that it drew ${watts(drawn)} W and is made for ${watts(rated)} W; ` +
          'update the kernel.',
      )
    }
    tdp += rated
    allowed += each.limit > 0n && each.limit < rated ? each.limit : rated
    return {
      name: each.name,
      ratedWatts: watts(rated),
      ratedBy,
      limitWatts: each.limit > 0n ? watts(each.limit) : null,
      meanWatts: watts(drawn),
    }
  })
  const share = multiplyDown(Number(allowed), millionths, Number(tdp))
  return { packages, tdpWatts: watts(tdp), utilisation: share / millionths }
}
