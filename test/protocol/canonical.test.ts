import { describe, expect, test } from 'vitest'
import { canonicalJson, digestOf, parseCanonicalJson } from '../../protocol/index.ts'
import type { PoolState } from '../../protocol/index.ts'
import { charged, foundedWorld } from '../support/ledger-society.ts'
import { keyNamed } from '../support/ledger-world.ts'

const anna = keyNamed('anna')
const hour = 3_600_000

describe('canonical JSON (R59)', () => {
  test('has one spelling for the same data', () => {
    const one = { b: [1, null, 'ß\n'], a: true, none: undefined }
    const same = { a: true, b: [1, null, 'ß\n'] }
    expect(canonicalJson(one)).toBe('{"a":true,"b":[1,null,"ß\\n"]}')
    expect(canonicalJson(same)).toBe(canonicalJson(one))
    expect(digestOf(same)).toBe(digestOf(one))
  })

  test('keeps maps in their order and reads them back', () => {
    const map = new Map([
      ['z', new Map([[2, 1]])],
      ['a', new Map()],
    ])
    expect(canonicalJson(map)).toBe('{"$map":[["z",{"$map":[[2,1]]}],["a",{"$map":[]}]]}')
    expect(parseCanonicalJson(canonicalJson(map))).toEqual(map)
    const turned = new Map([...map].toReversed())
    expect(digestOf(turned)).not.toBe(digestOf(map))
  })

  test('has the digest of SHA-256 over its UTF-8', () => {
    // As sha256sum has it for {"a":"ß"}.
    expect(digestOf({ a: 'ß' })).toBe(
      '1bb321f4640168fee2161223d69e18fe6de34f9a365153582214388bc5842554',
    )
  })
})

describe('a pool that was stored (R59, R70)', () => {
  test('spends as it did before', () => {
    const world = foundedWorld([anna])
    for (const life of [9, 3, 7, 1, 5]) charged(world, anna, 1_000, life * hour)
    const pool = world.replica.pool(anna)
    const stored = parseCanonicalJson(canonicalJson(pool)) as PoolState
    expect(digestOf(stored)).toBe(digestOf(pool))
    const lives = [...stored.lots.values()].map((lot) => (lot.expiresAt - world.now) / hour)
    expect(lives).toEqual([1, 3, 5, 7, 9])
  })
})
