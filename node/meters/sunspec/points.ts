/**
 * How SunSpec writes a value into 16-bit registers. Words and the registers of a wider value are
 * big-endian; each type has a bit pattern that says "this device does not have this point". Source:
 * SunSpec Device Information Model Specification and github.com/sunspec/models.
 */

/** A text, filled up with NUL. Offsets count from the block's ID register. */
export type TextPoint = {
  readonly type: 'text'
  readonly offset: number
  readonly registers: number
}

/** An integer times ten to the power that the `sunssf` register at offset `scale` holds. */
export type IntegerPoint = {
  readonly type: 'int16' | 'uint16' | 'acc32' | 'uint64'
  readonly offset: number
  readonly scale: number
}

/** An IEEE 754 number. */
export type FloatPoint = { readonly type: 'float32'; readonly offset: number }

/** A number that stands for something, 0xFFFF for nothing. */
export type EnumPoint = { readonly type: 'enum16'; readonly offset: number }

/** A point that holds an amount. */
export type AmountPoint = IntegerPoint | FloatPoint

/** The registers of one model, ID and L first, so that a point's offset is its index. */
export type Block = readonly number[]

/** Scale factors beyond ten powers of ten are none: the specification ends there. */
const scaleMax = 10
const scaleUnimplemented = 0x8000
const enumUnimplemented = 0xffff

/** Registers of each integer type, and the pattern of a point that is not implemented. */
const integers: Readonly<
  Record<IntegerPoint['type'], { readonly registers: number; readonly unimplemented: bigint }>
> = {
  int16: { registers: 1, unimplemented: -0x8000n },
  uint16: { registers: 1, unimplemented: 0xffffn },
  // An accumulator starts at 0, so that a true zero looks the same as none.
  acc32: { registers: 2, unimplemented: 0n },
  uint64: { registers: 4, unimplemented: 0xffff_ffff_ffff_ffffn },
}

/** First offset after a point and, where it has one, its scale factor. */
export function pointEnd(point: TextPoint | AmountPoint | EnumPoint): number {
  if (point.type === 'text') return point.offset + point.registers
  if (point.type === 'enum16') return point.offset + 1
  if (point.type === 'float32') return point.offset + 2
  return Math.max(point.offset + integers[point.type].registers, point.scale + 1)
}

function bytesAt(block: Block, offset: number, registers: number): Uint8Array {
  const bytes = new Uint8Array(registers * 2)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < registers; index++) {
    view.setUint16(index * 2, block[offset + index] ?? 0)
  }
  return bytes
}

/** The text of a point up to its first NUL, without spaces around it; empty if not implemented. */
export function readText(block: Block, point: TextPoint): string {
  const bytes = bytesAt(block, point.offset, point.registers)
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end)).trim()
}

/** The number of a point; undefined if it is not implemented. */
export function readEnum(block: Block, { offset }: EnumPoint): number | undefined {
  const value = block[offset]
  return value === enumUnimplemented ? undefined : value
}

function readInteger(block: Block, point: IntegerPoint): bigint | undefined {
  const { registers, unimplemented } = integers[point.type]
  let value = 0n
  for (const byte of bytesAt(block, point.offset, registers)) value = (value << 8n) | BigInt(byte)
  if (point.type === 'int16') value = BigInt.asIntN(16, value)
  return value === unimplemented ? undefined : value
}

function readScale(block: Block, offset: number): bigint | undefined {
  const register = block[offset] ?? scaleUnimplemented
  const scale = (register << 16) >> 16
  return Math.abs(scale) > scaleMax ? undefined : BigInt(scale)
}

/**
 * The amount of a point in thousandths of its unit (mW, mWh), rounded towards zero (a float: to the
 * nearest); undefined if the point or its scale factor is not implemented. Whole numbers all the
 * way keep decimals exact.
 */
export function readMilli(block: Block, point: AmountPoint): bigint | undefined {
  if (point.type === 'float32') {
    const bytes = bytesAt(block, point.offset, 2)
    const milli = new DataView(bytes.buffer).getFloat32(0) * 1000
    return Number.isFinite(milli) ? BigInt(Math.round(milli)) : undefined
  }
  const value = readInteger(block, point)
  const scale = readScale(block, point.scale)
  if (value === undefined || scale === undefined) return undefined
  const power = scale + 3n
  return power >= 0n ? value * 10n ** power : value / 10n ** -power
}
