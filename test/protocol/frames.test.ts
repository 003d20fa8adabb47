import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerFramesMax, changeBytesMax, decodeGossip } from '../../protocol/index.ts'
import { decodeSyncRequest, decodeSyncResponse, encodeGossip } from '../../protocol/index.ts'
import { encodeSyncRequest, encodeSyncResponse, frameChangesMax } from '../../protocol/index.ts'
import { frontierEntriesMax, integerMax, termMax } from '../../protocol/index.ts'
import type { Actor, ChangeHash, ChangesFrame, FrontierEntry } from '../../protocol/index.ts'
import type { GossipFrame, SyncRequest, SyncResponse } from '../../protocol/index.ts'
import { keyOfBytes, type SocietyKey } from '../../protocol/index.ts'
import type { Decoded } from '../../protocol/change/byte-reader.ts'
import { bytesOf, leb, overlong } from '../support/chunk.ts'
import { effort } from '../support/effort.ts'

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
const hexOf = (length: number): fc.Arbitrary<string> =>
  bytes(length).map((each) => Buffer.from(each).toString('hex'))
const actors = hexOf(33) as fc.Arbitrary<Actor>
const hashes = hexOf(32) as fc.Arbitrary<ChangeHash>
const counters = fc.oneof(fc.nat(), fc.constantFrom(0, 127, 128, integerMax))

const frames: fc.Arbitrary<ChangesFrame> = fc.record({
  actor: actors,
  changes: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }),
  signature: bytes(64),
})
const entries: fc.Arbitrary<readonly FrontierEntry[]> = fc.array(
  fc.record({ actor: actors, seq: counters, hash: hashes }),
  { maxLength: 20 },
)
const ends = fc.array(fc.record({ actor: actors, place: fc.integer({ min: 1, max: 1_000_000 }) }), {
  maxLength: 5,
})
const heads: fc.Arbitrary<GossipFrame> = fc
  .tuple(bytes(32).map(keyOfBytes), fc.constantFrom('trust' as const, 'pool' as const))
  .chain(([author, document]: [SocietyKey, 'trust' | 'pool']) =>
    fc.record({
      type: fc.constant('head' as const),
      head: fc.record({
        head: fc.record({
          author: fc.constant(author),
          document: fc.constant(document),
          hash: hashes,
          seq: fc.integer({ min: 1, max: integerMax }),
          time: counters,
        }),
        signature: bytes(64),
      }),
    }),
  )
const evidence = fc.uint8Array({ maxLength: 300 })
const acknowledgements = fc
  .uniqueArray(fc.tuple(hexOf(32), bytes(64)), { maxLength: 5, selector: ([witness]) => witness })
  .map((given) =>
    given
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([witness, signature]) => ({ witness: witness as SocietyKey, signature })),
  )
const certificates: fc.Arbitrary<GossipFrame> = fc.record({
  type: fc.constant('certificate' as const),
  certificate: fc.record({
    actor: actors,
    seq: counters,
    hash: hashes,
    term: fc.integer({ min: 0, max: termMax }),
    acknowledgements,
  }),
})
const gossip: fc.Arbitrary<GossipFrame> = fc.oneof(
  fc.record({ type: fc.constant('changes' as const), frame: frames }),
  fc.record({ type: fc.constant('evidence' as const), evidence }),
  heads,
  certificates,
)
const frontiers = fc.record({ type: fc.constant('frontier' as const), entries, ends })
const requests: fc.Arbitrary<SyncRequest> = fc.oneof(
  frontiers,
  fc.record({
    type: fc.constant('changes' as const),
    actor: actors,
    from: counters,
    bytesMax: counters,
  }),
  fc.record({
    type: fc.constant('named' as const),
    hashes: fc.array(hexOf(32), { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('end' as const), actor: actors }),
)
const responses: fc.Arbitrary<SyncResponse> = fc.oneof(
  frontiers,
  fc.record({
    type: fc.constant('changes' as const),
    frames: fc.array(frames, { maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('named' as const),
    frames: fc.array(frames, { maxLength: 2 }),
    evidence: fc.array(evidence, { maxLength: 3 }),
  }),
)

const decoders = { decodeGossip, decodeSyncRequest, decodeSyncResponse }

describe('frames (R63, R64, R65, R66, F7)', () => {
  type Frames<T> = {
    readonly given: fc.Arbitrary<T>
    readonly encode: (value: T) => Uint8Array
    readonly decode: (bytes: Uint8Array) => Decoded<T>
  }
  const check = <T>({ given, encode, decode }: Frames<T>): void =>
    fc.assert(
      fc.property(given, fc.nat(), fc.nat(254), (value, where, flip) => {
        const encoded = encode(value)
        expect(decode(encoded)).toEqual({ ok: true, value })
        const cut = encoded.subarray(0, where % encoded.length)
        expect(decode(cut)).toMatchObject({ ok: false })
        expect(decode(bytesOf(encoded, [flip]))).toMatchObject({ ok: false })
        // One byte altered: refused, or another value that has exactly these bytes.
        const altered = encoded.slice()
        altered[where % altered.length]! ^= flip + 1
        const read = decode(altered)
        if (read.ok) expect(encode(read.value)).toEqual(altered)
      }),
      effort.property(400),
    )

  const kinds = {
    gossip: () => check({ given: gossip, encode: encodeGossip, decode: decodeGossip }),
    questions: () =>
      check({ given: requests, encode: encodeSyncRequest, decode: decodeSyncRequest }),
    answers: () =>
      check({ given: responses, encode: encodeSyncResponse, decode: decodeSyncResponse }),
  }

  test.each(Object.entries(kinds))('of %s are read back, cut and altered ones not', (_, holds) => {
    expect(holds).not.toThrow()
  })

  test.each(Object.entries(decoders))('%s takes any bytes without an exception', (_, decode) => {
    const tagged = fc
      .tuple(fc.nat(5), fc.uint8Array({ maxLength: 400 }))
      .map(([tag, rest]) => bytesOf([tag], rest))
    fc.assert(
      fc.property(fc.oneof(tagged, fc.uint8Array({ maxLength: 400 })), (given) => {
        expect(typeof decode(given).ok).toBe('boolean')
      }),
      effort.property(1_000),
    )
    expect(decode(new Uint8Array())).toMatchObject({ ok: false })
  })
})

describe('a count that is too large (R63, R64, R65, R66)', () => {
  const actor = new Uint8Array(33)
  const zeros = (count: number): Uint8Array => new Uint8Array(count)
  const change = (count: number): Uint8Array => bytesOf(leb(count), zeros(count))

  const claims: readonly (readonly [string, keyof typeof decoders, Uint8Array])[] = [
    ['of changes', 'decodeGossip', bytesOf([1], actor, leb(frameChangesMax + 1), zeros(9_000))],
    ['of changes', 'decodeGossip', bytesOf([1], actor, leb(frameChangesMax), zeros(64))],
    ['of changes', 'decodeGossip', bytesOf([1], actor, leb(2 ** 53 - 1))],
    ['of a change’s bytes', 'decodeGossip', bytesOf([1], actor, leb(1), leb(2 ** 40))],
    [
      'of a change’s bytes',
      'decodeGossip',
      bytesOf([1], actor, leb(1), change(changeBytesMax + 1), zeros(64)),
    ],
    ['of entries', 'decodeSyncRequest', bytesOf([3], leb(frontierEntriesMax + 1))],
    ['of entries', 'decodeSyncRequest', bytesOf([3], leb(frontierEntriesMax), zeros(66))],
    ['of entries', 'decodeSyncResponse', bytesOf([3], leb(2 ** 52))],
    ['of frames', 'decodeSyncResponse', bytesOf([1], leb(answerFramesMax + 1))],
    ['of frames', 'decodeSyncResponse', bytesOf([1], leb(answerFramesMax), zeros(98))],
    ['spelled too long', 'decodeSyncRequest', bytesOf([3], overlong(leb(0)))],
    ['of ten bytes', 'decodeSyncRequest', bytesOf([3], zeros(10).fill(255))],
  ]

  test.each(claims)('%s is refused at once: %s', (_, name, given) => {
    const before = process.memoryUsage().arrayBuffers
    const start = performance.now()
    expect(decoders[name](given)).toMatchObject({ ok: false })
    expect(performance.now() - start).toBeLessThan(50)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
  })

  test('is one more than the largest that is taken', () => {
    const largest = bytesOf([1], actor, leb(1), change(changeBytesMax), zeros(64))
    expect(decodeGossip(largest)).toMatchObject({ ok: true })
    const many = bytesOf([1], actor, leb(frameChangesMax), zeros(frameChangesMax + 64))
    expect(decodeGossip(many)).toMatchObject({ ok: true })
    const entry = zeros(33 + 1 + 32)
    const full = zeros(entry.length * frontierEntriesMax)
    const frontier = bytesOf([3], leb(frontierEntriesMax), full, leb(0))
    expect(decodeSyncRequest(frontier)).toMatchObject({ ok: true })
    const oneMore = bytesOf([3], leb(frontierEntriesMax + 1), full, entry, leb(0))
    expect(decodeSyncRequest(oneMore)).toMatchObject({ ok: false })
  })
})
