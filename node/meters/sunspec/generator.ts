import { Failure } from '../../../src/index.ts'
import { amountsOf, believable, leastOf, powerNow, toUnits, type Device } from './device.ts'
import { photovoltaic, solarModels, windModels } from './models.ts'
import { readEnum } from './points.ts'
import type { Profile } from './profile.ts'

/** What turns something into power; amounts null where the device does not tell. */
type Generator = {
  /** Power it is built for, in W, at most three decimals. */
  readonly ratedWatts: number
  /** Power it gives now, in W; below 0 it draws. */
  readonly outputWatts: number | null
  /** Energy it gave since it was made, in Wh. */
  readonly lifetimeWattHours: number | null
}

function readGenerator(device: Device, models: string): Generator {
  const rated = leastOf(amountsOf(device, (model) => model.rated))
  if (rated === undefined) {
    throw new Failure(
      'source-nonsense',
      `The device does not tell its rated power (SunSpec model ${models}); switch these models ` +
        'on or update its firmware.',
    )
  }
  return {
    ratedWatts: believable(rated, 'rated power in W'),
    outputWatts: powerNow(device),
    lifetimeWattHours: toUnits(amountsOf(device, (model) => model.lifetime)[0]),
  }
}

/** Solar inverters: `rated` and `output` in W. */
export const solarProfile: Profile = {
  type: 'solar',
  models: solarModels,
  read(device) {
    const reading = readGenerator(device, '120 or 702')
    const { ratedWatts: rated, outputWatts } = reading
    // At night an inverter draws a little for itself; that is no output.
    const output = outputWatts === null ? {} : { output: Math.max(0, outputWatts) }
    return { fields: { rated, ...output }, reading }
  },
}

/** Whether a device says that it makes its power of sunlight. */
function isPhotovoltaic({ models, blocks }: Device): boolean {
  return [...blocks].some(([id, block]) => {
    const point = models.get(id)?.kind
    const kind = point === undefined ? undefined : readEnum(block, point)
    return kind !== undefined && photovoltaic.has(kind)
  })
}

/** Wind turbines: `rated` in W. */
export const windProfile: Profile = {
  type: 'wind',
  models: windModels,
  read(device) {
    if (isPhotovoltaic(device)) {
      throw new Failure(
        'source-nonsense',
        'The device says that it is a solar inverter (SunSpec model 120); prove it as solar.',
      )
    }
    const reading = readGenerator(device, '702')
    return { fields: { rated: reading.ratedWatts }, reading }
  },
}
