import { describe, expect, test } from 'vitest'
import type { Code, RecordId, SocietyKey } from '../../protocol/index.ts'
import { adopted, charged, codeOf, foundedWorld, lent } from '../support/ledger-society.ts'
import { solarProof, worked } from '../support/ledger-society.ts'
import { fieldsOf, keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta, carla] = [keyNamed('anna'), keyNamed('berta'), keyNamed('carla')]
const hour = 3_600_000
const day = 24 * hour
const roof = 'solar:test:roof'

const chargeOf = (proof: RecordId, fields: object = {}): object => ({
  amount: 1_000,
  proof,
  supplies: [],
  lifetime: day,
  ...fields,
})

const world = (policy: Readonly<Record<string, number>> = {}): LedgerWorld =>
  foundedWorld([anna, berta, carla], { policy })

describe('the amount of a charge (R40)', () => {
  const poor = foundedWorld([anna], { adp: 6_000_000 })
  const proof = poor.valid(anna, 'energy.prove', solarProof(poor, { rated: 5_000_000 }))
  const small = poor.valid(anna, 'energy.prove', {
    ...solarProof(poor, { rated: 9_000_000, source: 'solar:test:big' }),
  })

  test.each<[number, RecordId, Code | null]>([
    [999, proof, 'invalid-amount'],
    [1_000, proof, null],
    [5_000_000, proof, null],
    [5_000_001, proof, 'insufficient-capacity'],
    [6_000_000, small, null],
    [6_000_001, small, 'insufficient-adp'],
    [6_000_001, proof, 'insufficient-adp'],
  ])('%d mATP against %s: %s', (amount, id, code) => {
    expect(codeOf(poor, anna, 'atp.charge', chargeOf(id, { amount }))).toBe(code)
  })

  test.each<[number, Code | null]>([
    [0, 'malformed'],
    [1, null],
    [30 * day, null],
    [30 * day + 1, 'malformed'],
  ])('may live %d ms: %s', (lifetime, code) => {
    expect(codeOf(poor, anna, 'atp.charge', chargeOf(proof, { lifetime }))).toBe(code)
  })

  test('moves from ADP to ATP and nothing else', () => {
    const moved = poor.copy()
    moved.valid(anna, 'atp.charge', chargeOf(proof, { amount: 1_234 }))
    expect(moved.replica.pool(anna)).toMatchObject({
      available: 1_234,
      pool: 6_000_000 - 1_234,
      supply: 6_000_000,
    })
  })
})

describe('the proof of a charge (R40)', () => {
  test('is stale to the millisecond (R76)', () => {
    const w = world()
    const proof = w.valid(anna, 'energy.prove', solarProof(w))
    w.now += 30 * day - 1
    expect(codeOf(w, anna, 'atp.charge', chargeOf(proof))).toBe(null)
    w.now += 1
    expect(codeOf(w, anna, 'atp.charge', chargeOf(proof))).toBe('proof-stale')
  })

  test('is the newest that was charged against so far, or a newer', () => {
    const w = world()
    const first = w.valid(anna, 'energy.prove', solarProof(w))
    const second = w.valid(anna, 'energy.prove', solarProof(w))
    expect(w.code(anna, 'atp.charge', chargeOf(first))).toBe(null)
    expect(w.code(anna, 'atp.charge', chargeOf(second))).toBe(null)
    expect(w.code(anna, 'atp.charge', chargeOf(first))).toBe('proof-stale')
    expect(w.code(anna, 'atp.charge', chargeOf(second))).toBe(null)
  })

  test('is measured, the own, and a proof', () => {
    const w = world()
    const claimed = w.valid(anna, 'energy.prove', solarProof(w, { assurance: 0 }))
    const hers = w.valid(berta, 'energy.prove', solarProof(w))
    const join = w.valid(anna, 'federation.join', { federation: 'test-rules' })
    const voided = w.put(anna, 'energy.prove', solarProof(w, { rated: 0 })).id
    const code = (proof: RecordId): Code | null => codeOf(w, anna, 'atp.charge', chargeOf(proof))
    expect(code(claimed)).toBe('unverified-source')
    expect(code(hers)).toBe('not-authorised')
    expect(code(join)).toBe('unknown-reference')
    expect(code(voided)).toBe('unknown-reference')
    expect(code(`${claimed.slice(0, 64)}:1` as RecordId)).toBe('unknown-reference')
  })

  test('is not dated after the charge (R20)', () => {
    const w = world()
    w.now += 1
    const proof = w.valid(anna, 'energy.prove', solarProof(w))
    const time = w.now - 1
    const code = codeOf(w, anna, 'atp.charge', chargeOf(proof), { time, exactly: true })
    expect(code).toBe('clock-backwards')
  })
})

describe('sources that are powered by others (R40)', () => {
  const row = (w: LedgerWorld, length: number): readonly RecordId[] =>
    Array.from({ length }, (_, i) =>
      w.valid(anna, 'energy.prove', {
        ...solarProof(w, { source: `solar:test:s${i + 1}x`, rated: 100_000 + i }),
        poweredBy: i === 0 ? undefined : `solar:test:s${i}x`,
      }),
    ).toReversed()

  test('are charged with the proofs of all that power them, nearest first', () => {
    const w = world()
    const [third, second, first] = row(w, 3) as [RecordId, RecordId, RecordId]
    const code = (proof: RecordId, ...supplies: readonly RecordId[]): Code | null =>
      codeOf(w, anna, 'atp.charge', chargeOf(proof, { supplies }))
    expect(code(third, second, first)).toBe(null)
    expect(code(third, second)).toBe('unknown-reference')
    expect(code(third, first, second)).toBe('unknown-reference')
    expect(code(third)).toBe('unknown-reference')
    expect(code(first, second)).toBe('unknown-reference')
    expect(code(first)).toBe(null)
  })

  test('stand in a row of five at most', () => {
    const w = world()
    const [, ...five] = row(w, 6)
    const [proof, ...supplies] = five as [RecordId, ...RecordId[]]
    expect(codeOf(w, anna, 'atp.charge', chargeOf(proof, { supplies }))).toBe(null)
    const [top, ...below] = row(w, 6) as [RecordId, ...RecordId[]]
    expect(codeOf(w, anna, 'atp.charge', chargeOf(top, { supplies: below }))).toBe('malformed')
  })

  test('count against each of them', () => {
    const w = world()
    const [second, first] = row(w, 2) as [RecordId, RecordId]
    w.valid(anna, 'atp.charge', chargeOf(second, { supplies: [first], amount: 60_000 }))
    const code = (proof: RecordId, supplies: readonly RecordId[], amount: number): Code | null =>
      codeOf(w, anna, 'atp.charge', chargeOf(proof, { supplies, amount }))
    expect(code(first, [], 40_000)).toBe(null)
    expect(code(first, [], 40_001)).toBe('insufficient-capacity')
    expect(code(second, [first], 40_001)).toBe('insufficient-capacity')
  })

  test('need every proof fresh and measured', () => {
    const w = world()
    const [second, first] = row(w, 2) as [RecordId, RecordId]
    w.now += 30 * day - 1
    const fields = solarProof(w, { source: 'solar:test:s2x', poweredBy: 'solar:test:s1x' })
    const newer = w.valid(anna, 'energy.prove', fields)
    expect(codeOf(w, anna, 'atp.charge', chargeOf(newer, { supplies: [first] }))).toBe(null)
    w.now += 1
    const code = codeOf(w, anna, 'atp.charge', chargeOf(newer, { supplies: [first] }))
    expect([second === newer, code]).toEqual([false, 'proof-stale'])
  })
})

describe('the watts that a charge occupies (R27)', () => {
  const occupied = (w: LedgerWorld, by: SocietyKey = anna): number =>
    w.replica.poolAt(by, w.now).occupied.get(roof) ?? 0

  test('are held for the minimum and free at its end where all is discharged', () => {
    const w = world()
    charged(w, anna, 100_000)
    worked(w, anna, berta, 30_000)
    w.now += hour - 1
    expect(occupied(w)).toBe(100_000)
    w.now += 1
    expect(occupied(w)).toBe(70_000)
    worked(w, anna, berta, 20_000)
    expect(occupied(w)).toBe(50_000)
  })

  test('are held to the expiry, its instant included', () => {
    const w = world()
    charged(w, anna, 100_000, 2 * hour)
    w.now += 2 * hour
    expect(occupied(w)).toBe(100_000)
    w.now += 1
    expect(occupied(w)).toBe(0)
  })

  test('are held for the minimum even if the charge expires before', () => {
    const w = world()
    charged(w, anna, 100_000, 1)
    w.now += hour - 1
    expect([occupied(w), w.replica.poolAt(anna, w.now).available]).toEqual([100_000, 0])
    w.now += 1
    expect(occupied(w)).toBe(0)
  })

  test('follow the policy of the time of the proof', () => {
    const w = world({ minimumOccupancy: 0 })
    charged(w, anna, 100_000)
    w.valid(anna, 'society.amend', { witnesses: [], 'policy.minimumOccupancy': 2 * hour })
    charged(w, anna, 10_000)
    worked(w, anna, berta, 110_000)
    expect(occupied(w)).toBe(0)
    const proof = w.valid(anna, 'energy.prove', solarProof(w))
    w.valid(anna, 'atp.charge', chargeOf(proof, { amount: 5_000 }))
    worked(w, anna, berta, 5_000)
    w.now += 2 * hour - 1
    expect(occupied(w)).toBe(5_000)
    w.now += 1
    expect(occupied(w)).toBe(0)
  })

  test('are held by what is reserved, offered, lent and sold', () => {
    const w = world({ minimumOccupancy: 0 })
    charged(w, anna, 100_000)
    adopted(w, anna, berta)
    w.valid(anna, 'work.allocate', { amount: 10_000, worker: berta, deadline: day })
    const price = 1_000
    const offer = w.valid(anna, 'trade.offer', { amount: 20_000, price, expires: day })
    lent(w, anna, berta, 30_000)
    expect(occupied(w)).toBe(100_000)
    worked(w, anna, berta, 40_000)
    expect(occupied(w)).toBe(60_000)
    const acceptance = w.valid(carla, 'trade.accept', { offer, amount: 20_000 })
    const settlement = w.valid(anna, 'trade.settle', { acceptance })
    w.valid(carla, 'trade.claim', { settlement })
    worked(w, carla, berta, 20_000)
    const done = worked(w, berta, carla, 30_000)
    expect(occupied(w)).toBe(60_000)
    const { id: grant } = w.replica.valid('grant')[0]!
    const back = w.valid(berta, 'allocation.return', { grant, completion: done })
    w.valid(anna, 'allocation.take', { return: back })
    expect(occupied(w)).toBe(30_000)
    w.now += 7 * day + 1
    expect(occupied(w)).toBe(0)
  })
})

describe('a human (R31, R40)', () => {
  const ada = { source: 'human:test:ada', hours: 2 * hour }
  const card = { source: 'compute:test:card', tdp: 400_000, poweredBy: 'human:test:ada' }

  const provenWith = (w: LedgerWorld, fields: object): RecordId =>
    w.valid(anna, 'energy.prove', { ...solarProof(w, { rated: undefined }), ...fields })

  test('charges the whole of a day at once, where its watts allow', () => {
    const w = world()
    const proof = provenWith(w, { source: 'human:test:ada', hours: hour })
    const code = (amount: number): Code | null =>
      codeOf(w, anna, 'atp.charge', chargeOf(proof, { amount }))
    expect([code(100_000), code(100_001)]).toEqual([null, 'insufficient-capacity'])
    const less = provenWith(w, { source: 'human:test:ada', hours: hour / 2 })
    expect(codeOf(w, anna, 'atp.charge', chargeOf(less, { amount: 50_000 }))).toBe(null)
    const over = codeOf(w, anna, 'atp.charge', chargeOf(less, { amount: 50_001 }))
    expect(over).toBe('insufficient-capacity')
  })

  test.each([
    ['itself', (w: LedgerWorld) => chargeOf(provenWith(w, ada))],
    [
      'what it powers',
      (w: LedgerWorld) => {
        const supplies = [provenWith(w, ada)]
        return chargeOf(provenWith(w, card), { supplies })
      },
    ],
  ])('charges, on %s, so much in any 24 h and no more', (_, prepare) => {
    const w = world({ minimumOccupancy: 0 })
    const charge = prepare(w)
    for (const amount of [100_000, 99_000]) {
      w.valid(anna, 'atp.charge', { ...charge, amount })
      worked(w, anna, berta, amount)
      w.now += hour
    }
    const code = (amount: number): Code | null =>
      codeOf(w, anna, 'atp.charge', { ...prepare(w), amount })
    expect(code(1_000)).toBe(null)
    expect(code(1_001)).toBe('insufficient-capacity')
    w.now += 22 * hour - 1
    expect(code(1_001)).toBe('insufficient-capacity')
    w.now += 1
    expect(code(100_000)).toBe(null)
  })
})

describe('the number of live batches (R40)', () => {
  test('is limited for charges, never for claims and takes', () => {
    const w = foundedWorld([anna, berta, carla], { adp: 10_000_000 })
    const proof = w.valid(anna, 'energy.prove', solarProof(w))
    const fields = fieldsOf('atp.charge', chargeOf(proof))
    for (const length of [500, 499])
      w.write(
        anna,
        Array.from({ length }, () => fields),
      )
    charged(w, berta, 10_000)
    adopted(w, berta, anna)
    const price = 0
    const offer = w.valid(berta, 'trade.offer', { amount: 1_000, price, expires: day })
    const acceptance = w.valid(anna, 'trade.accept', { offer, amount: 1_000 })
    const settlement = w.valid(berta, 'trade.settle', { acceptance })
    expect(w.write(anna, [fields, fields]).map((judged) => judged.void)).toEqual([
      null,
      'too-many-batches',
    ])
    lent(w, berta, anna, 1_000)
    w.valid(anna, 'trade.claim', { settlement })
    expect(w.replica.pool(anna).lots.size).toBe(1_002)
    worked(w, anna, berta, 2_000)
    expect(w.code(anna, 'atp.charge', chargeOf(proof))).toBe('too-many-batches')
    worked(w, anna, berta, 1_000)
    expect(w.code(anna, 'atp.charge', chargeOf(proof))).toBe(null)
  })
})

describe('an expired charge (R23)', () => {
  test('is usable up to its expiry and is then ADP and waste', () => {
    const w = world()
    const batch = charged(w, anna, 100_000, 2 * hour)
    worked(w, anna, berta, 40_000)
    const start = w.now
    w.now += 2 * hour
    const use = { amount: 60_000, worker: berta, deadline: day }
    expect(codeOf(w, anna, 'work.allocate', use)).toBe(null)
    w.now += 1
    expect(codeOf(w, anna, 'work.allocate', use)).toBe('insufficient-atp')
    const pool = w.replica.poolAt(anna, w.now)
    expect(pool).toMatchObject({ available: 0, pool: 10_000_000, wasted: 60_000 })
    const expiry = { ageMs: 2 * hour, at: start + 2 * hour }
    expect(pool.waste).toEqual([{ batch, source: roof, amount: 60_000, ...expiry }])
  })
})
