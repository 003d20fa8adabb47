import { Failure } from '../../../src/index.ts'
import { amountsOf, believable, leastOf, powerNow, toUnits, type Device } from './device.ts'
import { batteryModels, type Model } from './models.ts'
import { readEnum, readMilli, type AmountPoint, type Block } from './points.ts'
import type { Profile } from './profile.ts'

/** A hundred per cent, in thousandths of one. */
const fullMilli = 100_000n
/** How far above its rating a battery may tell its energy: a new one often holds more. */
const surplusPercent = 10n

function nonsense(message: string): Failure {
  return new Failure('source-nonsense', message)
}

/** Fails with `source-unavailable` while nothing can be drawn from the battery. */
function expectUsable({ models, blocks }: Device): void {
  for (const [id, block] of blocks) {
    const point = models.get(id)?.state
    const value = point === undefined ? undefined : readEnum(block, point)
    const reason = value === undefined ? undefined : point?.unusable[value]
    if (reason === undefined) continue
    throw new Failure(
      'source-unavailable',
      `The battery says that it is ${reason} (SunSpec model ${id}, state ${value}); ` +
        'measure again when it is in use.',
    )
  }
}

function readDischarge(device: Device): bigint {
  const rate = leastOf([
    ...amountsOf(device, (model) => model.discharge),
    ...amountsOf(device, (model) => model.dischargeLimit),
  ])
  if (rate !== undefined) return rate
  throw nonsense(
    'The battery does not tell how fast it can be discharged (SunSpec model 702, 802 or 120); ' +
      'switch these models on or update its firmware.',
  )
}

type Stored = {
  readonly stored: bigint
  readonly rated: bigint | undefined
  /** In thousandths of a per cent. */
  readonly charge: bigint | undefined
  /** Which points it follows from. */
  readonly basis: string
}

function storedOf(id: number, model: Model, block: Block): Stored | undefined {
  const milliOf = (point: AmountPoint | undefined): bigint | undefined =>
    point === undefined ? undefined : readMilli(block, point)
  const rated = milliOf(model.energyRated)
  const charge = milliOf(model.charge)
  const available = milliOf(model.energyAvailable)
  if (charge !== undefined && charge > fullMilli) {
    throw nonsense(
      `The battery says that it is charged to ${Number(charge) / 1000} % (SunSpec model ${id}); ` +
        'update its firmware.',
    )
  }
  if (available !== undefined) {
    if (rated !== undefined && available * 100n > rated * (100n + surplusPercent)) {
      throw nonsense(
        `The battery says that it holds ${toUnits(available)} Wh, and ${toUnits(rated)} Wh when ` +
          `full (SunSpec model ${id}); update its firmware.`,
      )
    }
    return { stored: available, rated, charge, basis: `${id} WHAvail` }
  }
  if (rated === undefined || charge === undefined) return undefined
  return { stored: (rated * charge) / fullMilli, rated, charge, basis: `${id} WHRtg x SoC` }
}

/** What the battery holds: the least of what its models say, energy that it could give first. */
function readStored({ models, blocks }: Device): Stored {
  const told = [...blocks].flatMap(([id, block]) => storedOf(id, models.get(id) ?? {}, block) ?? [])
  const [first, ...others] = told
  if (first === undefined) {
    throw nonsense(
      'The battery does not tell how much it holds (SunSpec model 713 or 802: energy available, ' +
        'or rating and state of charge); switch these models on or update its firmware.',
    )
  }
  return others.reduce((least, other) => (other.stored < least.stored ? other : least), first)
}

/** Batteries: `dischargeRate` in W and `stored` in Wh. */
export const batteryProfile: Profile = {
  type: 'battery',
  models: batteryModels,
  read(device) {
    expectUsable(device)
    const dischargeRate = believable(readDischarge(device), 'discharge rate in W')
    const { stored, rated, charge, basis } = readStored(device)
    const storedWattHours = stored === 0n ? 0 : believable(stored, 'stored energy in Wh')
    return {
      fields: { dischargeRate, stored: storedWattHours },
      reading: {
        dischargeWatts: dischargeRate,
        storedWattHours,
        storedFrom: basis,
        ratedWattHours: toUnits(rated),
        chargePercent: toUnits(charge),
        powerWatts: powerNow(device),
      },
    }
  },
}
