/**
 * Lays out the registers of a simulated inverter, as a device's firmware would. It shares nothing
 * with the meter that reads them, so that a mistake in one shows in the other. Offsets are those of
 * github.com/sunspec/models, counted from a block's ID register.
 */

/** Models behind model 1: `int` 103 and 120, `float` 113 and 120, `der` 701 and 702. */
export type ModelSet = 'int' | 'float' | 'der'

/** Addresses at which a SunSpec map may begin. */
export type Base = 0 | 40_000 | 50_000

/** What a simulated inverter says of itself. An amount that is left out is not implemented. */
export type Inverter = {
  readonly models: ModelSet
  readonly base: Base
  readonly manufacturer: string
  readonly model: string
  readonly options: string
  readonly version: string
  readonly serial: string
  readonly ratedWatts?: number
  readonly watts?: number
  readonly wattHours?: number
}

/** Consecutive registers from `base` on; there are none elsewhere. */
export type RegisterMap = { readonly base: number; readonly registers: readonly number[] }

/**
 * What an inverter without a single point would serve, a letter per register behind ID and L: `u`
 * unsigned or enumerated, `i` signed or scale factor, `n` first of a float, `0` text, accumulator
 * or the rest of a float.
 */
const blanks = {
  1: `${'0'.repeat(64)}ui`,
  103: 'uuuuiuuuuuuiiiuiiiiiii00iuiuiiiiiiiiuuuuuuuuuuuuuu',
  113: `${'n0'.repeat(23)}${'u'.repeat(14)}`,
  120: 'uuiuiiiiiiuiiiiiiuiuiuiuii',
  701:
    'uuuuuuuuiiiiiuuuuuuuuuuuuuuuuuuuuiiiiiiiiiiiuuuuuuuuuuuuuuuuuuiiiii' +
    `uuuuuuuuuuuuuuuuuuiiiiiuuuuuuuuuuuuuuuuuuuuuiiiiiiiiii${'0'.repeat(32)}`,
  702: `${'u'.repeat(43)}iiiiiii`,
} as const

const blankWords: Readonly<Record<string, number>> = { u: 0xffff, i: 0x8000, n: 0x7fc0, 0: 0 }

const producing = 4
const sleeping = 2

type Words = readonly number[]

function block(id: keyof typeof blanks, points: readonly (readonly [number, Words])[]): Words {
  const body = Array.from(blanks[id], (letter) => blankWords[letter] ?? 0)
  const words = [id, body.length, ...body]
  for (const [offset, values] of points) words.splice(offset, values.length, ...values)
  return words
}

function toWords(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(index * 2))
}

function text(value: string, registers: number): number[] {
  const bytes = new Uint8Array(registers * 2)
  new TextEncoder().encodeInto(value, bytes)
  return toWords(bytes)
}

function float(value: number): number[] {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value)
  return toWords(bytes)
}

function unsigned(value: number, registers: 2 | 4): number[] {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.floor(value)))
  return toWords(bytes.subarray(8 - registers * 2))
}

/** The finest scale from thousandths on at which the value fits into a register. */
function scaleFor(value: number, most: number): number {
  let scale = -3
  while (Math.abs(value) / 10 ** scale > most) scale++
  return scale
}

function scaled(value: number, scale: number): number {
  return Math.round(value * 10 ** -scale) & 0xffff
}

function common({ manufacturer, model, options, version, serial }: Inverter): Words {
  return block(1, [
    [2, text(manufacturer, 16)],
    [18, text(model, 16)],
    [34, text(options, 8)],
    [42, text(version, 8)],
    [50, text(serial, 16)],
    [66, [1]],
  ])
}

type Points = (readonly [number, Words])[]

function nameplate({ ratedWatts }: Inverter): Words {
  const photovoltaic = 4
  const points: Points = [[2, [photovoltaic]]]
  if (ratedWatts !== undefined) {
    const scale = scaleFor(ratedWatts, 0xfffe)
    points.push([3, [scaled(ratedWatts, scale), scale & 0xffff]])
  }
  return block(120, points)
}

/** The scale of measured power hangs on the rating, for devices do not change it as they run. */
function outputScale({ watts = 0, ratedWatts = 0 }: Inverter): number {
  return scaleFor(Math.max(Math.abs(watts), ratedWatts), 0x7fff)
}

function stateOf({ watts = 0 }: Inverter): number {
  return watts > 0 ? producing : sleeping
}

function threePhasesOfIntegers(inverter: Inverter): Words {
  const points: Points = [[38, [stateOf(inverter)]]]
  const scale = outputScale(inverter)
  if (inverter.watts !== undefined) {
    points.push([14, [scaled(inverter.watts, scale), scale & 0xffff]])
  }
  if (inverter.wattHours !== undefined) points.push([24, [...unsigned(inverter.wattHours, 2), 0]])
  return block(103, points)
}

function threePhasesOfFloats(inverter: Inverter): Words {
  const points: Points = [[48, [stateOf(inverter)]]]
  if (inverter.watts !== undefined) points.push([22, float(inverter.watts)])
  if (inverter.wattHours !== undefined) points.push([32, float(inverter.wattHours)])
  return block(113, points)
}

function derMeasurement(inverter: Inverter): Words {
  const points: Points = []
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

/** The registers of an inverter: the marker `SunS`, its models, and the end. */
export function inverterMap(inverter: Inverter): RegisterMap {
  const blocks = blocksOf[inverter.models].flatMap((lay) => lay(inverter))
  return { base: inverter.base, registers: [0x5375, 0x6e53, ...blocks, 0xffff, 0] }
}
