import { describe, expect, test } from 'vitest'
import type { Code, RecordId, SocietyKey } from '../../protocol/index.ts'
import { adopted, charged, codeOf, foundedWorld, lent } from '../support/ledger-society.ts'
import { outcomeOf, solarProof, worked } from '../support/ledger-society.ts'
import { fieldsOf, keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta] = [keyNamed('anna'), keyNamed('berta')]
const [carla, dora] = [keyNamed('carla'), keyNamed('dora')]
const hour = 3_600_000
const day = 24 * hour

/** Anna has 100 ATP and is the parent of Berta, who is Carla's. */
const world = (): LedgerWorld => {
  const w = foundedWorld([anna, berta, carla, dora], { policy: { minimumOccupancy: 0 } })
  charged(w, anna, 100_000, day)
  adopted(w, anna, berta)
  adopted(w, berta, carla)
  return w
}

const admissionOf = (w: LedgerWorld, parent: SocietyKey, child: SocietyKey): RecordId =>
  w.replica.trust(parent).children.get(child)!.admission

const grantCode = (w: LedgerWorld, by: SocietyKey, to: SocietyKey, amount: number): Code | null =>
  codeOf(w, by, 'allocation.grant', { to, amount, admission: admissionOf(w, by, to) })

describe('allocation.grant (R47)', () => {
  test('lends what is available to a child of its own', () => {
    const w = world()
    expect(grantCode(w, anna, berta, 0)).toBe('invalid-amount')
    expect(grantCode(w, anna, berta, 1)).toBe(null)
    expect(grantCode(w, anna, berta, 100_000)).toBe(null)
    expect(grantCode(w, anna, berta, 100_001)).toBe('insufficient-atp')
    const admission = admissionOf(w, anna, berta)
    const hers = admissionOf(w, berta, carla)
    const code = (fields: object): Code | null =>
      codeOf(w, anna, 'allocation.grant', { to: berta, amount: 1, admission, ...fields })
    expect(code({ to: carla })).toBe('not-citizen')
    expect(code({ admission: hers, to: carla })).toBe('not-authorised')
  })

  test('is handed on at most eight levels deep', () => {
    const row = Array.from({ length: 10 }, (_, i) => keyNamed(`level ${i}`))
    const w = foundedWorld(row)
    charged(w, row[0]!, 10_000)
    row.slice(1).forEach((child, i) => adopted(w, row[i]!, child))
    for (let level = 0; level < 8; level++) lent(w, row[level]!, row[level + 1]!, 10_000)
    const [lot] = w.replica.pool(row[8]!).lots.values()
    expect(lot?.path).toEqual(row.slice(0, 8))
    expect(grantCode(w, row[8]!, row[9]!, 1)).toBe('not-authorised')
    charged(w, row[8]!, 1_000)
    expect(grantCode(w, row[8]!, row[9]!, 1_000)).toBe(null)
    expect(grantCode(w, row[8]!, row[9]!, 1_001)).toBe('not-authorised')
    expect(grantCode(w, row[8]!, row[9]!, 11_000)).toBe('not-authorised')
    expect(grantCode(w, row[8]!, row[9]!, 11_001)).toBe('insufficient-atp')
  })

  test('never visits a society twice', () => {
    const w = world()
    adopted(w, carla, anna)
    lent(w, anna, berta, 50_000)
    lent(w, berta, carla, 50_000)
    expect(grantCode(w, carla, anna, 1)).toBe('citizenship-cycle')
    charged(w, carla, 1_000)
    expect(grantCode(w, carla, anna, 1_001)).toBe('citizenship-cycle')
    // Its own goes, though what it was lent expires first.
    const { grant } = lent(w, carla, anna, 1_000)
    expect(outcomeOf(w, grant, 'grant').slices).toMatchObject([{ path: [carla], owner: carla }])
  })

  test('has at most 64 slices (R26)', () => {
    const w = foundedWorld([anna, berta])
    const proof = w.valid(anna, 'energy.prove', solarProof(w))
    const charge = { amount: 1_000, proof, supplies: [], lifetime: day }
    w.write(
      anna,
      Array.from({ length: 65 }, () => fieldsOf('atp.charge', charge)),
    )
    adopted(w, anna, berta)
    expect(grantCode(w, anna, berta, 64_000)).toBe(null)
    expect(grantCode(w, anna, berta, 64_001)).toBe('too-many-batches')
    lent(w, anna, berta, 64_000)
    expect(w.replica.pool(berta)).toMatchObject({
      available: 64_000,
      borrowed: 64_000,
      supply: 1e7,
    })
  })
})

describe('allocation.take of a grant (R46)', () => {
  test('is for the child, once, up to the last expiry', () => {
    const w = world()
    const admission = admissionOf(w, anna, berta)
    const grant = w.valid(anna, 'allocation.grant', { to: berta, amount: 100_000, admission })
    const code = (by: SocietyKey): Code | null => codeOf(w, by, 'allocation.take', { grant })
    expect(code(carla)).toBe('not-authorised')
    w.now += day
    expect(code(berta)).toBe(null)
    const taken = w.copy()
    taken.valid(berta, 'allocation.take', { grant })
    expect(taken.code(berta, 'allocation.take', { grant })).toBe('already-claimed')
    w.now += 1
    expect(code(berta)).toBe('expired')
    expect(codeOf(w, berta, 'allocation.take', {})).toBe('malformed')
    const both = { grant, return: grant }
    expect(codeOf(w, berta, 'allocation.take', both)).toBe('malformed')
  })

  test('brings what has not expired', () => {
    const w = world()
    charged(w, anna, 50_000, 2 * day)
    const admission = admissionOf(w, anna, berta)
    const grant = w.valid(anna, 'allocation.grant', { to: berta, amount: 150_000, admission })
    w.now += day + 1
    w.valid(berta, 'allocation.take', { grant })
    expect(w.replica.pool(berta)).toMatchObject({ available: 50_000, borrowed: 50_000 })
    expect(w.replica.poolAt(anna, w.now)).toMatchObject({ lent: 50_000, wasted: 100_000 })
  })
})

describe('allocation.return (R46, R48)', () => {
  test('names a grant to its author and one thing that is owed', () => {
    const w = world()
    const { grant } = lent(w, anna, berta, 50_000)
    const completion = worked(w, berta, anna, 20_000)
    const own = worked(w, anna, berta, 1_000)
    const code = (by: SocietyKey, fields: object): Code | null =>
      codeOf(w, by, 'allocation.return', { grant, ...fields })
    expect(code(berta, {})).toBe('malformed')
    expect(code(berta, { completion, take: completion })).toBe('malformed')
    expect(code(carla, { completion })).toBe('not-authorised')
    expect(code(berta, { completion: own })).toBe('already-ended')
    expect(code(berta, { completion: grant })).toBe('unknown-reference')
    const back = w.valid(berta, 'allocation.return', { grant, completion })
    expect(code(berta, { completion })).toBe('already-ended')
    expect(outcomeOf(w, back, 'return').slices).toMatchObject([
      { index: 0, amount: 20_000, discharged: true, via: null },
    ])
  })

  test('is due for each completion by itself', () => {
    const w = world()
    const { grant } = lent(w, anna, berta, 50_000)
    const [first, second] = [worked(w, berta, anna, 20_000), worked(w, berta, anna, 30_000)]
    for (const [completion, amount] of [[first, 20_000] as const, [second, 30_000] as const]) {
      const back = w.valid(berta, 'allocation.return', { grant, completion })
      expect(outcomeOf(w, back, 'return').slices).toMatchObject([{ amount }])
    }
    expect(w.replica.pool(berta).owed.size).toBe(0)
  })

  test('on a revoke brings back all that is free', () => {
    const w = world()
    const { grant } = lent(w, anna, berta, 50_000)
    w.now += 1
    const other = lent(w, anna, berta, 10_000)
    const revoke = w.valid(anna, 'allocation.revoke', { grant })
    const wrong = { grant: other.grant, revoke }
    expect(codeOf(w, berta, 'allocation.return', wrong)).toBe('unknown-reference')
    w.valid(berta, 'work.allocate', { amount: 20_000, worker: carla, deadline: hour })
    const back = w.valid(berta, 'allocation.return', { grant, revoke })
    expect(w.code(berta, 'allocation.return', { grant, revoke })).toBe('insufficient-atp')
    expect(w.replica.pool(berta)).toMatchObject({ available: 10_000, borrowed: 30_000 })
    w.valid(anna, 'allocation.take', { return: back })
    expect(w.replica.pool(anna)).toMatchObject({ available: 70_000, lent: 30_000 })
    w.now += hour + 1
    expect(codeOf(w, berta, 'allocation.return', { grant, revoke })).toBe(null)
  })

  test('passes through those between to the owner of the packets (R28)', () => {
    const w = world()
    const first = lent(w, anna, berta, 50_000)
    const second = lent(w, berta, carla, 30_000)
    const completion = worked(w, carla, anna, 30_000)
    const up = w.valid(carla, 'allocation.return', { grant: second.grant, completion })
    expect(codeOf(w, anna, 'allocation.take', { return: up })).toBe('not-authorised')
    const take = w.valid(berta, 'allocation.take', { return: up })
    expect(w.replica.pool(berta)).toMatchObject({ pool: 10_000_000, lent: 0, borrowed: 20_000 })
    const top = w.valid(berta, 'allocation.return', { grant: first.grant, take })
    w.valid(anna, 'allocation.take', { return: top })
    expect(w.code(anna, 'allocation.take', { return: top })).toBe('already-claimed')
    const pool = w.replica.pool(anna)
    expect(pool).toMatchObject({ pool: 9_930_000, lent: 20_000, available: 50_000, wasted: 0 })
    expect(w.replica.pool(carla).credited.get(anna)).toBe(30_000)
  })

  test('moves no balance after the expiry, only waste to discharged', () => {
    const w = world()
    const { grant } = lent(w, anna, berta, 50_000)
    const completion = worked(w, berta, carla, 50_000)
    const back = w.valid(berta, 'allocation.return', { grant, completion })
    w.now += day + 1
    expect(w.replica.poolAt(anna, w.now)).toMatchObject({ pool: 10_000_000, wasted: 100_000 })
    w.valid(anna, 'allocation.take', { return: back })
    expect(w.replica.pool(anna)).toMatchObject({ pool: 10_000_000, lent: 0, wasted: 50_000 })
  })

  test('can be claimed at the expiry itself', () => {
    const w = world()
    const { grant } = lent(w, anna, berta, 50_000)
    const completion = worked(w, berta, carla, 50_000)
    const back = w.valid(berta, 'allocation.return', { grant, completion })
    w.now += day
    w.valid(anna, 'allocation.take', { return: back })
    expect(w.replica.pool(anna)).toMatchObject({ pool: 9_950_000, available: 50_000, wasted: 0 })
  })

  /** What berta has, spent on her chain in another order of things than before. */
  const spend = (w: LedgerWorld, grant: RecordId, amount: number, note: string): RecordId => {
    w.valid(berta, 'work.request', { to: anna, amount: 1, description: note })
    const completion = worked(w, berta, carla, amount)
    return w.valid(berta, 'allocation.return', { grant, completion })
  }

  test('of a liar’s other branch brings no more than is still lent (E5)', () => {
    const w = world()
    const { grant } = lent(w, anna, berta, 50_000)
    const branch = w.copy()
    const [part, rest] = [spend(w, grant, 30_000, 'here'), spend(w, grant, 20_000, 'here')]
    const [other, little] = [spend(branch, grant, 45_000, 'no'), spend(branch, grant, 5_000, 'no')]
    w.replica.hearOf(branch.replica)
    w.valid(anna, 'allocation.take', { return: part })
    expect(w.code(anna, 'allocation.take', { return: other })).toBe('invalid-amount')
    w.valid(anna, 'allocation.take', { return: rest })
    expect(w.replica.pool(anna)).toMatchObject({ lent: 0, available: 50_000 })
    // All is back: not even a little more is.
    expect(w.code(anna, 'allocation.take', { return: little })).toBe('invalid-amount')
    expect(w.replica.pool(anna)).toMatchObject({ lent: 0, available: 50_000, wasted: 0 })
  })

  test('of a liar’s other branch takes nothing from what another child has', () => {
    const w = world()
    adopted(w, anna, dora)
    const { grant } = lent(w, anna, berta, 50_000)
    const branch = w.copy()
    lent(w, anna, dora, 40_000)
    const honest = spend(w, grant, 50_000, 'here')
    const forged = spend(branch, grant, 50_000, 'no')
    w.replica.hearOf(branch.replica)
    w.valid(anna, 'allocation.take', { return: honest })
    expect(w.code(anna, 'allocation.take', { return: forged })).toBe('invalid-amount')
    expect(w.replica.pool(anna)).toMatchObject({ lent: 40_000, available: 10_000 })
  })
})

describe('allocation.revoke (R49)', () => {
  test('asks once for a grant of its own of which something is still lent', () => {
    const w = world()
    const { grant } = lent(w, anna, berta, 50_000)
    const code = (by: SocietyKey): Code | null => codeOf(w, by, 'allocation.revoke', { grant })
    expect(code(berta)).toBe('not-authorised')
    const completion = worked(w, berta, carla, 50_000)
    const back = w.valid(berta, 'allocation.return', { grant, completion })
    expect(code(anna)).toBe(null)
    const asked = w.copy()
    asked.valid(anna, 'allocation.revoke', { grant })
    expect(asked.code(anna, 'allocation.revoke', { grant })).toBe('already-ended')
    w.valid(anna, 'allocation.take', { return: back })
    expect(code(anna)).toBe('already-ended')
  })

  test('is over with the last of the grant', () => {
    const w = world()
    const { grant } = lent(w, anna, berta, 50_000)
    w.now += day
    expect(codeOf(w, anna, 'allocation.revoke', { grant })).toBe(null)
    w.now += 1
    expect(codeOf(w, anna, 'allocation.revoke', { grant })).toBe('already-ended')
  })

  test('leaves what it asks for with the child until it returns it', () => {
    const w = world()
    const { grant } = lent(w, anna, berta, 50_000)
    w.valid(anna, 'allocation.revoke', { grant })
    expect(w.replica.pool(anna)).toMatchObject({ available: 50_000, lent: 50_000 })
    expect(w.replica.pool(berta)).toMatchObject({ available: 50_000 })
    worked(w, berta, carla, 50_000)
  })
})
