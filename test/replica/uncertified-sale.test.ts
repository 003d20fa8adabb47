import { expect, test } from 'vitest'
import type { World } from '../../node/simulate/world.ts'
import { didOf, type PoolState, type RecordId } from '../../protocol/index.ts'
import { allOf } from '../../src/ledger/layout.ts'
import { keyOf, successionWorld } from '../support/succession-world.ts'

const witnesses = ['w1', 'w2', 'w3', 'w4']
const minuteMs = 60_000
const source = 'grid:test:m1'

const write = (world: World, name: string, kind: string, given: object): Promise<RecordId> =>
  world.settled(world.replica(name).write(kind, given))

function poolOf(world: World, name: string): PoolState {
  const pool = [...world.replica(name).states().pools].find((one) => one.society === keyOf(name))
  if (pool === undefined) throw new TypeError(`${name} has a pool`)
  return pool
}

/** What still waits for a node's answer, as it has noted. */
async function waiting(world: World, name: string): Promise<readonly string[]> {
  const found: string[] = []
  const range = world.resident(name).disk.open().range(allOf('agenda'))
  for await (const [key] of range) found.push(key)
  return found
}

/** Sage has settled what loom accepted, and only loom has heard of it: no witness has. */
async function sold(seed: number): Promise<World> {
  const world = await successionWorld(seed, witnesses, [])
  const policy = { admission: 'open' }
  const founding = { name: 'loom', federation: 'test-world', adp: 50, policy, witnesses: [] }
  await world.add('loom', founding, false)
  const proof = {
    source,
    fields: { allocated: 1_000 },
    measuredAt: world.clock.now(),
    method: 'test',
    transcript: new TextEncoder().encode('m1'),
    simulated: false,
  }
  await world.settled(world.replica('sage').prove(proof))
  await write(world, 'sage', 'atp.charge', { amount: 10, source })
  const offer = await write(world, 'sage', 'trade.offer', { amount: 10, price: 2 })
  await world.advance(1_000)
  const acceptance = await write(world, 'loom', 'trade.accept', { offer, amount: 10 })
  world.wires.partition([witnesses])
  await write(world, 'sage', 'trade.settle', { acceptance })
  await world.advance(1_000)
  expect(poolOf(world, 'loom').adpEscrowed).toBe(20_000)
  return world
}

const lies: readonly (readonly [string, (world: World) => Promise<unknown>])[] = [
  [
    'its trust document',
    (world) =>
      world.equivocate('sage', 'trust.observe', { subject: didOf(keyOf('w1')), success: true }),
  ],
  [
    'its pool, later on',
    async (world) => {
      await write(world, 'sage', 'atp.charge', { amount: 1, source })
      await world.advance(1_000)
      await world.equivocate('sage', 'atp.charge', { amount: 2, source })
    },
  ],
]

test.each(lies)(
  'who waits for a liar to be certified that lied in %s has it back (E9)',
  async (_, lie) => {
    const world = await sold(1)
    await lie(world)
    await world.advance(1_000)
    expect(poolOf(world, 'loom')).toMatchObject({ adpEscrowed: 20_000, pool: 30_000 })
    world.wires.heal()
    await world.advance(2 * minuteMs)
    expect(world.replica('loom').society(keyOf('sage')).standing).toBe('equivocated')
    expect(poolOf(world, 'loom')).toMatchObject({ adpEscrowed: 0, pool: 50_000 })
    expect(await waiting(world, 'loom')).toEqual([])
  },
)

test('what was certified before is claimed, however late that is heard (F9)', async () => {
  const world = await sold(2)
  // The witnesses have heard of it, and acknowledged it to sage alone.
  world.wires.partition([['loom']])
  await world.advance(minuteMs)
  await lies[0]?.[1](world)
  await world.advance(1_000)
  world.wires.heal()
  await world.advance(2 * minuteMs)
  expect(world.replica('loom').society(keyOf('sage')).standing).toBe('equivocated')
  expect(poolOf(world, 'loom')).toMatchObject({ adpEscrowed: 0, pool: 30_000, available: 10_000 })
})
