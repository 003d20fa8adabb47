import { describe, expect, test } from 'vitest'
import { recount, type Judged, type OutcomeOf, type RecordId } from '../../protocol/index.ts'
import { adopted, charged, codeOf, foundedWorld, lent } from '../support/ledger-society.ts'
import { worked } from '../support/ledger-society.ts'
import { keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta, carla] = [keyNamed('anna'), keyNamed('berta'), keyNamed('carla')]
const day = 86_400_000

/** Has a record come to something else, as a content may say that lying witnesses have signed. */
function lieAbout<T extends 'return' | 'settlement' | 'acceptance' | 'grant'>(
  world: LedgerWorld,
  id: RecordId,
  alter: (outcome: OutcomeOf<T>) => object,
): LedgerWorld {
  const lied = world.copy()
  const record = lied.replica.records.get(id) as Judged
  const outcome = record.outcome as OutcomeOf<T>
  const other = { ...outcome, ...alter(outcome) }
  lied.replica.records.set(id, { ...record, outcome: other })
  return lied
}

describe('allocation.take of a return that nobody could have written (R46)', () => {
  /** Anna has lent to Berta and holds something else; Berta has worked with some of it. */
  const world = foundedWorld([anna, berta, carla])
  charged(world, anna, 100_000, day)
  adopted(world, anna, berta)
  const { grant } = lent(world, anna, berta, 100_000)
  const other = charged(world, anna, 50_000, 7 * day)
  const completion = worked(world, berta, carla, 20_000)
  const back = world.valid(berta, 'allocation.return', { grant, completion })
  const via = { grant, index: 0 }

  test.each<[what: string, slice: object, late: boolean]>([
    ['of another lot', { lot: `${other}/0` }, false],
    ['of a slice that there is not', { index: 1 }, false],
    ['of another batch', { batch: other }, false],
    ['of what was borrowed', { via }, false],
    ['of a living lot when the grant is over', { lot: `${other}/0`, discharged: false }, true],
  ])('%s is void', (_, slice, late) => {
    const lied = lieAbout<'return'>(world, back, ({ slices }) => ({
      slices: slices.map((each) => ({ ...each, ...slice })),
    }))
    if (late) lied.now += day + 1
    const before = lied.replica.poolAt(anna, lied.now)
    expect(lied.code(anna, 'allocation.take', { return: back })).toBe('unknown-reference')
    recount(lied.replica.pool(anna))
    expect(lied.replica.pool(anna).lent).toBe(before.lent)
  })

  test('by another society is void, and what is true is taken', () => {
    const lied = world.copy()
    const record = lied.replica.records.get(back) as Judged
    lied.replica.records.set(back, { ...record, author: carla })
    expect(codeOf(lied, anna, 'allocation.take', { return: back })).toBe('unknown-reference')
    expect(codeOf(world, anna, 'allocation.take', { return: back })).toBe(null)
  })
})

test('allocation.return gives nothing back of slices that there are not (R48)', () => {
  const world = foundedWorld([anna, berta, carla])
  charged(world, anna, 100_000, day)
  adopted(world, anna, berta)
  const { grant } = lent(world, anna, berta, 100_000)
  const completion = worked(world, berta, carla, 20_000)
  const revoke = world.valid(anna, 'allocation.revoke', { grant })
  const lied = lieAbout<'grant'>(world, grant, () => ({ slices: [] }))
  for (const because of [{ completion }, { revoke }]) {
    const value = { grant, ...because }
    expect(codeOf(lied, berta, 'allocation.return', value)).toBe('unknown-reference')
    expect(codeOf(world, berta, 'allocation.return', value)).toBe(null)
  }
})

describe('a trade whose sides do not fit (R52, R55)', () => {
  const world = foundedWorld([anna, berta, carla])
  charged(world, anna, 100_000, day)
  const offer = world.valid(anna, 'trade.offer', { amount: 50_000, price: 2_000, expires: day })
  const acceptance = world.valid(berta, 'trade.accept', { offer, amount: 20_000 })
  const settled = world.copy()
  const settlement = settled.valid(anna, 'trade.settle', { acceptance })

  test.each([1, 39_999, 40_001])('is not settled for a due of %i', (due) => {
    const lied = lieAbout<'acceptance'>(world, acceptance, () => ({ due }))
    expect(codeOf(lied, anna, 'trade.settle', { acceptance })).toBe('unknown-reference')
  })

  test.each<[string, (outcome: OutcomeOf<'settlement'>) => object]>([
    ['another due', () => ({ due: 50_000 })],
    ['another amount', () => ({ amount: 19_999 })],
    ['slices of more', ({ slices }) => ({ slices: [...slices, ...slices] })],
    ['no slices', () => ({ slices: [] })],
  ])('is not claimed for %s', (_, alter) => {
    const lied = lieAbout<'settlement'>(settled, settlement, alter)
    expect(codeOf(lied, berta, 'trade.claim', { settlement })).toBe('unknown-reference')
    expect(codeOf(settled, berta, 'trade.claim', { settlement })).toBe(null)
  })

  test('is claimed of its seller alone', () => {
    const lied = settled.copy()
    const record = lied.replica.records.get(settlement) as Judged
    lied.replica.records.set(settlement, { ...record, author: carla })
    expect(codeOf(lied, berta, 'trade.claim', { settlement })).toBe('unknown-reference')
  })
})
