import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admitChange, emptyChain } from '../../protocol/change/admit.ts'
import { encodeChange, peekChange } from '../../protocol/change/codec.ts'
import type { Change, Operation } from '../../protocol/change/types.ts'
import { changeBytesMax, changeOperationsMax, integerMax } from '../../protocol/limits.ts'
import {
  actorOf,
  decodeStrictly,
  linkFor,
  linksOf,
  openHandle,
  verifyWithAutomerge,
  writeWithAutomerge,
} from '../support/automerge-reference.ts'
import {
  actors,
  batchesWith,
  inserts,
  scalars,
  sortedFields,
} from '../support/change-arbitraries.ts'
import {
  bodyOf,
  bytesOf,
  type Column,
  columnOf,
  frameOf,
  joinParts,
  leb,
  partsOf,
  signedLeb,
} from '../support/chunk.ts'
import { effort } from '../support/effort.ts'

const actor = actorOf('5a'.repeat(32) + '01')
const timeout = { timeout: effort.timeoutMs }
const document = 'pool/did:key:zExample'

const maps = (count: number): Operation[] =>
  Array.from({ length: count }, () => ({ object: 0, key: 'k' }))

describe('the codec of changes (R7, R8, R10, R11)', () => {
  test('writes records byte for byte as Automerge does, and reads them back', timeout, () => {
    let changes = 0
    const oneChain = fc.property(
      actors,
      batchesWith(scalars),
      fc.nat(1e12),
      (writer, batches, start) => {
        const handle = openHandle(writer)
        try {
          let chain = emptyChain(writer, document)
          for (const [at, records] of batches.entries()) {
            const { change, bytes, hash } = linkFor(chain, [], records, start + at)
            deepStrictEqual({ bytes, hash }, writeWithAutomerge(handle, change))
            deepStrictEqual(decodeStrictly(bytes), { change, hash })
            const admission = admitChange(change, hash, chain)
            if (!admission.ok) throw new TypeError(admission.message)
            const expected = records.map((fields, place) => ({
              number: chain.count + place,
              fields: sortedFields(fields),
            }))
            deepStrictEqual(admission.records, expected)
            // A map's order of insertion counts too: fields are read back in ascending order.
            deepStrictEqual(
              admission.records.map(({ fields }) => [...fields]),
              expected.map(({ fields }) => [...fields]),
            )
            chain = admission.chain
            changes++
          }
        } finally {
          handle.free()
        }
      },
    )
    fc.assert(oneChain, effort.property(600))
    effort.tell(`${changes} changes with records are those of Automerge`)
    expect(changes).toBeGreaterThan(effort.times(2_000))
  })

  test('writes any inserts as Automerge does, also where they are no records', timeout, () => {
    let changes = 0
    const anyInserts = fc.property(actors, inserts, (writer, batches) => {
      const handle = openHandle(writer)
      try {
        let before: Pick<Change, 'seq' | 'startOperation' | 'previous'> = {
          seq: 1,
          startOperation: 1,
          previous: null,
        }
        for (const operations of batches) {
          const change: Change = { actor: writer, ...before, time: 5, operations }
          const { bytes, hash } = encodeChange(change)
          deepStrictEqual({ bytes, hash }, writeWithAutomerge(handle, change))
          deepStrictEqual(decodeStrictly(bytes), { change, hash })
          before = {
            seq: change.seq + 1,
            startOperation: change.startOperation + operations.length,
            previous: hash,
          }
          changes++
        }
      } finally {
        handle.free()
      }
    })
    fc.assert(anyInserts, effort.property(400))
    effort.tell(`${changes} changes with any inserts are those of Automerge`)
    expect(changes).toBeGreaterThan(effort.times(600))
  })

  test('passes the border of a segment in a document that Automerge loads (R15)', () => {
    const filler = Array.from({ length: 511 }, () => new Map([['n', 1]]))
    const last = [new Map([['n', 2]]), new Map([['n', 3]]), new Map([['n', 4]])]
    const link = linksOf(actor, document, [filler, last])[1]!
    expect(link.change.operations.filter(({ key }) => key === '1')).toHaveLength(1)
    verifyWithAutomerge(link, last)
  })

  test('refuses to write what it would not read', () => {
    const chain = emptyChain(actor, document)
    const change = linkFor(chain, [], [new Map([['n', 1]])], 5).change
    const withValue = (value: number | string): Change => ({
      ...change,
      operations: [{ object: 0, key: 'k', value }],
    })
    for (const wrong of [
      { ...change, operations: [] },
      { ...change, operations: maps(changeOperationsMax + 1) },
      { ...change, seq: 0 },
      { ...change, seq: 1.5 },
      { ...change, seq: 2 ** 31 },
      { ...change, startOperation: 0 },
      { ...change, startOperation: 2 ** 31 },
      { ...change, time: -1 },
      { ...change, time: 8.64e15 + 1 },
      { ...change, time: Number.NaN },
      { ...change, operations: [{ object: 2 ** 31, key: 'k' }] },
      { ...change, operations: [{ object: -1, key: 'k' }] },
      withValue(1.5),
      withValue(integerMax + 1),
      withValue(-integerMax - 1),
      withValue('\u{d800}'),
      withValue('x'.repeat(30) + '\u{dfff}'),
      withValue('x'.repeat(changeBytesMax)),
    ]) {
      expect(() => encodeChange(wrong)).toThrow(RangeError)
    }
  })

  test('reads the largest change and none that is larger', () => {
    const chain = emptyChain(actor, document)
    const withText = (length: number): Change => ({
      ...linkFor(chain, [], [new Map([['text', 'x'.repeat(length)]])], 5).change,
    })
    const frameBytes = encodeChange(withText(60_000)).bytes.length - 60_000
    const largest = encodeChange(withText(changeBytesMax - frameBytes)).bytes
    expect(largest).toHaveLength(changeBytesMax)
    expect(decodeStrictly(largest)).toBeDefined()
    expect(() => encodeChange(withText(changeBytesMax - frameBytes + 1))).toThrow(RangeError)
    const larger = frameOf(bytesOf(bodyOf(largest), [0]))
    expect(peekChange(larger)).toMatchObject({ ok: false, message: expect.stringMatching('65536') })
    expect(
      decodeStrictly(encodeChange({ ...withText(1), operations: maps(changeOperationsMax) }).bytes),
    ).toBeDefined()
  })
})

/** Appends columns to the header of a first change. */
const withColumns = (...columns: readonly Column[]): Uint8Array => {
  const link = linkFor(emptyChain(actor, document), [], [new Map([['n', 1]])], 5)
  const columnCount = leb(columns.length)
  return frameOf(joinParts({ ...partsOf(bodyOf(link.bytes)), columns, columnCount }))
}

/** A column of so many times one value. */
const run = (id: number, count: number, ...value: readonly number[]): Column =>
  columnOf(id, bytesOf(signedLeb(count), value))

describe('bytes of a few that say they are many (R7, R11)', () => {
  const million = (count: number, insertCount = count): Uint8Array =>
    withColumns(
      run(0x15, count, 1, 0x61),
      columnOf(0x34, leb(insertCount)),
      run(0x42, count, 1),
      run(0x56, count, 2),
      run(0x70, count, 0),
    )

  test('are taken up to the limit only', () => {
    expect(decodeStrictly(million(changeOperationsMax))).toBeDefined()
    expect(decodeStrictly(million(changeOperationsMax + 1))).toBeUndefined()
  })

  test.each([
    ['a million operations', million(1_000_000)],
    ['a billion operations', million(1_000_000_000)],
    ['as many operations as a number can say', million(2 ** 53 - 1)],
    ['a million operations with one said', million(1_000_000, 1)],
    ['a million rows of nulls', withColumns(run(0x02, 0, ...leb(1e6)), columnOf(0x34, leb(1)))],
    ['a million of parents', withColumns(run(0x02, 1e6, 1), columnOf(0x34, leb(1)))],
    ['a million texts', withColumns(run(0x15, -1e6, 1, 0x61), columnOf(0x34, leb(1)))],
    ['a billion columns', frameOf(bytesOf(bodyOf(million(1)).subarray(0, 46), leb(1e9)))],
  ])('%s are refused at once', (_, bytes) => {
    expect(bytes.length).toBeLessThan(110)
    // The best of a few: others may use the processor meanwhile.
    const durationsMs = Array.from({ length: 5 }, () => {
      const start = performance.now()
      expect(decodeStrictly(bytes)).toBeUndefined()
      return performance.now() - start
    })
    expect(Math.min(...durationsMs)).toBeLessThan(5)
  })
})

describe('columns that leave something out (R10, R11)', () => {
  const key = run(0x15, -1, 1, 0x61)
  const insert = columnOf(0x34, leb(1))
  const action = run(0x42, -1, 1)
  const kind = run(0x56, -1, 2)
  const none = run(0x70, -1, 0)

  test('are compared with complete ones', () => {
    expect(decodeStrictly(withColumns(key, insert, action, kind, none))).toBeDefined()
  })

  test.each([
    ['everything', []],
    ['the operations', [columnOf(0x34, leb(0))]],
    ['the keys', [insert, action, kind, none]],
    ['a key', [run(0x15, 0, 1), insert, action, kind, none]],
    ['the values', [key, insert, action, none]],
    ['a value', [key, insert, action, run(0x56, 0, 1), none]],
    ['the bytes of a text', [key, insert, action, run(0x56, -1, 0x16), none]],
    ['the actions', [key, insert, kind, none]],
    ['the predecessors', [key, insert, action, kind]],
  ])('as %s are refused', (_, columns) => {
    expect(decodeStrictly(withColumns(...columns))).toBeUndefined()
  })
})

describe('any bytes (R12)', () => {
  test('are never more than refused', timeout, () => {
    const anyBytes = fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(2), (drawn, frame) => {
      const before = bodyOf(withColumns()).subarray(0, -1)
      const body = frame === 2 ? bytesOf(before, drawn) : drawn
      const bytes = frame === 0 ? drawn : frameOf(body)
      expect(decodeStrictly(bytes)).toBeUndefined()
    })
    fc.assert(anyBytes, effort.property(2_000))
  })

  test('that are the beginning of a change are refused', () => {
    const link = linkFor(emptyChain(actor, document), [], [new Map([['n', 1]])], 5)
    const body = bodyOf(link.bytes)
    for (const length of link.bytes.keys()) {
      expect(decodeStrictly(link.bytes.subarray(0, length))).toBeUndefined()
    }
    for (const length of body.keys()) {
      expect(decodeStrictly(frameOf(body.subarray(0, length)))).toBeUndefined()
    }
  })

  test('in a Buffer are read as from a plain array, and values do not share its memory', () => {
    const value = Uint8Array.of(1, 2, 3)
    const link = linkFor(emptyChain(actor, document), [], [new Map([['n', value]])], 5)
    const buffer = Buffer.from(bytesOf([9, 9, 9], link.bytes)).subarray(3)
    const read = decodeStrictly(buffer)
    buffer.fill(0)
    deepStrictEqual(read?.change, link.change)
    expect(read?.hash).toBe(link.hash)
  })
})
