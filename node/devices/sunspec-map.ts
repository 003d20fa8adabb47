import {
  block,
  common,
  float,
  mapOf,
  scaled,
  scaleFor,
  unsigned,
  type Base,
  type Names,
  type RegisterMap,
  type Words,
} from './sunspec-blocks.ts'

/** Models behind model 1: `int` 103 and 120, `float` 113 and 120, `der` 701 and 702. */
export type ModelSet = 'int' | 'float' | 'der'

/** What a device measures and is built for. An amount that is left out is not implemented. */
export type Amounts = {
  readonly ratedWatts?: number
  readonly watts?: number
  readonly wattHours?: number
}

/** What a simulated inverter says of itself. */
export type Inverter = Names & Amounts & { readonly models: ModelSet; readonly base: Base }

const producing = 4
const sleeping = 2

function nameplate({ ratedWatts }: Inverter): Words {
  const photovoltaic = 4
  const points: [number, Words][] = [[2, [photovoltaic]]]
  if (ratedWatts !== undefined) {
    const scale = scaleFor(ratedWatts, 0xfffe)
    points.push([3, [scaled(ratedWatts, scale), scale & 0xffff]])
  }
  return block(120, points)
}

/** The scale of measured power hangs on the rating, for devices do not change it as they run. */
function outputScale({ watts = 0, ratedWatts = 0 }: Amounts): number {
  return scaleFor(Math.max(Math.abs(watts), ratedWatts), 0x7fff)
}

function stateOf({ watts = 0 }: Inverter): number {
  return watts > 0 ? producing : sleeping
}

function threePhasesOfIntegers(inverter: Inverter): Words {
  const points: [number, Words][] = [[38, [stateOf(inverter)]]]
  const scale = outputScale(inverter)
  if (inverter.watts !== undefined) {
    points.push([14, [scaled(inverter.watts, scale), scale & 0xffff]])
  }
  if (inverter.wattHours !== undefined) points.push([24, [...unsigned(inverter.wattHours, 2), 0]])
  return block(103, points)
}

function threePhasesOfFloats(inverter: Inverter): Words {
  const points: [number, Words][] = [[48, [stateOf(inverter)]]]
  if (inverter.watts !== undefined) points.push([22, float(inverter.watts)])
  if (inverter.wattHours !== undefined) points.push([32, float(inverter.wattHours)])
  return block(113, points)
}

/** Model 701. */
export function derMeasurement(inverter: Amounts): Words {
  const points: [number, Words][] = []
  const scale = outputScale(inverter)
  if (inverter.watts !== undefined) {
    points.push([10, [scaled(inverter.watts, scale)]], [116, [scale & 0xffff]])
  }
  if (inverter.wattHours !== undefined) {
    points.push([19, unsigned(inverter.wattHours, 4)], [120, [0]])
  }
  return block(701, points)
}

function derCapacity({ ratedWatts }: Inverter): Words {
  if (ratedWatts === undefined) return block(702, [])
  const scale = scaleFor(ratedWatts, 0xfffe)
  return block(702, [
    [2, [scaled(ratedWatts, scale)]],
    [26, [scaled(ratedWatts, scale)]],
    [45, [scale & 0xffff]],
  ])
}

const blocksOf: Readonly<Record<ModelSet, readonly ((inverter: Inverter) => Words)[]>> = {
  int: [common, threePhasesOfIntegers, nameplate],
  float: [common, threePhasesOfFloats, nameplate],
  der: [common, derMeasurement, derCapacity],
}

/** The registers of an inverter. */
export function inverterMap(inverter: Inverter): RegisterMap {
  return mapOf(
    inverter.base,
    blocksOf[inverter.models].map((lay) => lay(inverter)),
  )
}
