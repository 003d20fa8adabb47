import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteReader, decoded } from '../../protocol/change/byte-reader.ts'
import { ByteWriter, utf8Length } from '../../protocol/change/byte-writer.ts'
import { hexOf } from '../../protocol/change/hex.ts'
import { integers, texts } from '../support/change-arbitraries.ts'
import { bytesOf, overlong } from '../support/chunk.ts'

const written = (write: (writer: ByteWriter) => void): Uint8Array => {
  const writer = new ByteWriter(1)
  write(writer)
  return writer.copy()
}

const readAll = <Value>(
  bytes: readonly number[] | Uint8Array,
  read: (reader: ByteReader) => Value,
): Value | string => {
  const result = decoded(() => {
    const reader = new ByteReader(Uint8Array.from(bytes))
    const value = read(reader)
    reader.finish()
    return value
  })
  return result.ok ? result.value : result.message
}

const unsigned = (reader: ByteReader): number => reader.unsigned()
const signed = (reader: ByteReader): number => reader.signed()

/** LEB128 with BigInt, straight from its definition. */
const reference = (value: number, isSigned: boolean): number[] => {
  const bytes: number[] = []
  for (let rest = BigInt(value); ;) {
    const low = Number(rest & 127n)
    rest >>= 7n
    const isLast = isSigned ? (rest === 0n && low < 64) || (rest === -1n && low >= 64) : rest === 0n
    bytes.push(isLast ? low : low | 128)
    if (isLast) return bytes
  }
}

const extremes = [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0]

describe('numbers (R9)', () => {
  test('are LEB128 and are read back', () => {
    const anyNumber = fc.property(fc.oneof(integers, fc.constantFrom(...extremes)), (value) => {
      const bytes = written((writer) => writer.signed(value))
      expect([...bytes]).toEqual(reference(value, true))
      expect(readAll(bytes, signed)).toBe(value)
      const positive = written((writer) => writer.unsigned(Math.abs(value)))
      expect([...positive]).toEqual(reference(Math.abs(value), false))
      expect(readAll(positive, unsigned)).toBe(Math.abs(value))
    })
    fc.assert(anyNumber, { numRuns: 2_000 })
  })

  test('are refused when longer than need be', () => {
    const anyNumber = fc.property(integers, (value) => {
      const bytes = written((writer) => writer.unsigned(Math.abs(value)))
      expect(readAll(overlong(bytes), unsigned)).toMatch(/longer|too long/)
      const signedBytes = written((writer) => writer.signed(value))
      const longer =
        value < 0 ? bytesOf(overlong(signedBytes).subarray(0, -1), [127]) : overlong(signedBytes)
      expect(readAll(longer, signed)).toMatch(/longer|too long/)
    })
    fc.assert(anyNumber, { numRuns: 2_000 })
  })

  test('read from any bytes are written as these bytes', () => {
    const anyBytes = fc.property(fc.uint8Array({ minLength: 1, maxLength: 11 }), (bytes) => {
      const [first, second] = [readAll(bytes, unsigned), readAll(bytes, signed)]
      const again = [
        typeof first === 'number' ? written((writer) => writer.unsigned(first)) : bytes,
        typeof second === 'number' ? written((writer) => writer.signed(second)) : bytes,
      ]
      expect(again).toEqual([bytes, bytes])
    })
    fc.assert(anyBytes, { numRuns: 5_000 })
  })

  test.each([2n ** 53n, 2n ** 53n + 1n, 2n ** 56n - 1n, 2n ** 63n, 2n ** 64n, 2n ** 70n])(
    'of %d are too large',
    (value) => {
      const bytes: number[] = []
      for (let rest = value; rest > 0n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
      const last = bytes.pop()! & 127
      expect(readAll([...bytes, last], unsigned)).toMatch(/too l/)
      const ends = last < 64 ? [last] : [last | 128, 0]
      expect(readAll([...bytes, ...ends], signed)).toMatch(/too l/)
    },
  )

  test('below what is safe are too large', () => {
    const belowSafe = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x70] // -(2^53)
    expect(readAll(belowSafe, signed)).toMatch('too large')
    expect(readAll([...Array(7).fill(0xff), 0x40], signed)).toMatch('too large')
  })

  test('beyond what is asked for are refused', () => {
    expect(readAll([5], (reader) => reader.unsigned(5))).toBe(5)
    expect(readAll([6], (reader) => reader.unsigned(5))).toMatch('too large')
  })

  test('that are none are not written', () => {
    for (const value of [1.5, Number.NaN, Infinity, 2 ** 53, -(2 ** 53)]) {
      expect(() => written((writer) => writer.signed(value))).toThrow(RangeError)
      expect(() => written((writer) => writer.unsigned(value))).toThrow(RangeError)
    }
    expect(() => written((writer) => writer.unsigned(-1))).toThrow(RangeError)
  })
})

describe('text and bytes (R11)', () => {
  test('come back, and take the bytes that Node says', () => {
    const anyText = fc.property(texts, fc.nat(600), (text, repeat) => {
      const long = text.length < 5 ? text.repeat(repeat) : text
      const utf8 = Buffer.from(long)
      expect(utf8Length(long)).toBe(utf8.length)
      const bytes = written((writer) => writer.text(long))
      expect(Buffer.compare(bytes.subarray(-utf8.length || bytes.length), utf8)).toBe(0)
      expect(readAll(bytes, (reader) => reader.text(10_000))).toBe(long)
    })
    fc.assert(anyText, { numRuns: 500 })
  })

  test.each([
    ['a byte that begins nothing', [0xff]],
    ['a sign cut short', [0xe2, 0x82]],
    ['a sign longer than need be', [0xc0, 0x80]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a sign beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('with %s is no text', (_, bytes) => {
    expect(readAll(bytes, (reader) => reader.utf8(bytes.length))).toBe('text is not UTF-8')
    const long = [...Array(40).fill(0x61), ...bytes]
    expect(readAll(long, (reader) => reader.utf8(long.length))).toBe('text is not UTF-8')
  })

  test('keep their order and their lengths', () => {
    const bytes = written((writer) => {
      writer.byte(7)
      writer.prefixed(Uint8Array.of(1, 2, 3))
      writer.hex('00ff')
      writer.raw(Uint8Array.of(9))
    })
    expect([...bytes]).toEqual([7, 3, 1, 2, 3, 0, 255, 9])
    const read = readAll(bytes, (reader) => {
      const found = [reader.byte(), [...reader.prefixed(3)], reader.hex(2)]
      const part = reader.part(1)
      return [...found, part.byte(), part.remaining, reader.remaining, reader.position]
    })
    expect(read).toEqual([7, [1, 2, 3], '00ff', 9, 0, 0, 8])
  })

  test('that end too early, go on too long or are too many are refused', () => {
    expect(readAll([], (reader) => reader.byte())).toMatch('too early')
    expect(readAll([0x80], unsigned)).toMatch('too early')
    expect(readAll([0x80], signed)).toMatch('too early')
    expect(readAll([2, 1], (reader) => reader.prefixed(9))).toMatch('too early')
    expect(readAll([2, 1, 1], (reader) => reader.prefixed(1))).toMatch('too large')
    expect(readAll([2, 1, 1], (reader) => reader.text(1))).toMatch('too large')
    expect(readAll([1, 2], (reader) => reader.byte())).toMatch('left over')
    expect(readAll([1, 2, 3], (reader) => reader.part(2).raw(3))).toMatch('too early')
  })

  test('as hex digits are lower case, of any length', () => {
    for (const length of [0, 1, 32, 33, 64, 65, 1_000]) {
      const bytes = Uint8Array.from({ length }, (_, at) => at * 7)
      const digits = Buffer.from(bytes).toString('hex')
      expect(hexOf(bytes)).toBe(digits)
      expect(written((writer) => writer.hex(digits))).toEqual(bytes)
    }
    for (const wrong of ['0', 'AB', '0g', 'é0']) {
      expect(() => written((writer) => writer.hex(wrong))).toThrow(RangeError)
    }
  })

  test('with half of a surrogate pair are not written', () => {
    for (const text of ['\u{d800}', 'a'.repeat(40) + '\u{dc00}']) {
      expect(() => written((writer) => writer.text(text))).toThrow(RangeError)
    }
  })
})

const buggy = (): unknown =>
  decoded(() => {
    throw new TypeError('bug')
  })

test('a bug while reading is not taken for bad bytes', () => {
  expect(buggy).toThrow(TypeError)
})
