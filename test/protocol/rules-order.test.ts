import { describe, expect, test } from 'vitest'
import type { Code, RecordId, SocietyKey } from '../../protocol/index.ts'
import { adopted, codeOf, foundedWorld, lent } from '../support/ledger-society.ts'
import { foundingOf, solarProof } from '../support/ledger-society.ts'
import { completed, fieldsOf, keyNamed, LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta, carla] = [keyNamed('anna'), keyNamed('berta'), keyNamed('carla')]
const day = 86_400_000

/** A record that is wrong in several ways; the check that comes first gives the code. */
type Case = {
  readonly what: string
  readonly code: Code
  readonly by: SocietyKey
  readonly value: object
}

const w = foundedWorld([anna, berta, carla], { adp: 2_000_000, policy: { minimumOccupancy: 0 } })
const stale = w.valid(anna, 'energy.prove', solarProof(w, { source: 'solar:test:old' }))
const staleToo = w.valid(berta, 'energy.prove', solarProof(w, { source: 'solar:test:old' }))
w.now += 30 * day
const claimed = w.valid(
  anna,
  'energy.prove',
  solarProof(w, { assurance: 0, source: 'solar:test:claim' }),
)
const proof = w.valid(anna, 'energy.prove', solarProof(w, { rated: 1_000_000 }))
w.valid(anna, 'energy.prove', solarProof(w, { source: 'solar:test:old' }))
const powered = { source: 'solar:test:new', poweredBy: 'solar:test:old' }
w.valid(anna, 'energy.prove', solarProof(w, powered))
const charge = { amount: 1_000, proof, supplies: [], lifetime: day }
w.valid(anna, 'atp.charge', { ...charge, amount: 500_000 })
const much = 9_000_000_000
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

const charges: readonly Case[] = [
  {
    what: 'fields before references',
    code: 'invalid-amount',
    value: { amount: 999, proof: nothing },
  },
  { what: 'one field before the next', code: 'malformed', value: { amount: 999, lifetime: 0 } },
  {
    what: 'references before the author',
    code: 'unknown-reference',
    value: { proof: stale, supplies: [staleToo] },
  },
  { what: 'the author before freshness', code: 'not-authorised', value: { proof: staleToo } },
  { what: 'freshness before ADP', code: 'proof-stale', value: { proof: stale, amount: much } },
  {
    what: 'assurance before ADP',
    code: 'unverified-source',
    value: { proof: claimed, amount: much },
  },
  { what: 'ADP before capacity', code: 'insufficient-adp', value: { amount: much } },
].map((one): Case => ({
  ...one,
  code: one.code as Code,
  by: anna,
  value: { ...charge, ...one.value },
}))

const allocations: readonly Case[] = [
  { what: 'the author before openness', code: 'not-authorised', by: carla, value: { request } },
  { what: 'openness before amounts', code: 'already-ended', by: anna, value: { request } },
  {
    what: 'what was asked before what it has',
    code: 'invalid-amount',
    by: anna,
    value: { request: served },
  },
  { what: 'what it has', code: 'insufficient-atp', by: anna, value: {} },
].map((one): Case => {
  const value = { amount: much, worker: anna, deadline: 1, ...one.value }
  return { ...one, code: one.code as Code, value }
})

const signed = { worker: anna, beneficiary: anna }
const completions: readonly Case[] = [
  {
    what: 'fields before references',
    code: 'malformed',
    by: anna,
    value: completed({ ...signed, ticket: nothing, started: 2, finished: 1 }),
  },
  {
    what: 'the author before signatures',
    code: 'not-authorised',
    by: carla,
    value: completed({ ...signed, ticket }),
  },
  {
    what: 'signatures before amounts',
    code: 'bad-signature',
    by: anna,
    value: completed({ ...signed, ticket, consumed: much }),
  },
]

const acceptances: readonly Case[] = [
  {
    what: 'the author before openness',
    code: 'not-authorised',
    by: berta,
    value: { offer: short },
  },
  { what: 'openness before amounts', code: 'offer-closed', by: berta, value: { offer } },
  { what: 'the offer before the pool', code: 'invalid-amount', by: berta, value: { offer: cheap } },
].map((one): Case => ({ ...one, code: one.code as Code, value: { amount: much, ...one.value } }))

const proofs: readonly Case[] = [
  {
    what: 'references before freshness',
    code: 'unknown-reference',
    by: carla,
    value: solarProof(w, { poweredBy: 'solar:test:nowhere', measuredAt: 0 }),
  },
  {
    what: 'freshness before circles',
    code: 'proof-stale',
    by: anna,
    value: solarProof(w, { source: 'solar:test:old', poweredBy: 'solar:test:new', measuredAt: 0 }),
  },
]

const offerToSelf = { amount: much, price: 0, to: anna, expires: 1 }
const author = 'the author before the rest'
const cases: readonly (Case & { readonly kind: string })[] = [
  ...charges.map((one) => ({ ...one, kind: 'atp.charge' })),
  ...allocations.map((one) => ({ ...one, kind: 'work.allocate' })),
  ...completions.map((one) => ({ ...one, kind: 'work.complete' })),
  ...acceptances.map((one) => ({ ...one, kind: 'trade.accept' })),
  ...proofs.map((one) => ({ ...one, kind: 'energy.prove' })),
  { what: author, code: 'not-authorised', by: anna, kind: 'trade.offer', value: offerToSelf },
  { what: author, code: 'not-authorised', by: carla, kind: 'allocation.take', value: { grant } },
]

describe('the order of checks (R19, R77)', () => {
  test.each(cases)('of $kind: $what', ({ code, by, kind, value }) => {
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

  test('what is named comes before when (R20)', () => {
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

  test('a void record changes nothing and stays in the chain (R18)', () => {
    const before = w.copy()
    const after = w.copy()
    after.put(anna, 'trade.settle', { acceptance: nothing })
    const { chain: was, ...state } = before.replica.poolAt(anna, w.now)
    const { chain: is, ...same } = after.replica.pool(anna)
    expect(same).toEqual(state)
    expect([is.seq, is.count]).toEqual([was.seq + 1, was.count + 1])
  })
})
