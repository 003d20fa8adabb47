import { describe, expect, test } from 'vitest'
import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { given, readAnswer, refused } from '../../src/answer.ts'
import { Failure } from '../../src/index.ts'
import { planAsking } from '../../src/witness/ask-plan.ts'
import {
  decodeMeasurement,
  decodePass,
  decodeStanding,
  decodeWitnessQuestion,
  encodeMeasurement,
  encodePass,
  encodeStanding,
  encodeWitnessQuestion,
  nonceIn,
  type WitnessQuestion,
} from '../../src/witness/messages.ts'

const [ann, bob, cat, dan] = ['ann', 'bob', 'cat', 'dan'] as unknown as SocietyKey[]
const chosen = [ann, bob, cat, dan] as SocietyKey[]
const now = 1_000

type Entry<T> = readonly [SocietyKey | undefined, T]
const mapOf = <T>(entries: readonly Entry<T>[]) =>
  new Map(entries as readonly (readonly [SocietyKey, T])[])

const plan = (asked: readonly Entry<number>[], verdicts: readonly Entry<boolean>[] = []) =>
  planAsking({ chosen, asked: mapOf(asked), verdicts: mapOf(verdicts), now })

describe('asking for witnesses', () => {
  test('begins with the first two of the choice', () => {
    expect(plan([])).toEqual({ type: 'ask', ask: [ann, bob] })
  })

  test('waits for those who look, and asks the next for one who does not', () => {
    expect(
      plan([
        [ann, 5_000],
        [bob, 3_000],
      ]),
    ).toEqual({ type: 'wait', until: 3_000 })
    expect(
      plan([
        [ann, 0],
        [bob, 3_000],
      ]),
    ).toEqual({ type: 'ask', ask: [cat] })
    expect(
      plan([
        [ann, 0],
        [bob, 1_000],
      ]),
    ).toEqual({ type: 'ask', ask: [cat, dan] })
  })

  test('ends with two of one mind, whatever their mind is', () => {
    const asked: readonly Entry<number>[] = [
      [ann, 0],
      [bob, 0],
    ]
    expect(
      plan(asked, [
        [ann, true],
        [bob, true],
      ]),
    ).toEqual({ type: 'done' })
    expect(
      plan(asked, [
        [ann, false],
        [bob, false],
      ]),
    ).toEqual({ type: 'done' })
    expect(
      plan(asked, [
        [ann, false],
        [bob, true],
      ]),
    ).toEqual({ type: 'ask', ask: [cat] })
    expect(plan([], [[dan, true]])).toEqual({ type: 'ask', ask: [ann] })
  })

  test('is exhausted when nobody is left', () => {
    const all: readonly Entry<number>[] = [ann, bob, cat, dan].map((each) => [each, 0])
    expect(plan(all)).toEqual({ type: 'exhausted' })
    expect(plan(all, [[ann, true]])).toEqual({ type: 'exhausted' })
    expect(planAsking({ chosen: [], asked: new Map(), verdicts: new Map(), now })).toEqual({
      type: 'exhausted',
    })
  })

  test('does not count those who were not chosen', () => {
    const stranger = 'eve' as SocietyKey
    const said: readonly Entry<boolean>[] = [
      [stranger, true],
      [ann, true],
    ]
    expect(plan([], said)).toEqual({ type: 'ask', ask: [bob] })
  })
})

const proof = `${'ab'.repeat(32)}:7` as RecordId
const draw = { by: 'cd'.repeat(32) as SocietyKey, signature: 'ef'.repeat(64) }
const transcript = new TextEncoder().encode('{"nonce":"n"}')

describe('questions about witnessing (C17)', () => {
  test.each<WitnessQuestion>([
    { type: 'draw', proof },
    { type: 'look', proof, draw, transcript },
    { type: 'look', proof, draw: null, transcript },
    { type: 'again', proof, nonce: '01'.repeat(16) },
    { type: 'stand', proof, nonce: '01'.repeat(16), receipts: [proof] },
    { type: 'stand', proof, nonce: '02'.repeat(16), receipts: Array(8).fill(proof) },
    { type: 'pass', proof },
  ])('%j is read back', (question) => {
    expect(decodeWitnessQuestion(encodeWitnessQuestion(question))).toEqual(question)
  })

  test('of any other form are none', () => {
    const bytes = encodeWitnessQuestion({ type: 'again', proof, nonce: '01'.repeat(16) })
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeWitnessQuestion(bytes.subarray(0, length))).toBeUndefined()
    }
    expect(decodeWitnessQuestion(Uint8Array.of(...bytes, 0))).toBeUndefined()
    expect(decodeWitnessQuestion(bytes.with(0, 9))).toBeUndefined()
    const stand = { type: 'stand', proof, nonce: '01'.repeat(16) } as const
    for (const receipts of [[], Array(9).fill(proof)]) {
      const odd = encodeWitnessQuestion({ ...stand, receipts })
      expect(decodeWitnessQuestion(odd)).toBeUndefined()
    }
    const long = encodeWitnessQuestion({
      type: 'look',
      proof,
      draw,
      transcript: new Uint8Array(16_385),
    })
    expect(decodeWitnessQuestion(long)).toBeUndefined()
  })
})

describe('answers', () => {
  test('give or refuse', () => {
    expect(readAnswer(given(Uint8Array.of(7)), 'it')).toEqual(Uint8Array.of(7))
    const read = readAnswer(refused(new Failure('proof-stale', 'too old')), 'it')
    expect(read).toMatchObject({ code: 'proof-stale', message: 'it refuses: too old' })
    expect(readAnswer(new Uint8Array(), 'it')).toMatchObject({ code: 'not-authorised' })
    const odd = new TextEncoder().encode('\0toString is no code')
    expect(readAnswer(odd, 'it')).toMatchObject({ code: 'not-authorised' })
  })

  test('for receipts are one byte each and a signature', () => {
    const signature = new Uint8Array(64).fill(7)
    const bytes = encodeStanding([true, false], signature)
    expect(decodeStanding(bytes, 2)).toEqual({ said: [true, false], signature })
    for (const count of [1, 3]) expect(decodeStanding(bytes, count)).toBeUndefined()
    expect(decodeStanding(bytes.with(0, 2), 2)).toBeUndefined()
  })

  test('that hand something over are printable, and bounded', () => {
    const longest = 'x'.repeat(4_096)
    for (const pass of ['x', longest]) expect(decodePass(encodePass(pass))).toBe(pass)
    for (const wrong of ['', `${longest}x`, 'a b', 'a\nb', 'ü']) {
      expect(decodePass(encodePass(wrong))).toBeUndefined()
    }
  })

  test('to a nonce are measurements, and nothing else is read', () => {
    const measurement = {
      source: 'compute:nvml:x',
      fields: { tdp: 450, model: 'M', isFast: true },
      measuredAt: 5,
      method: 'nvml',
      simulated: false,
      transcript,
    }
    const bytes = encodeMeasurement(measurement)
    expect(decodeMeasurement(bytes)).toEqual(measurement)
    for (const wrong of ['', 'null', '[]', '{}', '{"fields":{}}', '{"fields":{"a":{}}}']) {
      expect(decodeMeasurement(new TextEncoder().encode(wrong))).toBeUndefined()
    }
    expect(nonceIn(transcript)).toBe('n')
    expect(nonceIn(new TextEncoder().encode('nonce'))).toBeUndefined()
  })
})
