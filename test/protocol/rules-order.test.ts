import { describe, expect, test } from 'vitest'
import type { Code, RecordId } from '../../protocol/index.ts'
import { adopted, codeOf, foundedWorld, lent } from '../support/ledger-society.ts'
import { foundingOf, solarProof } from '../support/ledger-society.ts'
import { completed, fieldsOf, keyNamed, LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta, carla] = [keyNamed('anna'), keyNamed('berta'), keyNamed('carla')]
const day = 86_400_000

/** Every record here is wrong in several ways: the check that comes first gives the code. */
type Case = readonly [what: string, code: Code, by: typeof anna, kind: string, value: object]

const w = foundedWorld([anna, berta, carla], { adp: 2_000_000, policy: { minimumOccupancy: 0 } })
const stale = w.valid(anna, 'energy.prove', solarProof(w, { source: 'solar:test:old' }))
const staleToo = w.valid(berta, 'energy.prove', solarProof(w, { source: 'solar:test:old' }))
w.now += 30 * day
const claimed = w.valid(anna, 'energy.prove', solarProof(w, { assurance: 0, source: 'solar:test:claim' }))
const proof = w.valid(anna, 'energy.prove', solarProof(w, { rated: 1_000_000 }))
const charge = { amount: 1_000, proof, supplies: [], lifetime: day }
w.valid(anna, 'atp.charge', { ...charge, amount: 500_000 })
const nothing = `${proof.slice(0, 64)}:9` as RecordId
const ticket = w.valid(anna, 'work.allocate', { amount: 1_000, worker: berta, deadline: day })
const request = w.valid(berta, 'work.request', { to: anna, amount: 1_000 })
const offer = w.valid(anna, 'trade.offer', { amount: 1_000, price: 1_000_000_000, expires: 1 })
const cheap = w.valid(anna, 'trade.offer', { amount: 1_000, price: 9_000_000, expires: day })
const short = w.valid(anna, 'trade.offer', { amount: 1, price: 1, to: carla, expires: 1 })
adopted(w, anna, berta)
const { grant } = lent(w, anna, berta, 2_000)
w.valid(anna, 'work.allocate', { amount: 1_000, worker: berta, deadline: day, request })
const served = w.valid(berta, 'work.request', { to: anna, amount: 1 })
w.now += 2

const cases: readonly Case[] = [
  ...[
    ['fields before references', 'invalid-amount', { amount: 999, proof: nothing }] as const,
    ['one field before the next', 'malformed', { amount: 999, lifetime: 0 }] as const,
    ['references before the author', 'unknown-reference', { proof: stale, supplies: [staleToo] }],
    ['the author before freshness', 'not-authorised', { proof: staleToo }] as const,
    ['freshness before ADP', 'proof-stale', { proof: stale, amount: 9_000_000 }] as const,
    ['assurance before ADP', 'unverified-source', { proof: claimed, amount: 9_000_000 }] as const,
    ['ADP before capacity', 'insufficient-adp', { amount: 9_000_000 }] as const,
  ].map(([what, code, fields]): Case => [
    ...([`atp.charge: ${what}`, code as Code, anna, 'atp.charge'] as const),
    { ...charge, ...(fields as object) },
  ]),
  [
    ...(['work.allocate: the author before what is left', 'not-authorised', carla] as const),
    ...(['work.allocate', { amount: 9e9, worker: anna, deadline: 1, request }] as const),
  ],
  [
    ...(['work.allocate: openness before amounts', 'already-ended', anna] as const),
    ...(['work.allocate', { amount: 9e9, worker: anna, deadline: 1, request }] as const),
  ],
  [
    ...(['work.allocate: what was asked before what it has', 'invalid-amount', anna] as const),
    ...(['work.allocate', { amount: 9e9, worker: anna, deadline: 1, request: served }] as const),
  ],
  [
    ...(['work.complete: fields before references', 'malformed', anna, 'work.complete'] as const),
    completed({ ticket: nothing, worker: berta, beneficiary: berta, started: 2, finished: 1 }),
  ],
  [
    ...(['work.complete: the author before signatures', 'not-authorised', carla] as const),
    ...(['work.complete', completed({ ticket, worker: anna, beneficiary: anna })] as const),
  ],
  [
    ...(['work.complete: signatures before amounts', 'bad-signature', anna] as const),
    'work.complete',
    completed({ ticket, worker: anna, beneficiary: anna, consumed: 9e9 }),
  ],
  [
    ...(['trade.accept: the author before openness', 'not-authorised', berta] as const),
    ...(['trade.accept', { offer: short, amount: 9e9 }] as const),
  ],
  [
    ...(['trade.accept: openness before amounts', 'offer-closed', berta, 'trade.accept'] as const),
    { offer, amount: 9e9 },
  ],
  [
    ...(['trade.accept: the offer before the pool', 'invalid-amount', berta] as const),
    ...(['trade.accept', { offer: cheap, amount: 9e9 }] as const),
  ],
  [
    ...(['trade.offer: the author before amounts', 'not-authorised', anna, 'trade.offer'] as const),
    { amount: 9e9, price: 0, to: anna, expires: 1 },
  ],
  [
    ...(['allocation.take: the author before openness', 'not-authorised', carla] as const),
    ...(['allocation.take', { grant }] as const),
  ],
  [
    ...(['energy.prove: references before authority', 'unknown-reference', carla] as const),
    'energy.prove',
    solarProof(w, { poweredBy: 'solar:test:nowhere', measuredAt: 0 }),
  ],
  [
    ...(['energy.prove: freshness before circles', 'proof-stale', anna, 'energy.prove'] as const),
    solarProof(w, { poweredBy: 'solar:test:old', measuredAt: 0 }),
  ],
]

describe('the order of checks', () => {
  test.each(cases)('%s', (_, code, by, kind, value) => {
    expect(codeOf(w, by, kind, value)).toBe(code)
  })

  test('fields come before the founding that is missing', () => {
    const empty = new LedgerWorld([anna, berta])
    const early = { to: berta, amount: 0 }
    expect(empty.copy().code(anna, 'work.request', early)).toBe('invalid-amount')
    expect(empty.copy().code(anna, 'work.request', { to: berta, amount: 1 })).toBe(
      'unknown-reference',
    )
    empty.valid(berta, 'society.found', foundingOf())
    const witnesses = [anna, anna]
    expect(empty.code(anna, 'society.amend', { witnesses })).toBe('malformed')
    expect(empty.code(anna, 'society.amend', { witnesses: [] })).toBe('unknown-reference')
  })

  test('what is named comes before when', () => {
    const later = w.copy()
    const taken = later.valid(carla, 'work.request', { to: anna, amount: 1 })
    const writing = { time: w.now - 1, exactly: true }
    const allocate = { amount: 1, worker: anna, deadline: 1, request: taken }
    expect(codeOf(later, anna, 'work.allocate', allocate)).toBe(null)
    later.now += 5
    const newest = later.valid(carla, 'work.request', { to: berta, amount: 1 })
    const named = { ...allocate, request: newest }
    expect(codeOf(later, anna, 'work.allocate', named, writing)).toBe('clock-backwards')
    expect(codeOf(later, anna, 'work.allocate', named)).toBe('not-authorised')
  })

  test('a kind that is not known, or of the other document, is malformed', () => {
    const strange = new Map([['kind', 'atp.mint'] as const])
    const untitled = new Map([['amount', 1] as const])
    const misplaced = fieldsOf('energy.retire', { source: 'solar:test:old' })
    for (const fields of [strange, untitled, misplaced]) {
      const [judged] = w.copy().write(anna, [fields], { document: 'pool' })
      expect(judged).toMatchObject({ void: 'malformed', outcome: null })
    }
  })

  test('a void record changes nothing and stays in the chain', () => {
    const before = w.copy()
    const after = w.copy()
    after.put(anna, 'trade.settle', { acceptance: nothing })
    const { chain: was, ...state } = before.replica.poolAt(anna, w.now)
    const { chain: is, ...same } = after.replica.pool(anna)
    expect(same).toEqual(state)
    expect([is.seq, is.count]).toEqual([was.seq + 1, was.count + 1])
  })
})
