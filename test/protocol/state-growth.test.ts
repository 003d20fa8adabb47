import { expect, test } from 'vitest'
import { canonicalJson, type SocietyKey } from '../../protocol/index.ts'
import { charged, foundedWorld, solarProof } from '../support/ledger-society.ts'
import { completed, keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta, carla] = [keyNamed('anna'), keyNamed('berta'), keyNamed('carla')]
const day = 86_400_000

/** One day of a society: it charges, has work done, trades some, and lets some expire. */
function live(world: LedgerWorld): void {
  world.now += day
  const source = world.replica.trust(anna).sources.get('solar:test:roof')
  if (source === undefined || world.now - source.measuredAt > 7 * day) {
    world.valid(anna, 'energy.prove', solarProof(world))
  }
  charged(world, anna, 4_000, 3 * day)
  const ticket = world.valid(anna, 'work.allocate', { amount: 2_000, worker: berta, deadline: day })
  const completion = completed({ ticket, worker: berta, beneficiary: carla })
  world.valid(anna, 'work.complete', completion)
  const offer = world.valid(anna, 'trade.offer', { amount: 1_000, price: 1_000, expires: day })
  const acceptance = world.valid(carla, 'trade.accept', { offer, amount: 1_000 })
  const settlement = world.valid(anna, 'trade.settle', { acceptance })
  world.valid(carla, 'trade.claim', { settlement })
}

const bytesOf = (world: LedgerWorld, society: SocietyKey): number =>
  canonicalJson(world.replica.pool(society)).length +
  canonicalJson(world.replica.trust(society)).length

test('states are no larger after a year than after four months, when what is kept is full', () => {
  const societies = [anna, berta, carla]
  const world = foundedWorld(societies, { policy: { minimumOccupancy: 0 } })
  const sizes = new Map<number, readonly number[]>()
  for (let days = 1; days <= 365; days++) {
    live(world)
    if (days === 125 || days === 365) {
      sizes.set(
        days,
        [anna, carla].map((society) => bytesOf(world, society)),
      )
    }
  }
  const [early, late] = [sizes.get(125) ?? [], sizes.get(365) ?? []]
  expect(early).toHaveLength(2)
  for (const [i, bytes] of late.entries()) expect(bytes / (early[i] ?? 0)).toBeLessThan(1.05)
})
