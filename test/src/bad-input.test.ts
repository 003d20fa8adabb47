import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { digestOf, type Fields, type Operation } from '../../protocol/index.ts'
import { createMemoryStore } from '../../src/index.ts'
import { atOnce } from '../../src/turns.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { ChainAuthor } from '../support/chain-author.ts'
import { silentLog } from '../../node/silent-log.ts'

const start = Date.parse('2026-06-21T12:00:00Z')

async function openLedger(
  refuses: (actor: string) => string | undefined = () => undefined,
): Promise<{ ledger: Ledger; equivocations: string[] }> {
  const signer = signerOf('reader')
  const equivocations: string[] = []
  const ledger = await Ledger.open({
    store: createMemoryStore(),
    verifier: createVerifier(),
    signer,
    clock: new VirtualClock(start),
    log: silentLog,
    breathe: atOnce,
    observers: [],
    refuses,
    onAccepted: () => {},
    mayHaveSigned: () => false,
    clockFault: () => undefined,
    headOf: () => undefined,
    onAdopted: () => {},
    onConvicted: ({ society }) => equivocations.push(society),
  })
  return { ledger, equivocations }
}

const found = (fields: Record<string, string | number> = {}): Fields =>
  new Map(
    Object.entries({
      kind: 'society.found',
      name: 'liar',
      federation: 'test-x',
      adp: 5,
      ...fields,
    }),
  )
const retire = (source: string): Fields =>
  new Map([
    ['kind', 'energy.retire'],
    ['source', source],
  ])

let ledger: Ledger
let equivocations: string[]
let author: ChainAuthor
let before: string

const state = (): string => digestOf(ledger.held.trust(author.key))

beforeEach(async () => {
  ;({ ledger, equivocations } = await openLedger())
  author = new ChainAuthor('author', 'trust')
  const first = author.write([found()], start)
  expect(await ledger.ingest(first.frame, 'peer')).toMatchObject({ verdict: 'accept' })
  before = state()
})

/** Ingests and expects that nothing changed. */
async function refused(frame: Parameters<Ledger['ingest']>[0]): Promise<unknown> {
  const verdict = await ledger.ingest(frame, 'peer')
  expect(verdict.message).toMatch(/\w/)
  expect(state()).toBe(before)
  return [verdict.verdict, verdict.code]
}

describe('bytes that are no change (R73)', () => {
  test('garbage', async () => {
    const garbage = new Uint8Array(300).map((_, i) => (i * 37) & 255)
    const frame = { ...author.frame([garbage], author.chain.head as never) }
    expect(await refused(frame)).toEqual(['reject', 'malformed'])
  })

  test('a truncated change, at every length', async () => {
    const { bytes, hash } = author.sign([{ object: 1, key: 'x' }], start)
    for (let length = 0; length < bytes.length; length++) {
      const frame = author.frame([bytes.subarray(0, length)], hash)
      expect(await refused(frame)).toEqual(['reject', 'malformed'])
    }
  })

  test('an empty frame', async () => {
    expect(await refused(author.frame([], author.chain.head as never))).toEqual([
      'reject',
      'malformed',
    ])
  })

  test('more bytes than a change may have', async () => {
    const frame = author.frame([new Uint8Array(65_537)], author.chain.head as never)
    expect(await refused(frame)).toEqual(['reject', 'malformed'])
  })
})

describe('changes that are not their author’s or not in their place (R73)', () => {
  test('a wrong signature', async () => {
    const { frame } = author.sign([{ object: 1, key: 'x' }], start)
    const signature = frame.signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte))
    expect(await refused({ ...frame, signature })).toEqual(['reject', 'bad-signature'])
  })

  test('another society’s signature', async () => {
    const { bytes, hash } = author.sign([{ object: 1, key: 'x' }], start)
    const other = new ChainAuthor('another', 'trust').frame([bytes], hash)
    const frame = { ...other, actor: author.chain.actor }
    expect(await refused(frame)).toEqual(['reject', 'bad-signature'])
  })

  test('another society’s actor', async () => {
    const { frame } = author.sign([{ object: 1, key: 'x' }], start)
    const actor = new ChainAuthor('another', 'trust').chain.actor
    expect(await refused({ ...frame, actor })).toEqual(['reject', 'wrong-author'])
  })

  test('a replay', async () => {
    const again = new ChainAuthor('author', 'trust').write([found()], start)
    expect(await refused(again.frame)).toEqual(['ignore', 'out-of-order'])
  })

  test('a gap waits, and goes on when it is filled', async () => {
    const second = author.write([retire('solar:x:1')], start)
    const third = author.write([retire('solar:x:2')], start)
    expect(await refused(third.frame)).toEqual(['ignore', 'out-of-order'])
    expect(ledger.load.waiting).toBe(1)
    expect(await ledger.ingest(second.frame, 'peer')).toMatchObject({ verdict: 'accept' })
    await ledger.ingest(second.frame, 'peer')
    expect(ledger.held.trust(author.key).chain.seq).toBe(3)
    expect(ledger.load.waiting).toBe(0)
  })

  test('a society that is no member has no pool here', async () => {
    const refuses = (actor: string) => (actor.endsWith('01') ? 'no member here' : undefined)
    const guarded = (await openLedger(refuses)).ledger
    const trust = new ChainAuthor('guest', 'trust').write([found()], start)
    expect(await guarded.ingest(trust.frame, 'peer')).toMatchObject({ verdict: 'accept' })
    const pool = new ChainAuthor('guest', 'pool').write([new Map([['kind', 'pool.open']])], start)
    expect(await guarded.ingest(pool.frame, 'peer')).toMatchObject({
      verdict: 'ignore',
      code: 'unknown-society',
    })
    expect(guarded.held.has('pool', pool.frame.actor.slice(0, 64) as typeof author.key)).toBe(false)
  })

  test('dated before the change it follows', async () => {
    const { frame } = author.sign([{ object: 1, key: 'x' }], start - 1)
    expect(await refused(frame)).toEqual(['reject', 'clock-backwards'])
  })

  test('dated more than 120 s ahead waits', async () => {
    const late = author.write([retire('solar:x:1')], start + 120_001)
    expect(await refused(late.frame)).toEqual(['ignore', 'out-of-order'])
  })

  test('a second past is equivocation, told once its signature is checked (E1)', async () => {
    const liar = new ChainAuthor('author', 'trust')
    const other = liar.write([found({ adp: 6 })], start)
    const unsigned = { ...other.frame, signature: new Uint8Array(64) }
    expect(await refused(unsigned)).toEqual(['reject', 'bad-signature'])
    expect(equivocations).toEqual([])
    const verdict = await ledger.ingest(other.frame, 'peer')
    expect(verdict).toMatchObject({ verdict: 'ignore', code: 'equivocation' })
    await vi.waitFor(() => expect(equivocations).toEqual([author.key]))
    // The document ends before the fork.
    expect(ledger.held.trust(author.key).chain.seq).toBe(0)
  })
})

describe('signed changes that are not inserts of records (R73)', () => {
  const place = (): Operation => ({ object: author.chain.segment, key: '1' })
  const cases: readonly [string, (start: number) => readonly Operation[]][] = [
    ['an overwrite of a field', () => [{ object: author.chain.segment + 1, key: 'adp', value: 9 }]],
    ['an overwrite of a record', () => [{ object: author.chain.segment, key: '0' }]],
    ['a missing object', () => [place(), { object: 99, key: 'kind', value: 'x' }]],
    ['a record in the wrong place', () => [{ object: author.chain.segment, key: '7' }]],
    ['a second root', () => [{ object: 0, key: 'other' }]],
    ['an empty record', () => [place()]],
    [
      'fields out of order',
      (op) => [place(), { object: op, key: 'b', value: 1 }, { object: op, key: 'a', value: 1 }],
    ],
    [
      'a field twice',
      (op) => [place(), { object: op, key: 'a', value: 1 }, { object: op, key: 'a', value: 2 }],
    ],
    ['a field of a wild name', (op) => [place(), { object: op, key: '__proto__', value: 1 }]],
  ]
  test.each(cases)('%s', async (_, operations) => {
    const { frame } = author.sign(operations(author.chain.nextOperation), start)
    expect(await refused(frame)).toEqual(['reject', 'malformed'])
  })
})

describe('records that are void stay in the chain with their code (R18)', () => {
  const proof = (fields: Record<string, string | number>): Fields =>
    new Map(
      Object.entries({
        kind: 'energy.prove',
        source: 'solar:x:panel',
        measuredAt: start,
        method: 'm',
        assurance: 0,
        ...fields,
      }),
    )
  test.each([
    ['an unknown kind', new Map([['kind', 'money.print']]), 'malformed'],
    ['no kind', new Map([['adp', 1]]), 'malformed'],
    ['an unknown field', found({ extra: 1 }), 'malformed'],
    ['a negative amount', proof({ rated: -1 }), 'invalid-amount'],
    ['a zero amount', proof({ rated: 0 }), 'invalid-amount'],
    ['an amount as text', proof({ rated: '300' }), 'invalid-amount'],
    ['a placeholder for a serial', proof({ source: 'solar:x:0', rated: 1 }), 'invalid-source'],
    ['a second founding', found(), 'already-ended'],
  ] as [string, Fields, string][])('%s', async (_, fields, code) => {
    const { frame, hash } = author.write([fields], start)
    expect(await ledger.ingest(frame, 'peer')).toMatchObject({ verdict: 'accept' })
    expect((await ledger.index.facts(hash))?.voids[0]).toBe(code)
    expect(ledger.held.trust(author.key).sources.size).toBe(0)
  })
})
