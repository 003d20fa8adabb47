import { beforeAll, expect, test } from 'vitest'
import type { World } from '../../node/simulate/world.ts'
import { actorOf, didOf, namedMsMax } from '../../protocol/index.ts'
import type { StoreWrite } from '../../src/ports.ts'
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
/** What w1 had as snapshots after a month. */
let oldSnapshots: readonly StoreWrite[] = []

/** All snapshots that w1 has; it must not run. */
async function snapshots(): Promise<readonly StoreWrite[]> {
  const found: StoreWrite[] = []
  for await (const [key, value] of world
    .resident('w1')
    .disk.open()
    .range({ gte: 'n/', lt: 'n0' })) {
    found.push({ key, value })
  }
  return found
}

/** Starts w1 again with these snapshots and no others, as it would after it was killed. */
async function startWith(kept: readonly StoreWrite[]): Promise<void> {
  await world.stop('w1')
  const dropped = (await snapshots()).map(({ key }) => ({ key }))
  await world
    .resident('w1')
    .disk.open()
    .write([...dropped, ...kept], { sync: true })
  await world.start('w1')
  await world.quiet()
}

beforeAll(async () => {
  world = await checkpointWorld(1, ['w1'])
  start = world.clock.now()
  await liveDays(world, 11)
  // What w2 accepts names a record of sage that need not be kept for ever; w2 has no witnesses.
  const sage = world.replica('sage')
  await liveDays(world, 1, 1, 1)
  const given = { amount: 1, price: 0 }
  const offer = await world.settled(sage.write('trade.offer', given))
  await world.settled(world.replica('w2').write('trade.accept', { offer, amount: 1 }))
  await liveDays(world, 22)
  await world.stop('w1')
  oldSnapshots = await snapshots()
  await world.start('w1')
  await liveDays(world, 121)
}, 240_000)

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

test('what is kept, and what was dropped, is told (H6)', async () => {
  const begins = await keptFrom(world, 'w1', pool)
  const { keep, documents, dropped, lookedAt } = world.replica('w1').checkpoints()
  const about = documents.find(({ name, kind }) => name === 'sage' && kind === 'pool')
  expect({ keep, ...about }).toMatchObject({
    keep: 'window',
    dropped: begins,
    old: 0,
    witnesses: 4,
  })
  expect(Date.parse(about?.keptSince ?? '')).toBeLessThan(world.clock.now() - namedMsMax)
  expect(dropped.changes).toBeGreaterThanOrEqual(begins)
  expect(dropped.bytes).toBeGreaterThan(dropped.changes * 100)
  expect(Date.parse(lookedAt ?? '')).toBeGreaterThan(world.clock.now() - 86_400_000)
  const whole = world.replica('w2').checkpoints()
  const all = whole.documents.find(({ name, kind }) => name === 'sage' && kind === 'pool')
  expect({ keep: whole.keep, ...all }).toMatchObject({ keep: 'all', dropped: 0, keptSince: null })
  expect(all?.old).toBeGreaterThan(0)
  expect(whole.dropped).toEqual({ changes: 0, facts: 0, bytes: 0 })
})

test('witnesses that do not sign are named, and asked again when they are there (H4)', async () => {
  const sage = world.replica('sage')
  for (let time = 0; time < 3; time++) {
    const subject = didOf(keyOf('w1'))
    await world.settled(sage.write('trust.observe', { subject, success: true }))
  }
  await world.stop('w3')
  await world.stop('w4')
  const refused = expect(sage.writeCheckpoints()).rejects.toMatchObject({ code: 'uncertified' })
  await world.advance(60_000)
  await refused
  const triedWith = () => sage.checkpoints().own.find(({ kind }) => kind === 'trust')?.tried
  expect(triedWith()).toMatchObject({ signed: 2, needed: 3 })
  expect(
    triedWith()
      ?.unsigned.map(({ name }) => name)
      .toSorted(),
  ).toEqual(['w3', 'w4'])
  await world.start('w3')
  await world.advance(60_000)
  const writing = sage.writeCheckpoints()
  await world.advance(60_000)
  await writing
  expect(triedWith()).toMatchObject({ signed: 3, needed: 3, unsigned: [{ name: 'w4' }] })
  await world.start('w4')
})

test('witnesses that lack what was written last are asked again soon (H4)', async () => {
  world.wires.partition([
    ['sage', 'w1', 'w2'],
    ['w3', 'w4'],
  ])
  const sage = world.replica('sage')
  for (let time = 0; time < 3; time++) {
    const subject = didOf(keyOf('w2'))
    await world.settled(sage.write('trust.observe', { subject, success: true }))
  }
  world.wires.heal()
  const writing = sage.writeCheckpoints()
  await world.advance(20_000)
  await writing
  const { tried } = sage.checkpoints().own.find(({ kind }) => kind === 'trust') ?? {}
  expect(tried?.signed).toBeGreaterThanOrEqual(3)
})

test('a snapshot from before the checkpoint is of no use after a kill (H6)', async () => {
  await startWith(oldSnapshots)
  expect(statesOf(world, 'w1')).toEqual(statesOf(world, 'w2'))
})

test('all is there from which a node that lost its snapshots folds anew (H6)', async () => {
  await startWith([])
  expect(statesOf(world, 'w1')).toEqual(statesOf(world, 'w2'))
})
