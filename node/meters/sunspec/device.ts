import { Failure } from '../../../src/index.ts'
import { amountMax } from './limits.ts'
import { commonModel, type Model, type Models } from './models.ts'
import { readMilli, readText, type AmountPoint, type Block, type TextPoint } from './points.ts'

/** The registers of a device's models, by id, and how to read them. */
export type Device = { readonly models: Models; readonly blocks: ReadonlyMap<number, Block> }

/** What a device says of itself; texts as it gives them, empty where it does not tell. */
export type Identity = {
  readonly manufacturer: string
  readonly model: string
  readonly options: string
  readonly version: string
  readonly serial: string
}

/** Who the device is. Throws `source-nonsense` if it lacks model 1. */
export function readIdentity({ models, blocks }: Device): Identity {
  const block = blocks.get(commonModel)
  const common = models.get(commonModel)
  if (block === undefined || common === undefined) {
    throw new Failure(
      'source-nonsense',
      'The device lacks SunSpec model 1, which names it; check model and unit id.',
    )
  }
  const textOf = (point: TextPoint | undefined): string =>
    point === undefined ? '' : readText(block, point)
  return {
    manufacturer: textOf(common.manufacturer),
    model: textOf(common.model),
    options: textOf(common.options),
    version: textOf(common.version),
    serial: textOf(common.serial),
  }
}

/** The amounts of every model that has the point and implements it, in thousandths of its unit. */
export function amountsOf(
  { models, blocks }: Device,
  pick: (model: Model) => AmountPoint | undefined,
): readonly bigint[] {
  return [...blocks].flatMap(([id, block]) => {
    const point = pick(models.get(id) ?? {})
    const amount = point === undefined ? undefined : readMilli(block, point)
    return amount === undefined ? [] : [amount]
  })
}

/** The least of some amounts: a device may be limited below its nameplate, not above. */
export function leastOf(amounts: readonly bigint[]): bigint | undefined {
  return amounts.toSorted((one, other) => (one < other ? -1 : 1))[0]
}

/** Whole thousandths divided once, at the end, give the nearest double: no stray digits. */
export function toUnits(milli: bigint | undefined): number | null {
  const number = Number(milli)
  return milli !== undefined && Number.isSafeInteger(number) ? number / 1000 : null
}

/**
 * An amount that a device is built for, in its unit; `what` says which. Throws `source-nonsense` if
 * it is none that a device can have.
 */
export function believable(milli: bigint, what: string): number {
  const amount = Number(milli) / 1000
  if (amount > 0 && amount <= amountMax) return amount
  throw new Failure(
    'source-nonsense',
    `The device gives its ${what} as ${amount}, which no device has; ` +
      'set it up with its real rating or update its firmware.',
  )
}

/** Power that flows now, in W, below 0 inwards; null if the device does not tell. */
export function powerNow(device: Device): number | null {
  const [output] = amountsOf(device, (model) => model.output)
  const watts = toUnits(output)
  if (watts === null || Math.abs(watts) <= amountMax) return watts
  throw new Failure(
    'source-nonsense',
    `The device says that it gives ${watts} W, which no device can; update its firmware.`,
  )
}
