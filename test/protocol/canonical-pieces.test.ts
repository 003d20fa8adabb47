import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  canonicalJson,
  canonicalPieces,
  contentDigest,
  digestPieces,
  parsePieces,
} from '../../protocol/index.ts'
import { ran } from '../support/in-pieces.ts'

/** Values as states have them: plain data with maps in it. */
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('"', '\\', '{"$map":[', '],[', '\u2028'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 4 }),
    fc
      .array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 })
      .map((entries) => new Map(entries)),
  ),
}))
const anyLevels = fc.integer({ min: 0, max: 5 })

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(canonicalJson(value))

test('pieces are the canonical text, however many levels they are cut at (H2)', () => {
  fc.assert(
    fc.property(anyValue, anyLevels, (value, levels) => {
      expect([...canonicalPieces(value, levels)].join('')).toBe(canonicalJson(value))
    }),
  )
})

test('what is read piece by piece is what was written (H2)', () => {
  fc.assert(
    fc.property(anyValue, anyLevels, (value, levels) => {
      const bytes = bytesOf(value)
      const { value: read, told } = ran(parsePieces(bytes, levels))
      expect(canonicalJson(read)).toBe(canonicalJson(value))
      expect(told).toBeLessThanOrEqual(bytes.length)
    }),
  )
})

test('bytes that are cut off, or go on, are refused and not waited for', () => {
  fc.assert(
    fc.property(fc.array(anyValue, { minLength: 1, maxLength: 3 }), anyLevels, (value, levels) => {
      const bytes = bytesOf(value)
      for (let end = 0; end < bytes.length; end++) {
        expect(() => ran(parsePieces(bytes.subarray(0, end), levels))).toThrow()
      }
      expect(() => ran(parsePieces(Uint8Array.of(...bytes, 0x5d), levels))).toThrow()
    }),
    { numRuns: 30 },
  )
})

test('a digest made in pieces is the digest of the whole (H3)', () => {
  for (const length of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
    const bytes = new Uint8Array(length).map((_, i) => i)
    expect(ran(digestPieces(bytes))).toEqual({ value: contentDigest(bytes), told: length })
  }
})
