import { expect, test } from 'vitest'
import { integerMax, recount, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import { adopted, charged, codeOf, foundedWorld } from '../support/ledger-society.ts'
import { keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta] = [keyNamed('anna'), keyNamed('berta')]
const amount = 60_001

/** Has a society hold so much that only so little more can be counted, as liars can bring about. */
function fill(world: LedgerWorld, society: SocietyKey, left: number): void {
  const pool = world.replica.pool(society)
  const more = integerMax - left - pool.supply - pool.borrowed
  pool.supply += more
  pool.pool += more
}

/** Anna has lent and sold to Berta, who has neither taken nor claimed it; and owes for it. */
function handedOver(): Readonly<Record<'grant' | 'settlement' | 'acceptance', RecordId>> & {
  readonly world: LedgerWorld
} {
  const world = foundedWorld([anna, berta])
  const admission = adopted(world, anna, berta)
  charged(world, anna, 1_000_000)
  const grant = world.valid(anna, 'allocation.grant', { to: berta, amount, admission })
  const terms = { amount: 2 * amount, price: 2_000, expires: 1_000 }
  const offer = world.valid(anna, 'trade.offer', terms)
  const settled = world.valid(berta, 'trade.accept', { offer, amount })
  const settlement = world.valid(anna, 'trade.settle', { acceptance: settled })
  const acceptance = world.valid(berta, 'trade.accept', { offer, amount })
  return { world, grant, settlement, acceptance }
}

test('nothing is claimed that a pool could not count (R24, R46, R55)', () => {
  const { world, grant, settlement } = handedOver()
  for (const [kind, value] of [
    ['trade.claim', { settlement }],
    ['allocation.take', { grant }],
  ] as const) {
    fill(world, berta, amount - 1)
    expect(codeOf(world, berta, kind, value)).toBe('invalid-amount')
    fill(world, berta, amount)
    const filled = world.copy()
    expect(filled.put(berta, kind, value).void).toBe(null)
    recount(filled.replica.pool(berta))
  }
})

test('no sale is settled whose price a pool could not count (R24, R52)', () => {
  const { world, acceptance } = handedOver()
  fill(world, anna, 2 * amount - 1)
  expect(codeOf(world, anna, 'trade.settle', { acceptance })).toBe('invalid-amount')
  fill(world, anna, 2 * amount)
  expect(codeOf(world, anna, 'trade.settle', { acceptance })).toBe(null)
})
