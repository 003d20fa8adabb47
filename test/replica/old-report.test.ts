import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import { silentLog } from '../../node/silent-log.ts'

const startMs = Date.UTC(2026, 5, 21, 12)
const hour = 3_600_000

test('escrow comes back from a liar that was reported months ago (E9, R54)', async () => {
  const parts = { startMs, seed: 1, verifier: createVerifier(), log: silentLog }
  const world = new World({ ...parts, localSigners: new Map() })
  for (const name of ['seller', 'buyer', 'third']) {
    const policy = { admission: 'open' }
    const founding = { name, federation: 'test-x', adp: 100, policy, witnesses: [] }
    await world.add(name, founding, name !== 'buyer')
  }
  await world.quiet()
  const seller = world.replica('seller')
  const source = 'grid:test:seller'
  const proof = seller.prove({
    source,
    fields: { allocated: 1_000 },
    measuredAt: world.clock.now(),
    method: 'test',
    transcript: new TextEncoder().encode('measured'),
    simulated: false,
  })
  await world.settled(proof)
  await world.settled(seller.write('atp.charge', { source, amount: 20 }))
  const offer = await world.settled(seller.write('trade.offer', { amount: 10, price: 1 }))
  await world.quiet()
  // Nobody answers: the buyer sees no more of the seller than its offer, and is gone for months.
  await world.stop('seller')
  await world.settled(world.replica('buyer').write('trade.accept', { offer, amount: 10 }))
  await world.stop('buyer')
  world.wires.partition([['seller', 'third'], ['buyer']])
  await world.start('seller')
  await world.quiet()
  await world.equivocate('seller', 'atp.charge', { source, amount: 1 })
  await world.advance(hour)
  expect([...world.replica('third').states().trusts].some(({ reports }) => reports.size > 0)).toBe(
    true,
  )
  await world.stop('seller')
  await world.advance(61 * 24 * hour)
  world.wires.heal()
  await world.start('buyer')
  await world.advance(hour)
  const buyer = world.replica('buyer')
  const pool = [...buyer.states().pools].find(({ society }) => society === buyer.self)
  expect(pool).toMatchObject({ adpEscrowed: 0, pool: 100_000 })
  const reports = [...buyer.states().trusts].map((trust) => [...trust.reports.values()].length)
  expect(reports.filter((count) => count === 1)).toHaveLength(2)
})
