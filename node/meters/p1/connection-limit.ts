import { Failure } from '../../../src/index.ts'
import { allocatedMilliwattsMax, nominalVolts } from './limits.ts'
import { quantityOf, valueOf, type Quantity, type Telegram } from './telegram.ts'

const limiterCode = '0-0:17.0.0'
const fuseCode = '1-0:31.4.0'
const breakerCode = '0-0:96.3.10'
/** The objects that a meter has for its second and third phase: powers, current, voltage. */
const phaseCodes: readonly (readonly string[])[] = [
  ['1-0:41.7.0', '1-0:42.7.0', '1-0:51.7.0', '1-0:52.7.0'],
  ['1-0:61.7.0', '1-0:62.7.0', '1-0:71.7.0', '1-0:72.7.0'],
]

/** What a connection may draw, by its own meter. Powers in mW, null where there is no limit. */
export type ConnectionLimit = {
  readonly phases: number
  readonly limiter: bigint | null
  /** Of all phases, at 230 V. */
  readonly fuse: bigint | null
  /** The lesser of the two. */
  readonly allocated: bigint
}

/** How many phases are connected: one more for each whose values are there and not all dead. */
function countPhases(telegram: Telegram): number {
  const connected = phaseCodes.filter((codes) => {
    const volts = quantityOf(telegram, codes.at(-1) ?? '')
    return codes.some((code) => telegram.objects.has(code)) && volts?.micro !== 0n
  })
  return 1 + connected.length
}

/** A limit in mW; null for one that is not set. */
function milliwatts(limit: Quantity | undefined, code: string, phases: number): bigint | null {
  if (limit === undefined || limit.isUnlimited || limit.micro === 0n) return null
  const { micro, unit } = limit
  // A millionth of a kilowatt is a milliwatt.
  if (unit === 'kW') return micro
  if (unit === 'A') return (micro * nominalVolts * BigInt(phases)) / 1000n
  throw new Failure(
    'source-nonsense',
    `The meter gives its limit ${code} in ${unit}, and not in kW or A; see its standard.`,
  )
}

function refuseOpenBreaker(telegram: Telegram): void {
  const state = valueOf(telegram, breakerCode)
  if (state === undefined || state === '1') return
  throw new Failure(
    'source-unavailable',
    `The meter has switched its connection off (${breakerCode} is ${state.slice(0, 8)}); ` +
      'have it switched on.',
  )
}

/**
 * What a meter allows its connection to draw. Throws `source-unavailable` where it has switched it
 * off, `source-nonsense` where it tells no limit, `implausible-proof` for a limiter above the fuse.
 */
export function connectionLimit(telegram: Telegram): ConnectionLimit {
  refuseOpenBreaker(telegram)
  const phases = countPhases(telegram)
  const limiter = milliwatts(quantityOf(telegram, limiterCode), limiterCode, phases)
  const fuse = milliwatts(quantityOf(telegram, fuseCode), fuseCode, phases)
  const allocated = limiter ?? fuse
  if (allocated === null || allocated > allocatedMilliwattsMax) {
    throw new Failure(
      'source-nonsense',
      `The meter tells no limit: neither its limiter (${limiterCode}) nor its fuse (${fuseCode}) ` +
        'is set. What is not limited is not allocated; ask the grid operator for OpenADR instead.',
    )
  }
  if (limiter !== null && fuse !== null && limiter > fuse) {
    throw new Failure(
      'implausible-proof',
      `The meter's limiter lets ${limiter / 1000n} W pass, and its fuse on ${phases} phase(s) of ` +
        `230 V breaks at ${fuse / 1000n} W; have the grid operator set it right.`,
    )
  }
  return { phases, limiter, fuse, allocated }
}
