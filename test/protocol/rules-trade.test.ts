import { describe, expect, test } from 'vitest'
import { dueFor, integerMax, type Code, type RecordId } from '../../protocol/index.ts'
import { adopted, charged, codeOf, foundedWorld, lent } from '../support/ledger-society.ts'
import { outcomeOf, solarProof } from '../support/ledger-society.ts'
import { fieldsOf, keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [seller, buyer, third] = [keyNamed('seller'), keyNamed('buyer'), keyNamed('third')]
const hour = 3_600_000
const day = 24 * hour

/** The seller has 100 ATP for a week, everybody else ADP. */
const world = (): LedgerWorld => {
  const w = foundedWorld([seller, buyer, third], { policy: { minimumOccupancy: 0 } })
  charged(w, seller, 100_000)
  return w
}

const terms = (fields: object = {}): object => ({
  amount: 60_000,
  price: 1_000,
  expires: day,
  ...fields,
})

const offered = (w: LedgerWorld, fields: object = {}): RecordId =>
  w.valid(seller, 'trade.offer', terms(fields))

const accepted = (w: LedgerWorld, offer: RecordId, amount = 60_000): RecordId =>
  w.valid(buyer, 'trade.accept', { offer, amount })

describe('trade.offer (R50)', () => {
  test.each<[object, Code | null]>([
    [{ amount: 0 }, 'invalid-amount'],
    [{ amount: 1 }, null],
    [{ amount: 100_000 }, null],
    [{ amount: 100_001 }, 'insufficient-atp'],
    [{ price: 0 }, null],
    [{ price: -1 }, 'malformed'],
    [{ price: 1_000_000_000 }, null],
    [{ price: 1_000_000_001 }, 'malformed'],
    [{ expires: 0 }, 'malformed'],
    [{ expires: 1 }, null],
    [{ expires: 366 * day }, null],
    [{ expires: 366 * day + 1 }, 'malformed'],
    [{ to: buyer, service: 'a song', serviceDigest: 'ab'.repeat(32) }, null],
    [{ to: seller }, 'not-authorised'],
    [{ service: 'x'.repeat(1_025) }, 'malformed'],
  ])('with %o: %s', (fields, code) => {
    expect(codeOf(world(), seller, 'trade.offer', terms(fields))).toBe(code)
  })

  test('is kept with its terms', () => {
    const w = world()
    const service = { service: 'a song', serviceDigest: 'ab'.repeat(32) }
    const first = offered(w, { to: buyer, ...service, amount: 1 })
    const second = offered(w, { amount: 1 })
    const { offers } = w.replica.pool(seller)
    expect(offers.get(first)).toMatchObject({ amount: 1, to: buyer, service: 'a song' })
    expect(offers.get(second)).toMatchObject({ amount: 1, to: null, service: null })
  })

  test('ends with its first batch at the latest', () => {
    const w = world()
    charged(w, seller, 10_000, 2 * hour)
    const end = (fields: object): number =>
      outcomeOf(w, offered(w, fields), 'offer').expiresAt - w.now
    expect(end({ amount: 1_000, expires: hour })).toBe(hour)
    expect(end({ amount: 1_000, expires: day })).toBe(2 * hour)
    expect(end({ amount: 20_000, expires: day })).toBe(2 * hour)
    expect(end({ amount: 20_000, expires: day })).toBe(day)
    expect(end({ amount: 20_000, expires: 30 * day })).toBe(7 * day)
  })

  test('is of own ATP, never of borrowed', () => {
    const w = world()
    adopted(w, seller, buyer)
    lent(w, seller, buyer, 50_000)
    charged(w, buyer, 10_000)
    expect(codeOf(w, buyer, 'trade.offer', terms({ amount: 10_001 }))).toBe('insufficient-atp')
    w.valid(buyer, 'trade.offer', terms({ amount: 10_000 }))
    expect(w.replica.pool(buyer)).toMatchObject({ available: 50_000, escrowed: 10_000 })
  })

  test('has at most 64 slices', () => {
    const w = foundedWorld([seller])
    const proof = w.valid(seller, 'energy.prove', solarProof(w))
    const charge = fieldsOf('atp.charge', { amount: 1_000, proof, supplies: [], lifetime: day })
    w.write(
      seller,
      Array.from({ length: 65 }, () => charge),
    )
    const code = (amount: number): Code | null =>
      codeOf(w, seller, 'trade.offer', terms({ amount }))
    expect([code(64_000), code(64_001)]).toEqual([null, 'too-many-batches'])
  })

  test('is on the market up to its expiry, its instant included (R76)', () => {
    const w = world()
    offered(w)
    w.now += day
    expect(w.replica.poolAt(seller, w.now)).toMatchObject({ escrowed: 60_000, available: 40_000 })
    w.now += 1
    expect(w.replica.poolAt(seller, w.now)).toMatchObject({ escrowed: 0, available: 100_000 })
  })
})

describe('trade.accept (R51)', () => {
  test('is for whom the offer is, in time and within its amount', () => {
    const w = world()
    const open = offered(w)
    const named = offered(w, { to: third, amount: 40_000 })
    const code = (by: typeof buyer, offer: RecordId, amount: number): Code | null =>
      codeOf(w, by, 'trade.accept', { offer, amount })
    expect(code(seller, open, 1)).toBe('not-authorised')
    expect(code(buyer, named, 1)).toBe('not-authorised')
    expect(code(third, named, 40_000)).toBe(null)
    expect(code(buyer, open, 0)).toBe('invalid-amount')
    expect(code(buyer, open, 60_000)).toBe(null)
    expect(code(buyer, open, 60_001)).toBe('invalid-amount')
    w.now += day
    expect(code(buyer, open, 60_000)).toBe(null)
    w.now += 1
    expect(code(buyer, open, 60_000)).toBe('offer-closed')
  })

  test('puts what is due in escrow, rounded up', () => {
    expect(dueFor(1, 1)).toBe(1)
    expect(dueFor(1_000, 1)).toBe(1)
    expect(dueFor(1_001, 1)).toBe(2)
    expect(dueFor(60_000, 0)).toBe(0)
    expect(dueFor(60_000, 1_500)).toBe(90_000)
    expect(dueFor(999_999_999, 1_000_000_000)).toBe(999_999_999_000_000)
    expect(dueFor(integerMax, 999)).toBe(8_998_192_055_486_250)
    const w = world()
    accepted(w, offered(w, { price: 333 }), 1_001)
    const pool = w.replica.pool(buyer)
    expect(pool).toMatchObject({ adpEscrowed: 334, pool: 10_000_000 - 334, supply: 10_000_000 })
  })

  test('takes no more than the pool holds', () => {
    const w = world()
    const exact = offered(w, { amount: 10_000, price: 1_000_000 })
    const dear = offered(w, { amount: 10_000, price: 1_000_001 })
    const code = (offer: RecordId): Code | null =>
      codeOf(w, buyer, 'trade.accept', { offer, amount: 10_000 })
    expect([code(exact), code(dear)]).toEqual([null, 'insufficient-adp'])
  })
})

describe('trade.settle (R52)', () => {
  test('is the seller’s, once, up to the end of the offer', () => {
    const w = world()
    const acceptance = accepted(w, offered(w))
    const code = (by: typeof seller): Code | null => codeOf(w, by, 'trade.settle', { acceptance })
    expect(code(buyer)).toBe('not-authorised')
    expect(code(third)).toBe('not-authorised')
    const settled = w.copy()
    settled.valid(seller, 'trade.settle', { acceptance })
    expect(settled.code(seller, 'trade.settle', { acceptance })).toBe('already-ended')
    expect(settled.code(seller, 'trade.decline', { acceptance })).toBe('already-ended')
    w.now += day
    expect(code(seller)).toBe(null)
    w.now += 1
    expect(code(seller)).toBe('offer-closed')
  })

  test('hands over in spend order and leaves the rest on offer', () => {
    const w = world()
    const short = charged(w, seller, 10_000, 2 * day)
    const offer = offered(w)
    const [part, much, rest] = [15_000, 45_001, 45_000].map((amount) => accepted(w, offer, amount))
    const id = w.valid(seller, 'trade.settle', { acceptance: part })
    const { slices, due } = outcomeOf(w, id, 'settlement')
    expect(slices.map(({ amount }) => amount)).toEqual([10_000, 5_000])
    expect(slices[0]).toMatchObject({ batch: short, path: [], via: null })
    expect(due).toBe(15_000)
    expect(w.replica.pool(seller)).toMatchObject({ escrowed: 45_000, supply: 10_000_000 })
    expect(w.code(seller, 'trade.settle', { acceptance: much })).toBe('invalid-amount')
    w.valid(seller, 'trade.settle', { acceptance: rest })
    expect(w.replica.pool(seller)).toMatchObject({ escrowed: 0 })
    expect(w.code(seller, 'trade.settle', { acceptance: much })).toBe('offer-closed')
  })

  test('takes nothing of a batch that is not needed', () => {
    const w = world()
    charged(w, seller, 10_000, 2 * day)
    const acceptance = accepted(w, offered(w), 10_000)
    const id = w.valid(seller, 'trade.settle', { acceptance })
    expect(outcomeOf(w, id, 'settlement').slices.map(({ amount }) => amount)).toEqual([10_000])
  })

  test('comes neither after a decline nor after the offer was cancelled (R21, R53)', () => {
    const w = world()
    const [first, second] = [offered(w, { amount: 1_000 }), offered(w, { amount: 1_000 })]
    const [declined, cancelled] = [accepted(w, first, 1_000), accepted(w, second, 1_000)]
    expect(codeOf(w, buyer, 'trade.decline', { acceptance: declined })).toBe('not-authorised')
    w.valid(seller, 'trade.decline', { acceptance: declined })
    w.valid(seller, 'trade.cancel', { offer: second })
    const code = (kind: string, acceptance: RecordId): Code | null =>
      codeOf(w, seller, kind, { acceptance })
    expect(code('trade.settle', declined)).toBe('already-ended')
    expect(code('trade.decline', declined)).toBe('already-ended')
    expect(code('trade.settle', cancelled)).toBe('offer-closed')
    expect(code('trade.decline', cancelled)).toBe(null)
  })
})

describe('trade.claim (R55)', () => {
  test('is the buyer’s, once, at any time', () => {
    const w = world()
    const acceptance = accepted(w, offered(w, { price: 1_500 }))
    const settlement = w.valid(seller, 'trade.settle', { acceptance })
    const code = (by: typeof buyer): Code | null => codeOf(w, by, 'trade.claim', { settlement })
    expect(code(third)).toBe('not-authorised')
    expect(code(seller)).toBe('not-authorised')
    w.valid(buyer, 'trade.claim', { settlement })
    expect(w.replica.pool(buyer)).toMatchObject({
      available: 60_000,
      adpEscrowed: 0,
      pool: 9_910_000,
      supply: 9_970_000,
    })
    expect(w.replica.pool(seller)).toMatchObject({ pool: 9_990_000, supply: 10_030_000 })
    expect(code(buyer)).toBe('already-claimed')
  })

  test('brings what has expired as ADP and the buyer’s waste', () => {
    const w = world()
    charged(w, seller, 10_000, 2 * day)
    const acceptance = accepted(w, offered(w), 30_000)
    const settlement = w.valid(seller, 'trade.settle', { acceptance })
    w.now += 2 * day
    const inTime = w.copy()
    inTime.valid(buyer, 'trade.claim', { settlement })
    expect(inTime.replica.pool(buyer)).toMatchObject({ available: 30_000, wasted: 0 })
    w.now += 1
    w.valid(buyer, 'trade.claim', { settlement })
    const pool = w.replica.pool(buyer)
    expect(pool).toMatchObject({ available: 20_000, wasted: 10_000, pool: 9_980_000 })
    expect(pool.waste).toMatchObject([{ amount: 10_000, ageMs: 2 * day, at: w.now }])
    expect(w.replica.pool(seller).wasted).toBe(0)
  })
})
