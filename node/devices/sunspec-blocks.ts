/**
 * The layout of SunSpec models in registers, as a device's firmware would do it. It shares nothing
 * with the meter that reads them, so that a mistake in one shows in the other. Offsets are those of
 * github.com/sunspec/models, counted from a block's ID register.
 */

/** Addresses at which a SunSpec map may begin. */
export type Base = 0 | 40_000 | 50_000

/** Consecutive registers from `base` on; there are none elsewhere. */
export type RegisterMap = { readonly base: number; readonly registers: readonly number[] }

/** Registers. */
export type Words = readonly number[]

/** What a block holds, by the offset of its first register. */
export type Points = readonly (readonly [offset: number, words: Words])[]

/** What a simulated device calls itself. */
export type Names = {
  readonly manufacturer: string
  readonly model: string
  readonly options: string
  readonly version: string
  readonly serial: string
}

/** Models that simulated devices serve. */
type ModelId = 1 | 103 | 113 | 120 | 701 | 702 | 713 | 802

/**
 * What a device without a single point would serve, a letter per register behind ID and L: `u`
 * unsigned or enumerated, `i` signed or scale factor, `n` first of a float, `0` text, accumulator
 * or the rest of a float.
 */
const blanks: Readonly<Record<ModelId, string>> = {
  1: `${'0'.repeat(64)}ui`,
  103: 'uuuuiuuuuuuiiiuiiiiiii00iuiuiiiiiiiiuuuuuuuuuuuuuu',
  113: `${'n0'.repeat(23)}${'u'.repeat(14)}`,
  120: 'uuiuiiiiiiuiiiiiiuiuiuiuii',
  701:
    'uuuuuuuuiiiiiuuuuuuuuuuuuuuuuuuuuiiiiiiiiiiiuuuuuuuuuuuuuuuuuuiiiii' +
    `uuuuuuuuuuuuuuuuuuiiiiiuuuuuuuuuuuuuuuuuuuuuiiiiiiiiii${'0'.repeat(32)}`,
  702: `${'u'.repeat(43)}iiiiiii`,
  713: 'uuuuuii',
  802: `${'u'.repeat(42)}iuuiuiuu${'i'.repeat(12)}`,
}

const blankWords: Readonly<Record<string, number>> = { u: 0xffff, i: 0x8000, n: 0x7fc0, 0: 0 }

/** A model: its ID, its length, its points; what no point tells is not implemented. */
export function block(id: ModelId, points: Points): Words {
  const body = Array.from(blanks[id], (letter) => blankWords[letter] ?? 0)
  const words = [id, body.length, ...body]
  for (const [offset, values] of points) words.splice(offset, values.length, ...values)
  return words
}

function toWords(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(index * 2))
}

/** A text, filled up with NUL. */
export function text(value: string, registers: number): number[] {
  const bytes = new Uint8Array(registers * 2)
  new TextEncoder().encodeInto(value, bytes)
  return toWords(bytes)
}

/** An IEEE 754 number. */
export function float(value: number): number[] {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value)
  return toWords(bytes)
}

/** A counter, of the rest modulo what fits: it wraps as a device's does. */
export function unsigned(value: number, registers: 2 | 4): number[] {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.floor(value)))
  return toWords(bytes.subarray(8 - registers * 2))
}

/** The finest scale from thousandths on at which the value fits into a register. */
export function scaleFor(value: number, most: number): number {
  let scale = -3
  while (Math.abs(value) / 10 ** scale > most) scale++
  return scale
}

/** A value in a register, at a scale. */
export function scaled(value: number, scale: number): number {
  return Math.round(value * 10 ** -scale) & 0xffff
}

/** Model 1. */
export function common({ manufacturer, model, options, version, serial }: Names): Words {
  return block(1, [
    [2, text(manufacturer, 16)],
    [18, text(model, 16)],
    [34, text(options, 8)],
    [42, text(version, 8)],
    [50, text(serial, 16)],
    [66, [1]],
  ])
}

/** The registers of a device: the marker `SunS`, its models, and the end. */
export function mapOf(base: Base, models: readonly Words[]): RegisterMap {
  return { base, registers: [0x5375, 0x6e53, ...models.flat(), 0xffff, 0] }
}
