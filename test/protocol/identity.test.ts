import * as fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { describe, expect, test } from 'vitest'
import { actorOf, bytesOfKey, bytesOfRecordId, didOf, documentName } from '../../protocol/index.ts'
import { isRecordId, keyOfBytes, keyOfDid, ownerOfActor } from '../../protocol/index.ts'
import { partsOfRecordId, recordId, recordIdOfBytes } from '../../protocol/index.ts'
import type { Actor, RecordId } from '../../protocol/index.ts'
import { effort } from '../support/effort.ts'

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(keyOfBytes)

// RFC 8032, section 7.1, test 1; the id is that of the did:key method for this key.
const rfcKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const rfcDid = 'did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw'

describe('the did:key of a society (R1)', () => {
  test('is the one of the method', () => {
    expect(didOf(rfcKey as never)).toBe(rfcDid)
    expect(keyOfDid(rfcDid)).toBe(rfcKey)
  })

  test('leads back to its key', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(didOf(key)).toMatch(/^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/)
        expect(keyOfDid(didOf(key))).toBe(key)
        expect(keyOfBytes(bytesOfKey(key))).toBe(key)
      }),
      effort.property(300),
    )
  })

  const multicodec = (...bytes: readonly number[]): string =>
    `did:key:${base58btc.encode(new Uint8Array(bytes))}`
  const zeros = Array.from({ length: 32 }, () => 0)

  test.each([
    ['nothing', ''],
    ['another method', 'did:web:example.org'],
    ['no multibase prefix', rfcDid.replace(':z6', ':6')],
    ['another base', `did:key:f${rfcKey}`],
    ['a letter that base 58 leaves out', rfcDid.replace('Mk', 'M0')],
    ['white space behind', `${rfcDid} `],
    ['a fragment', `${rfcDid}#key-1`],
    ['an upper-case method', rfcDid.toUpperCase()],
    ['one letter less', rfcDid.slice(0, -1)],
    ['one letter more', `${rfcDid}1`],
    ['a very long text', `did:key:z${'1'.repeat(1_000_000)}`],
    ['a secp256k1 key', multicodec(0xe7, 0x01, ...zeros)],
    ['an x25519 key', multicodec(0xec, 0x01, ...zeros)],
    ['31 bytes of key', multicodec(0xed, 0x01, ...zeros.slice(1))],
    ['33 bytes of key', multicodec(0xed, 0x01, ...zeros, 0)],
    ['no varint', multicodec(0xed, ...zeros)],
  ])('is not %s', (_, did) => {
    expect(keyOfDid(did)).toBe(undefined)
  })

  test('is known from any other text without an exception', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        for (const did of [text, `did:key:z${text}`]) {
          const key = keyOfDid(did)
          expect(key === undefined || didOf(key) === did).toBe(true)
        }
      }),
      effort.property(500),
    )
  })
})

describe('an actor (R2)', () => {
  test('is the key of its owner and a byte for the document', () => {
    fc.assert(
      fc.property(keys, fc.constantFrom('trust' as const, 'pool' as const), (key, kind) => {
        const actor = actorOf(kind, key)
        expect(actor).toBe(key + (kind === 'trust' ? '00' : '01'))
        expect(ownerOfActor(actor)).toEqual({ key, kind })
        expect(documentName(kind, key)).toBe(`${kind}/${didOf(key)}`)
      }),
      effort.property(100),
    )
  })

  test.each([`${rfcKey}02`, `${rfcKey}ff`, rfcKey, `${rfcKey}0100`, ''])('is not %j', (text) => {
    expect(ownerOfActor(text as Actor)).toBe(undefined)
  })
})

describe('a record id (R3)', () => {
  const hash = 'ab'.repeat(32)

  test('leads to its change and its place and back, on 34 bytes', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 65_535 }), (digits, place) => {
        const id = recordId(digits, place)
        expect(isRecordId(id)).toBe(true)
        expect(partsOfRecordId(id)).toEqual({ hash: digits, place })
        expect(bytesOfRecordId(id)).toHaveLength(34)
        expect(recordIdOfBytes(bytesOfRecordId(id))).toBe(id)
      }),
      effort.property(300),
    )
    expect(bytesOfRecordId(recordId(hash, 258)).slice(32)).toEqual(new Uint8Array([1, 2]))
  })

  test.each([
    ['a place of three bytes', `${hash}:65536`],
    ['the largest five digits', `${hash}:99999`],
    ['a leading zero', `${hash}:01`],
    ['no place', `${hash}:`],
    ['a negative place', `${hash}:-1`],
    ['upper case', `${hash.toUpperCase()}:0`],
    ['a short hash', `${hash.slice(1)}:0`],
    ['a line break', `${hash}:0\n`],
  ])('has one spelling, not %s', (_, text) => {
    expect(isRecordId(text)).toBe(false)
  })

  test('stands for bytes of its own', () => {
    const ids = [0, 1, 255, 256, 65_535].map((place) => recordId(hash, place))
    const bytes = new Set(ids.map((id: RecordId) => bytesOfRecordId(id).join()))
    expect(bytes.size).toBe(ids.length)
  })
})
