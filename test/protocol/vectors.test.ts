import { deepStrictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { admitChange, emptyChain, operationsFor } from '../../protocol/change/admit.ts'
import { encodeChange } from '../../protocol/change/codec.ts'
import {
  type ChangeVector,
  makeVectors,
  vectorFields,
  vectorsFile,
  vectorsText,
} from '../../scripts/make-vectors.ts'
import {
  actorOf,
  decodeStrictly,
  isHash,
  openHandle,
  writeWithAutomerge,
} from '../support/automerge-reference.ts'

const text = readFileSync(vectorsFile, 'utf8')
const vectors: readonly ChangeVector[] = JSON.parse(text)
const documents = [...new Set(vectors.map(({ document }) => document))]

describe('the golden vectors (R8, R15)', () => {
  test('are what the program writes today', () => {
    expect(vectorsText(makeVectors())).toBe(text)
  })

  test.each(documents)('of %s pin bytes, hash and meaning of every change', (document) => {
    const chained = vectors.filter((vector) => vector.document === document)
    const actor = actorOf(chained[0]!.actor)
    const handle = openHandle(actor)
    let chain = emptyChain(actor, document)
    for (const vector of chained) {
      const { previous, seq, startOperation, time, hash } = vector
      if (previous !== null && !isHash(previous)) throw new TypeError('no hash')
      const records = vector.records.map(vectorFields)
      const bytes = new Uint8Array(Buffer.from(vector.bytes, 'hex'))
      const operations = operationsFor(records, chain)
      const change = { actor, seq, startOperation, time, previous, operations }
      deepStrictEqual(encodeChange(change), { bytes, hash })
      deepStrictEqual(writeWithAutomerge(handle, change), { bytes, hash })
      const read = decodeStrictly(bytes)
      deepStrictEqual(read, { change, hash })
      const admission = admitChange(read.change, read.hash, chain)
      if (!admission.ok) throw new TypeError(admission.message)
      const fields = admission.records.map((record) => record.fields)
      deepStrictEqual(fields, records)
      chain = admission.chain
    }
    handle.free()
    expect(chain.seq).toBe(chained.length)
  })

  test('hold every kind of value, a first change and the border of a segment', () => {
    const values = vectors.flatMap(({ records }) => records.flatMap((each) => Object.values(each)))
    const kinds = new Set(values.map(([kind]) => kind))
    expect([...kinds].sort()).toEqual(['boolean', 'bytes', 'integer', 'text'])
    expect(vectors.filter(({ previous }) => previous === null)).toHaveLength(2)
    const counts = vectors.filter(({ document }) => document.startsWith('trust/'))
    expect(counts.slice(0, 2).map(({ records }) => records.length)).toEqual([510, 4])
  })
})
