import { pointEnd, type AmountPoint, type EnumPoint, type TextPoint } from './points.ts'

/** What a model tells of a device; offsets are those of github.com/sunspec/models. */
export type Model = {
  readonly manufacturer?: TextPoint
  readonly model?: TextPoint
  readonly options?: TextPoint
  readonly version?: TextPoint
  readonly serial?: TextPoint
  /** What it makes its power of; see `photovoltaic`. */
  readonly kind?: EnumPoint
  /** Continuous power that the device is built for, in W. */
  readonly rated?: AmountPoint
  /** Power it gives now, in W; below 0 it draws. */
  readonly output?: AmountPoint
  /** Energy it gave since it was made, in Wh. */
  readonly lifetime?: AmountPoint
  /** Most power that a battery is built to give, in W. */
  readonly discharge?: AmountPoint
  /** Most power that it is set to give, in W. */
  readonly dischargeLimit?: AmountPoint
  /** Energy that it holds when full, in Wh. */
  readonly energyRated?: AmountPoint
  /** Energy that it could give now, in Wh. */
  readonly energyAvailable?: AmountPoint
  /** What it holds now, in per cent of what it holds when full. */
  readonly charge?: AmountPoint
  readonly state?: StatePoint
}

/** A point that tells in which state a battery is, and in which nothing can be drawn from it. */
type StatePoint = EnumPoint & { readonly unusable: Readonly<Record<number, string>> }

/** The models that a meter reads, by id; the walk passes over every other one. */
export type Models = ReadonlyMap<number, Model>

/** Id of the model that names the device; the first of every chain. */
export const commonModel = 1

/** Kinds of model 120 that make their power of sunlight, one of them with a battery. */
export const photovoltaic: ReadonlySet<number> = new Set([4, 82])

const common: Model = {
  manufacturer: { type: 'text', offset: 2, registers: 16 },
  model: { type: 'text', offset: 18, registers: 16 },
  options: { type: 'text', offset: 34, registers: 8 },
  version: { type: 'text', offset: 42, registers: 8 },
  serial: { type: 'text', offset: 50, registers: 16 },
}

/** Single phase, split phase and three phases have the same points at the same places. */
const inverterOfIntegers: Model = {
  output: { type: 'int16', offset: 14, scale: 15 },
  lifetime: { type: 'acc32', offset: 24, scale: 26 },
}

const inverterOfFloats: Model = {
  output: { type: 'float32', offset: 22 },
  lifetime: { type: 'float32', offset: 32 },
}

const nameplate: Model = {
  kind: { type: 'enum16', offset: 2 },
  rated: { type: 'uint16', offset: 3, scale: 4 },
}

const nameplateOfStorage: Model = { discharge: { type: 'uint16', offset: 25, scale: 26 } }

const derMeasurement: Model = {
  output: { type: 'int16', offset: 10, scale: 116 },
  lifetime: { type: 'uint64', offset: 19, scale: 120 },
}

const derCapacity: Model = { rated: { type: 'uint16', offset: 2, scale: 45 } }

const derCapacityOfStorage: Model = {
  discharge: { type: 'uint16', offset: 11, scale: 45 },
  dischargeLimit: { type: 'uint16', offset: 35, scale: 45 },
}

const derStorage: Model = {
  energyRated: { type: 'uint16', offset: 2, scale: 7 },
  energyAvailable: { type: 'uint16', offset: 3, scale: 7 },
  charge: { type: 'uint16', offset: 4, scale: 8 },
  state: { type: 'enum16', offset: 6, unusable: { 3: 'in error' } },
}

const batteryBase: Model = {
  energyRated: { type: 'uint16', offset: 3, scale: 53 },
  discharge: { type: 'uint16', offset: 5, scale: 54 },
  charge: { type: 'uint16', offset: 11, scale: 56 },
  state: {
    type: 'enum16',
    offset: 22,
    unusable: { 1: 'disconnected', 2: 'starting', 6: 'suspending', 99: 'in fault' },
  },
  output: { type: 'int16', offset: 47, scale: 63 },
}

/** What tells of a solar inverter. */
export const solarModels: Models = new Map([
  [commonModel, common],
  [101, inverterOfIntegers],
  [102, inverterOfIntegers],
  [103, inverterOfIntegers],
  [111, inverterOfFloats],
  [112, inverterOfFloats],
  [113, inverterOfFloats],
  [120, nameplate],
  [701, derMeasurement],
  [702, derCapacity],
])

/** What tells of a wind turbine: SunSpec has no models of its own for them. */
export const windModels: Models = new Map([
  [commonModel, common],
  [120, nameplate],
  [701, derMeasurement],
  [702, derCapacity],
])

/** What tells of a battery, alone or behind an inverter. */
export const batteryModels: Models = new Map([
  [commonModel, common],
  [120, nameplateOfStorage],
  [701, derMeasurement],
  [702, derCapacityOfStorage],
  [713, derStorage],
  [802, batteryBase],
])

/**
 * Registers from a model's ID to its last point that is read. Older versions of a model leave out
 * what comes later (the pad of model 1, say), newer ones add to the end.
 */
export function modelExtent(model: Model): number {
  return Math.max(...Object.values(model).map(pointEnd))
}
