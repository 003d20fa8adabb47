import type { RegisterMap } from './sunspec-blocks.ts'

/** Faults of firmware that show in the registers. */
export type MapFault = 'refuse-marker' | 'nonsense-lengths' | 'no-end'

/** Length of the first model, behind the marker and its ID. */
const firstLength = 3
/** More models than any reader should follow: an id that nobody gave out, of two registers each. */
const endless = Array.from({ length: 2_000 }, () => [64_999, 2, 0, 0]).flat()

const spoil: Readonly<Record<MapFault, (registers: readonly number[]) => readonly number[]>> = {
  'refuse-marker': (registers) => registers.with(0, 0),
  'nonsense-lengths': (registers) => registers.with(firstLength, 0xfff0),
  'no-end': (registers) => [...registers.slice(0, -2), ...endless],
}

/** Whether a misbehaviour is a fault of the registers. */
export function isMapFault(misbehave: string): misbehave is MapFault {
  return misbehave in spoil
}

/** The registers of a device that has the fault. */
export function spoilMap(map: RegisterMap, kind: MapFault): RegisterMap {
  return { ...map, registers: spoil[kind](map.registers) }
}
