import { deepStrictEqual } from 'node:assert/strict'
import * as Automerge from '@automerge/automerge'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admitChange } from '../../protocol/change/admit.ts'
import { encodeChange } from '../../protocol/change/codec.ts'
import type { Fields, Scalar } from '../../protocol/change/types.ts'
import {
  actorOf,
  decodeStrictly,
  decodeWithAutomerge,
  linksOf,
  type Link,
  verifyWithAutomerge,
} from '../support/automerge-reference.ts'
import { batchesWith, scalars } from '../support/change-arbitraries.ts'
import { byteEdits, editBytes } from '../support/byte-edits.ts'
import { bodyOf, bytesOf, frameOf } from '../support/chunk.ts'
import { effort } from '../support/effort.ts'
import { type LooseChange, structuralEdits } from '../support/structural-edits.ts'

const timeout = { timeout: effort.timeoutMs }

/** Changes to make mutants of; always the same. */
const linksWith = (values: fc.Arbitrary<Scalar>): Link[] =>
  fc
    .sample(batchesWith(values), { numRuns: 25, seed: 7 })
    .filter((batches) => batches[0]!.length < 100)
    .flatMap((batches, at) =>
      linksOf(actorOf(at.toString(16).padStart(64, '0') + '01'), 'd', batches),
    )

const textsAndNumbers = scalars.filter((value) => !(value instanceof Uint8Array))

type Tally = { tried: number; decoded: number; admitted: number }

const attempt = <Value>(run: () => Value): Value | undefined => {
  try {
    return run()
  } catch {
    return undefined
  }
}

/** What is taken must mean the same to Automerge, and stay the same there. */
const verifyTaken = (bytes: Uint8Array, link: Link, tally: Tally): void => {
  tally.tried++
  const taken = decodeStrictly(bytes)
  if (taken === undefined) return
  tally.decoded++
  deepStrictEqual(encodeChange(taken.change), { bytes, hash: taken.hash })
  deepStrictEqual(decodeWithAutomerge(bytes), taken.change)
  const admission = admitChange(taken.change, taken.hash, link.chain)
  if (!admission.ok) return
  tally.admitted++
  const records = admission.records.map(({ fields }): Fields => fields)
  verifyWithAutomerge({ chain: link.chain, before: link.before, bytes, hash: taken.hash }, records)
}

describe('a mutant of a change (R12)', () => {
  test('whose bytes are taken is the same to Automerge', timeout, () => {
    const links = linksWith(scalars)
    const tally: Tally = { tried: 0, decoded: 0, admitted: 0 }
    const mutation = fc.record({
      link: fc.constantFrom(...links),
      edits: fc.array(byteEdits, { minLength: 1, maxLength: 3 }),
      // Most edits are made behind the hashes at the start, whose bytes may be any.
      isLate: fc.integer({ min: 0, max: 3 }).map((draw) => draw > 0),
      isFramed: fc.integer({ min: 0, max: 15 }).map((draw) => draw > 0),
    })
    const oneMutant = fc.property(mutation, ({ link, edits: made, isLate, isFramed }) => {
      const apply = (bytes: Uint8Array): Uint8Array =>
        made.reduce((edited, edit) => editBytes(edited, edit), bytes)
      if (!isFramed) return verifyTaken(apply(link.bytes), link, tally)
      const body = bodyOf(link.bytes)
      const kept = isLate ? (link.chain.seq === 0 ? 35 : 67) : 0
      return verifyTaken(
        frameOf(bytesOf(body.subarray(0, kept), apply(body.subarray(kept)))),
        link,
        tally,
      )
    })
    fc.assert(oneMutant, effort.property(8_000))
    effort.tell(`byte mutants: ${JSON.stringify(tally)}`)
    expect(tally.decoded).toBeGreaterThan(effort.times(800))
    expect(tally.admitted).toBeGreaterThan(effort.times(200))
  })
  test('whose meaning is another is read as by Automerge, or refused', timeout, () => {
    const links = linksWith(textsAndNumbers)
    const tally: Tally = { tried: 0, decoded: 0, admitted: 0 }
    const mutation = fc.record({
      link: fc.constantFrom(...links),
      edits: fc.array(structuralEdits, { minLength: 1, maxLength: 2 }),
    })
    const oneMutant = fc.property(mutation, ({ link, edits }) => {
      const change: LooseChange = Automerge.decodeChange(link.bytes)
      for (const edit of edits) edit.apply(change)
      const bytes = attempt(() => Automerge.encodeChange(change))
      if (bytes === undefined) return
      // What Automerge encodes is canonical: where it is within our subset, it must be taken.
      const expected = attempt(() => decodeWithAutomerge(bytes))
      deepStrictEqual(decodeStrictly(bytes)?.change, expected)
      verifyTaken(bytes, link, tally)
    })
    fc.assert(oneMutant, effort.property(3_500))
    effort.tell(`mutants of meaning: ${JSON.stringify(tally)}`)
    expect(tally.tried).toBeGreaterThan(effort.times(2_500))
    expect(tally.decoded).toBeGreaterThan(effort.times(1_000))
    expect(tally.admitted).toBeGreaterThan(effort.times(200))
  })
})
