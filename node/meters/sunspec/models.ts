import { pointEnd, type AmountPoint, type TextPoint } from './points.ts'

/** What a model tells of a solar inverter; offsets are those of github.com/sunspec/models. */
export type Model = {
  readonly manufacturer?: TextPoint
  readonly model?: TextPoint
  readonly options?: TextPoint
  readonly version?: TextPoint
  readonly serial?: TextPoint
  /** Continuous power that the device is built for, in W. */
  readonly rated?: AmountPoint
  /** Power it gives now, in W; below 0 it draws. */
  readonly output?: AmountPoint
  /** Energy it gave since it was made, in Wh. */
  readonly lifetime?: AmountPoint
}

/** Id of the model that names the device; the first of every chain. */
export const commonModel = 1

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

const nameplate: Model = { rated: { type: 'uint16', offset: 3, scale: 4 } }

const derMeasurement: Model = {
  output: { type: 'int16', offset: 10, scale: 116 },
  lifetime: { type: 'uint64', offset: 19, scale: 120 },
}

const derCapacity: Model = { rated: { type: 'uint16', offset: 2, scale: 45 } }

/** The models that are read, by id; the walk passes over every other one. */
export const models: ReadonlyMap<number, Model> = new Map([
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

/**
 * Registers from a model's ID to its last point that is read. Older versions of a model leave out
 * what comes later (the pad of model 1, say), newer ones add to the end.
 */
export function modelExtent(model: Model): number {
  return Math.max(...Object.values(model).map(pointEnd))
}
