import { expect, test } from 'vitest'
import { actorOf } from '../../protocol/index.ts'
import { checkpointWorld, keyOf, liveDays, storedBy } from '../support/checkpoint-world.ts'

const pool = actorOf('pool', keyOf('sage'))

test('however often a society has its state signed, others keep it once a day (H6)', async () => {
  const world = await checkpointWorld(1, ['w1'])
  const kept = async (): Promise<number> => (await storedBy(world, 'w1', `zc/${pool}/`)).keys.length
  await liveDays(world, 1, 1, 1)
  const ask = async (): Promise<void> => {
    const own = { to: 'sage', amount: 1 }
    await world.settled(world.replica('sage').write('work.request', own))
    const written = world.replica('sage').writeCheckpoints()
    await world.advance(60_000)
    await written
  }
  for (let time = 0; time < 4; time++) await ask()
  expect(await kept()).toBe(1)
  await world.advance(86_400_000)
  await ask()
  await world.advance(60_000)
  expect(await kept()).toBe(2)
}, 60_000)
