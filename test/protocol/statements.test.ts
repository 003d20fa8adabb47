import * as ed25519 from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOfKey, changeMessage, completionMessage, keyOfBytes } from '../../protocol/index.ts'
import { decodeCompletion, decodeSignedHead, encodeCompletion } from '../../protocol/index.ts'
import { encodeHead, encodeSignedHead, headMessage, integerMax } from '../../protocol/index.ts'
import { recordId, type Completion, type HeadStatement } from '../../protocol/index.ts'
import type { ChangeHash } from '../../protocol/index.ts'
import { effort } from '../support/effort.ts'

const key = keyOfBytes(new Uint8Array(32).fill(7))
const other = keyOfBytes(new Uint8Array(32).fill(8))
const hash = '0a'.repeat(32) as ChangeHash

const completion: Completion = {
  ticket: recordId(hash, 3),
  worker: key,
  beneficiary: other,
  quality: 900_000,
  consumed: 12_345,
  outputDigest: 'cd'.repeat(32),
  started: 1_000,
  finished: 2_000,
}

const head: HeadStatement = { author: key, document: 'pool', seq: 258, hash, time: 65_537 }

const bytesHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

describe('a signed message (R13, R60)', () => {
  const messages = {
    change: changeMessage(hash),
    completion: completionMessage(completion),
    head: headMessage(head),
  }

  test.each(Object.entries(messages))('of a %s begins with its domain', (domain, message) => {
    expect(text(message).startsWith(`society/1/${domain}\0`)).toBe(true)
  })

  test('of one domain is none of another, whatever it is about', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(keyOfBytes)
    fc.assert(
      fc.property(bytes, bytes, fc.nat(), (first, second, time) => {
        const change = changeMessage(first as unknown as ChangeHash)
        const about = { ...completion, worker: first, beneficiary: second, started: time }
        const statement = { ...head, author: first, hash: second, time }
        const all = [change, completionMessage(about), headMessage(statement)].map(text)
        for (const one of all) {
          for (const two of all) expect(one === two || !two.startsWith(one)).toBe(true)
        }
      }),
      effort.property(200),
    )
  })

  test('of a change is its domain and its hash', () => {
    expect(Buffer.from(changeMessage(hash)).toString('hex')).toBe(
      `${Buffer.from('society/1/change\0').toString('hex')}${hash}`,
    )
  })

  test('is signed and verified by a real key, and by no other domain', () => {
    ed25519.hashes.sha512 = sha512
    const secret = new Uint8Array(32).fill(1)
    const publicKey = ed25519.getPublicKey(secret)
    const signature = ed25519.sign(messages.head, secret)
    const verify = (message: Uint8Array): boolean =>
      ed25519.verify(signature, message, publicKey, { zip215: true })
    expect(verify(messages.head)).toBe(true)
    expect(verify(messages.change)).toBe(false)
    expect(verify(encodeHead(head))).toBe(false)
  })
})

describe('a completion (R61)', () => {
  test('has its 162 bytes in the order of the specification', () => {
    const bytes = Buffer.from(encodeCompletion(completion))
    expect(bytes.toString('hex')).toBe(
      [
        `${hash}0003`,
        key,
        other,
        '00000000000dbba0',
        '0000000000003039',
        'cd'.repeat(32),
        '00000000000003e8',
        '00000000000007d0',
      ].join(''),
    )
    expect(bytes).toHaveLength(162)
  })

  test.each(['consumed', 'started', 'finished'] as const)('tells no %s from any', (name) => {
    const without = encodeCompletion({ ...completion, [name]: undefined })
    expect(without).not.toEqual(encodeCompletion({ ...completion, [name]: 0 }))
    expect(decodeCompletion(without)).toEqual({ ...completion, [name]: undefined })
  })

  test('differs in its message with any of its fields', () => {
    const changed: readonly Partial<Completion>[] = [
      { ticket: recordId(hash, 4) },
      { worker: other },
      { beneficiary: key },
      { quality: 0 },
      { consumed: 1 },
      { outputDigest: 'ce'.repeat(32) },
      { started: 1 },
      { finished: 3 },
      {},
    ]
    const all = changed.map((fields) => text(completionMessage({ ...completion, ...fields })))
    expect(new Set(all).size).toBe(changed.length)
  })

  test('is read back, and nothing else is', () => {
    expect(decodeCompletion(encodeCompletion(completion))).toEqual(completion)
    const bytes = encodeCompletion(completion)
    expect(decodeCompletion(bytes.subarray(1))).toBe(undefined)
    expect(decodeCompletion(new Uint8Array([...bytes, 0]))).toBe(undefined)
    expect(decodeCompletion(bytes.fill(0x7f, 106, 114))).toBe(undefined)
  })
})

describe('a head (R62)', () => {
  test('has its 81 bytes in the order of the specification', () => {
    expect(Buffer.from(encodeHead(head)).toString('hex')).toBe(
      [bytesHex(bytesOfKey(key)), '01', '0000000000000102', hash, '0000000000010001'].join(''),
    )
  })

  test('is read back with its signature', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: integerMax }),
        fc.nat(),
        fc.constantFrom('trust' as const, 'pool' as const),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        (seq, time, document, signature) => {
          const signed = { head: { ...head, seq, time, document }, signature }
          const bytes = encodeSignedHead(signed)
          expect(bytes).toHaveLength(145)
          expect(decodeSignedHead(bytes)).toEqual(signed)
        },
      ),
      effort.property(200),
    )
  })

  const bytes = encodeSignedHead({ head, signature: new Uint8Array(64) })
  test.each([
    ['too short', bytes.subarray(1)],
    ['too long', new Uint8Array([...bytes, 0])],
    ['of an actor of no kind', bytes.slice().fill(2, 32, 33)],
    ['of number 0', bytes.slice().fill(0, 33, 41)],
    ['of a number beyond 2^53', bytes.slice().fill(255, 33, 41)],
    ['of a time beyond 2^53', bytes.slice().fill(255, 73, 81)],
    ['empty', new Uint8Array()],
  ])('%s is none', (_, given) => {
    expect(decodeSignedHead(given)).toBe(undefined)
  })
})
