import {
  block,
  common,
  mapOf,
  scaled,
  scaleFor,
  type Base,
  type Names,
  type RegisterMap,
  type Words,
} from './sunspec-blocks.ts'
import { derMeasurement, type Amounts } from './sunspec-map.ts'

/** Models behind model 1: `der` 701, 702 and 713, `base` 802. */
export type StorageModels = 'der' | 'base'

/** What a simulated battery says of itself. An amount that is left out is not implemented. */
export type Battery = Names &
  Amounts & {
    readonly models: StorageModels
    readonly base: Base
    readonly dischargeWatts?: number
    readonly energyWattHours?: number
    readonly availableWattHours?: number
    readonly chargePercent?: number
    /** Of model 713 or 802; in use if left out. */
    readonly state?: number
  }

/** Most that fits into a register beside the pattern of what is not implemented. */
const registerMax = 0xfffe
const percentScale = -1

function derCapacity({ ratedWatts, dischargeWatts }: Battery): Words {
  const scale = scaleFor(Math.max(ratedWatts ?? 0, dischargeWatts ?? 0), registerMax)
  const points: [number, Words][] = [[45, [scale & 0xffff]]]
  if (ratedWatts !== undefined) points.push([2, [scaled(ratedWatts, scale)]])
  if (dischargeWatts !== undefined) {
    points.push([11, [scaled(dischargeWatts, scale)]], [35, [scaled(dischargeWatts, scale)]])
  }
  return block(702, points)
}

function derStorage(battery: Battery): Words {
  const { energyWattHours, availableWattHours, chargePercent, state = 1 } = battery
  const scale = scaleFor(Math.max(energyWattHours ?? 0, availableWattHours ?? 0), registerMax)
  const points: [number, Words][] = [[6, [state, scale & 0xffff, percentScale & 0xffff]]]
  if (energyWattHours !== undefined) points.push([2, [scaled(energyWattHours, scale)]])
  if (availableWattHours !== undefined) points.push([3, [scaled(availableWattHours, scale)]])
  if (chargePercent !== undefined) points.push([4, [scaled(chargePercent, percentScale)]])
  return block(713, points)
}

function batteryBase(battery: Battery): Words {
  const { energyWattHours, dischargeWatts, chargePercent, watts, state = 3 } = battery
  const points: [number, Words][] = [
    [22, [state]],
    [56, [percentScale & 0xffff]],
  ]
  if (energyWattHours !== undefined) {
    const scale = scaleFor(energyWattHours, registerMax)
    points.push([3, [scaled(energyWattHours, scale)]], [53, [scale & 0xffff]])
  }
  if (dischargeWatts !== undefined) {
    const scale = scaleFor(dischargeWatts, registerMax)
    points.push([4, [scaled(dischargeWatts, scale), scaled(dischargeWatts, scale)]])
    points.push([54, [scale & 0xffff]])
  }
  if (chargePercent !== undefined) points.push([11, [scaled(chargePercent, percentScale)]])
  if (watts !== undefined) {
    const scale = scaleFor(watts, 0x7fff)
    points.push([47, [scaled(watts, scale)]], [63, [scale & 0xffff]])
  }
  return block(802, points)
}

const blocksOf: Readonly<Record<StorageModels, readonly ((battery: Battery) => Words)[]>> = {
  der: [common, derMeasurement, derCapacity, derStorage],
  base: [common, batteryBase],
}

/** The registers of a battery. */
export function batteryMap(battery: Battery): RegisterMap {
  return mapOf(
    battery.base,
    blocksOf[battery.models].map((lay) => lay(battery)),
  )
}
