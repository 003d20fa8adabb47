import { describe, expect, test } from 'vitest'
import type { Code, RecordId } from '../../protocol/index.ts'
import { charged, codeOf, foundedWorld, outcomeOf } from '../support/ledger-society.ts'
import { completed, keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta, carla] = [keyNamed('anna'), keyNamed('berta'), keyNamed('carla')]
const hour = 3_600_000
const day = 24 * hour
const longest = 60 * day

const world = (): LedgerWorld => {
  const w = foundedWorld([anna, berta, carla], { policy: { minimumOccupancy: 0 } })
  charged(w, anna, 100_000)
  return w
}

const use = (fields: object = {}): object => ({
  amount: 60_000,
  worker: berta,
  deadline: day,
  ...fields,
})

const complete = (ticket: RecordId, fields: object = {}, signers: object = {}): object =>
  completed({ ticket, worker: berta, beneficiary: carla, ...fields }, signers)

describe('work.allocate (R44)', () => {
  test.each<[object, Code | null]>([
    [{ amount: 0 }, 'invalid-amount'],
    [{ amount: 1 }, null],
    [{ amount: 100_000 }, null],
    [{ amount: 100_001 }, 'insufficient-atp'],
    [{ deadline: 0 }, 'malformed'],
    [{ deadline: 1 }, null],
    [{ deadline: longest }, null],
    [{ deadline: longest + 1 }, 'malformed'],
    [{ class: 0 }, null],
    [{ class: 10 }, null],
    [{ class: 11 }, 'malformed'],
    [{ description: 'ß'.repeat(512) }, null],
    [{ description: `${'ß'.repeat(512)}s` }, 'malformed'],
    [{ description: '' }, 'malformed'],
  ])('with %o: %s', (fields, code) => {
    expect(codeOf(world(), anna, 'work.allocate', use(fields))).toBe(code)
  })

  test('serves a request to this society, once, with no more than it asked (Q2)', () => {
    const w = world()
    const request = w.valid(berta, 'work.request', { to: anna, amount: 60_000 })
    const elsewhere = w.valid(berta, 'work.request', { to: carla, amount: 60_000 })
    const code = (fields: object): Code | null => codeOf(w, anna, 'work.allocate', use(fields))
    expect(code({ request: elsewhere })).toBe('not-authorised')
    expect(code({ request, amount: 60_001 })).toBe('invalid-amount')
    expect(code({ request })).toBe(null)
    w.valid(anna, 'work.allocate', use({ request, amount: 1 }))
    expect(code({ request, amount: 1 })).toBe('already-ended')
  })

  test('serves a request up to its deadline, its instant included (R76, Q2)', () => {
    const w = world()
    const ask = { to: anna, amount: 60_000, deadline: hour }
    const request = w.valid(berta, 'work.request', ask)
    w.now += hour
    expect(codeOf(w, anna, 'work.allocate', use({ request }))).toBe(null)
    w.now += 1
    expect(codeOf(w, anna, 'work.allocate', use({ request }))).toBe('expired')
  })

  test('takes what expires first, then what came first (R25)', () => {
    const w = foundedWorld([anna, berta])
    const long = charged(w, anna, 10_000, 3 * day)
    w.now += hour
    const early = charged(w, anna, 10_000, 2 * day - hour)
    w.now += 1
    const late = charged(w, anna, 10_000, 2 * day - hour - 1)
    w.valid(anna, 'work.allocate', use({ amount: 25_000 }))
    const reserved = [...w.replica.pool(anna).lots.values()].map((lot) => [lot.batch, lot.reserved])
    expect(reserved).toEqual([
      [early, 10_000] as const,
      [late, 10_000] as const,
      [long, 5_000] as const,
    ])
  })

  test('takes equal ones by the hash and then the place of what brought them (R25)', () => {
    const w = foundedWorld([anna, berta])
    const [first] = [charged(w, anna, 10_000)]
    const fields = { amount: 10_000, lifetime: 7 * day, supplies: [] }
    const { proof } = [...w.replica.pool(anna).lots.values()][0]!
    const two = w.write(anna, [
      ['atp.charge', { ...fields, proof }] as const,
      ['atp.charge', { ...fields, proof }] as const,
    ])
    const order = [...w.replica.pool(anna).lots.values()].map(({ batch }) => batch)
    const pair = two.map(({ id }) => id)
    expect(order).toEqual(first < pair[0]! ? [first, ...pair] : [...pair, first])
  })
})

describe('work.request (R43)', () => {
  test('is critical only where a society asks itself (Q1)', () => {
    const w = world()
    const code = (to: string, critical?: boolean): Code | null =>
      codeOf(w, anna, 'work.request', { to, amount: 1, critical })
    expect(code(berta, true)).toBe('not-authorised')
    expect(code(berta, false)).toBe(null)
    expect(code(anna, true)).toBe(null)
  })

  test.each<[object, Code | null]>([
    [{ amount: 0 }, 'invalid-amount'],
    [{ urgency: 1_000_000, efficiency: 0, deadline: 1 }, null],
    [{ urgency: 1_000_001 }, 'malformed'],
    [{ efficiency: -1 }, 'malformed'],
    [{ deadline: 0 }, 'malformed'],
    [{ deadline: longest }, null],
    [{ deadline: longest + 1 }, 'malformed'],
  ])('with %o: %s', (fields, code) => {
    const value = { to: berta, amount: 1, ...fields }
    expect(codeOf(world(), anna, 'work.request', value)).toBe(code)
  })
})

describe('work.complete (R41)', () => {
  test.each<[object, Code | null]>([
    [{ consumed: 0 }, 'invalid-amount'],
    [{ consumed: 1 }, null],
    [{ consumed: 60_000 }, null],
    [{ consumed: 60_001 }, 'invalid-amount'],
    [{ quality: 0 }, null],
    [{ quality: 1_000_001 }, 'invalid-quality'],
    [{ started: 0, finished: 0 }, null],
    [{ started: 2, finished: 1 }, 'malformed'],
    [{ outputDigest: 'cd'.repeat(32) }, null],
    // Worker and beneficiary would have signed the same without a digest.
    [{ outputDigest: '00'.repeat(32) }, 'malformed'],
  ])('with %o: %s', (fields, code) => {
    const w = world()
    const ticket = w.valid(anna, 'work.allocate', use())
    expect(codeOf(w, anna, 'work.complete', complete(ticket, fields))).toBe(code)
  })

  test('is recorded no earlier than the work was finished and begun', () => {
    const w = world()
    const ticket = w.valid(anna, 'work.allocate', use())
    const code = (fields: object): Code | null =>
      codeOf(w, anna, 'work.complete', complete(ticket, fields))
    expect(code({ finished: w.now })).toBe(null)
    expect(code({ finished: w.now + 1 })).toBe('malformed')
    expect(code({ started: w.now })).toBe(null)
    expect(code({ started: w.now + 1 })).toBe('malformed')
  })

  test('counts up to the deadline, its instant included', () => {
    const w = world()
    const ticket = w.valid(anna, 'work.allocate', use())
    w.now += day
    expect(codeOf(w, anna, 'work.complete', complete(ticket))).toBe(null)
    expect(codeOf(w, anna, 'work.fail', { ticket })).toBe(null)
    w.now += 1
    expect(codeOf(w, anna, 'work.complete', complete(ticket))).toBe('already-ended')
    expect(codeOf(w, anna, 'work.fail', { ticket })).toBe('already-ended')
    const pool = w.replica.poolAt(anna, w.now)
    expect(pool).toMatchObject({ available: 100_000, reserved: 0, failed: 1, completed: 0 })
  })

  test('is signed by worker and beneficiary', () => {
    const w = world()
    const ticket = w.valid(anna, 'work.allocate', use())
    const code = (fields: object, signers: object): Code | null =>
      codeOf(w, anna, 'work.complete', complete(ticket, fields, signers))
    expect(code({}, { worker: carla })).toBe('bad-signature')
    expect(code({}, { beneficiary: berta })).toBe('bad-signature')
    // Signed for another worker than the ticket's.
    expect(code({ worker: carla }, {})).toBe('bad-signature')
    expect(code({ beneficiary: anna }, {})).toBe(null)
    const altered = { ...complete(ticket), quality: 999_999 }
    expect(codeOf(w, anna, 'work.complete', altered)).toBe('bad-signature')
  })

  test('ends a ticket of its own society, once', () => {
    const w = world()
    const ticket = w.valid(anna, 'work.allocate', use())
    expect(codeOf(w, berta, 'work.complete', complete(ticket))).toBe('not-authorised')
    expect(codeOf(w, berta, 'work.fail', { ticket })).toBe('not-authorised')
    w.valid(anna, 'work.complete', complete(ticket))
    expect(codeOf(w, anna, 'work.complete', complete(ticket))).toBe('already-ended')
    expect(codeOf(w, anna, 'work.fail', { ticket })).toBe('already-ended')
    const [first] = w.replica.valid('proof')
    const fail = { ticket: first!.id }
    expect(codeOf(w, anna, 'work.fail', fail)).toBe('unknown-reference')
  })

  test('takes from what is alive of the ticket, first to expire first', () => {
    const w = foundedWorld([anna, berta], { policy: { minimumOccupancy: 0 } })
    charged(w, anna, 10_000, hour)
    charged(w, anna, 20_000, 2 * hour)
    charged(w, anna, 30_000, 3 * hour)
    const ticket = w.valid(anna, 'work.allocate', use({ amount: 55_000 }))
    w.now += hour + 1
    const code = (consumed?: number): Code | null =>
      codeOf(w, anna, 'work.complete', complete(ticket, { consumed }))
    expect(code(45_000)).toBe(null)
    expect(code(45_001)).toBe('invalid-amount')
    const partly = w.copy()
    const id = partly.valid(anna, 'work.complete', complete(ticket, { consumed: 25_000 }))
    const { slices } = outcomeOf(partly, id, 'completion')
    expect(slices.map(({ amount }) => amount)).toEqual([20_000, 5_000])
    expect(partly.replica.pool(anna)).toMatchObject({
      available: 25_000,
      reserved: 0,
      wasted: 10_000,
      completed: 1,
    })
    const whole = w.copy()
    whole.valid(anna, 'work.complete', complete(ticket))
    expect(whole.replica.pool(anna)).toMatchObject({ available: 5_000, reserved: 0 })
    w.now += 2 * hour
    expect(code()).toBe('expired')
    expect(code(1)).toBe('expired')
    expect(codeOf(w, anna, 'work.fail', { ticket })).toBe(null)
  })

  test('earns amount x quality, rounded down, and nothing for oneself', () => {
    const w = world()
    const credited = (): number => w.replica.pool(anna).credited.get(berta) ?? 0
    const done = (fields: object): void => {
      const ticket = w.valid(anna, 'work.allocate', use({ amount: 10_000 }))
      w.valid(anna, 'work.complete', complete(ticket, fields))
    }
    done({ quality: 333_333 })
    expect(credited()).toBe(3_333)
    done({ consumed: 1, quality: 999_999 })
    expect(credited()).toBe(3_333)
    done({ beneficiary: berta })
    expect(credited()).toBe(3_333)
    done({})
    expect(credited()).toBe(13_333)
  })
})

describe('work.fail (R42)', () => {
  test('returns everything to its own batches and makes no ADP', () => {
    const w = world()
    const ticket = w.valid(anna, 'work.allocate', use())
    w.valid(anna, 'work.fail', { ticket, reason: 'no wind' })
    const pool = w.replica.pool(anna)
    expect(pool).toMatchObject({ available: 100_000, reserved: 0, pool: 9_900_000, failed: 1 })
    expect(pool.endedTickets).toMatchObject([{ id: ticket, state: 'failed' }])
  })
})

describe('work in one change (R18)', () => {
  test('sees what the records before it did', () => {
    const w = world()
    const ticket = w.valid(anna, 'work.allocate', use())
    const judged = w.write(anna, [
      ['work.complete', complete(ticket)],
      ['work.fail', { ticket }],
      ['work.allocate', use({ amount: 40_001 })],
      ['work.allocate', use({ amount: 40_000 })],
    ])
    expect(judged.map((record) => record.void)).toEqual([
      null,
      'already-ended',
      'insufficient-atp',
      null,
    ])
  })
})
