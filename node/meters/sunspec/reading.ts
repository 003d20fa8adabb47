import { Failure } from '../../../src/index.ts'
import { ratedWattsMax } from './limits.ts'
import { commonModel, models, type Model } from './models.ts'
import { readMilli, readText, type AmountPoint, type Block, type TextPoint } from './points.ts'

/** What a device says of itself; texts as it gives them, null where it does not tell. */
export type Reading = {
  readonly manufacturer: string
  readonly model: string
  readonly options: string
  readonly version: string
  readonly serial: string
  /** Power it is built for, in W, at most three decimals. */
  readonly ratedWatts: number
  /** Power it gives now, in W; below 0 it draws. */
  readonly outputWatts: number | null
  /** Energy it gave since it was made, in Wh. */
  readonly lifetimeWattHours: number | null
}

type Blocks = ReadonlyMap<number, Block>

function textOf(blocks: Blocks, pick: (model: Model) => TextPoint | undefined): string {
  const block = blocks.get(commonModel)
  const point = pick(models.get(commonModel) ?? {})
  return block === undefined || point === undefined ? '' : readText(block, point)
}

/** The amounts of every model that has the point and implements it, in thousandths. */
function amountsOf(blocks: Blocks, pick: (model: Model) => AmountPoint | undefined): bigint[] {
  const amounts: bigint[] = []
  for (const [id, block] of blocks) {
    const point = pick(models.get(id) ?? {})
    const amount = point === undefined ? undefined : readMilli(block, point)
    if (amount !== undefined) amounts.push(amount)
  }
  return amounts
}

/** Whole thousandths divided once, at the end, give the nearest double: no stray digits. */
function toUnits(milli: bigint | undefined): number | null {
  const number = Number(milli)
  return milli !== undefined && Number.isSafeInteger(number) ? number / 1000 : null
}

/** The least of what the models say: a device may be limited below its nameplate, not above. */
function readRated(blocks: Blocks): number {
  const [least, ...others] = amountsOf(blocks, (model) => model.rated)
  if (least === undefined) {
    throw new Failure(
      'source-nonsense',
      'The device does not tell its rated power (SunSpec model 120 or 702); switch these models ' +
        'on or update its firmware.',
    )
  }
  const rated = Number(others.reduce((lower, other) => (other < lower ? other : lower), least))
  if (rated <= 0 || rated > ratedWattsMax * 1000) {
    throw new Failure(
      'source-nonsense',
      `The device gives its rated power as ${rated / 1000} W, which no inverter has; ` +
        'set it up with its real rating or update its firmware.',
    )
  }
  return rated / 1000
}

function readOutput(blocks: Blocks): number | null {
  const output = toUnits(amountsOf(blocks, (model) => model.output)[0])
  if (output !== null && Math.abs(output) > ratedWattsMax) {
    throw new Failure(
      'source-nonsense',
      `The device says that it gives ${output} W, which no inverter can; update its firmware.`,
    )
  }
  return output
}

/**
 * Makes sense of a device's models. Throws `source-nonsense` where model 1 or a rating is missing
 * or an amount is none that an inverter can have.
 */
export function readDevice(blocks: Blocks): Reading {
  if (!blocks.has(commonModel)) {
    throw new Failure(
      'source-nonsense',
      'The device lacks SunSpec model 1, which names it; check model and unit id.',
    )
  }
  return {
    manufacturer: textOf(blocks, (model) => model.manufacturer),
    model: textOf(blocks, (model) => model.model),
    options: textOf(blocks, (model) => model.options),
    version: textOf(blocks, (model) => model.version),
    serial: textOf(blocks, (model) => model.serial),
    ratedWatts: readRated(blocks),
    outputWatts: readOutput(blocks),
    lifetimeWattHours: toUnits(amountsOf(blocks, (model) => model.lifetime)[0]),
  }
}
