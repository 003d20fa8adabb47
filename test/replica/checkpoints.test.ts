import { beforeAll, expect, test } from 'vitest'
import type { World } from '../../node/simulate/world.ts'
import { actorOf, namedMsMax } from '../../protocol/index.ts'
import { readBase } from '../../src/ledger/base.ts'
import {
  checkpointWorld,
  keptFrom,
  keyOf,
  liveDays,
  statesOf,
  storedBy,
} from '../support/checkpoint-world.ts'

const pool = actorOf('pool', keyOf('sage'))
const trust = actorOf('trust', keyOf('sage'))

let world: World
let start = 0

beforeAll(async () => {
  world = await checkpointWorld(1, ['w1'])
  start = world.clock.now()
  await liveDays(world, 99)
}, 120_000)

test('a node with a window drops what is old, and comes to the same states (H6)', async () => {
  const begins = await keptFrom(world, 'w1', pool)
  expect(begins).toBeGreaterThan(5)
  const base = await readBase(world.resident('w1').disk.open(), pool)
  expect(world.clock.now() - (base?.time ?? 0)).toBeGreaterThan(namedMsMax)
  expect(await keptFrom(world, 'w2', pool)).toBe(0)
  const kept = await storedBy(world, 'w1', `c/${pool}/`)
  const whole = await storedBy(world, 'w2', `c/${pool}/`)
  expect(kept.keys.length).toBe(whole.keys.length - begins)
  expect(await keptFrom(world, 'w1', trust)).toBeGreaterThan(5)
  expect(statesOf(world, 'w1')).toEqual(statesOf(world, 'w2'))
})

test('what was dropped is refused with a code, and what is left is shown (H8)', async () => {
  const { views } = world.replica('w1')
  const asked = views.history(keyOf('sage'), start + 86_400_000)
  await expect(world.settled(asked)).rejects.toMatchObject({ code: 'history-dropped' })
  const late = await world.settled(views.history(keyOf('sage'), world.clock.now() - 86_400_000))
  expect(late.asOf.pool?.changes).toBeGreaterThan(0)
  const whole = world.replica('w1').changes('pool', keyOf('sage'))
  await expect(whole).rejects.toMatchObject({ code: 'history-dropped' })
  const file = world.replica('w1').exportBacking(keyOf('sage'))
  await expect(world.settled(file)).rejects.toMatchObject({ code: 'history-dropped' })
})
