import { beforeAll, expect, test } from 'vitest'
import { chainOf, forgeChange, messageOf } from '../../node/simulate/forger.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import type { World } from '../../node/simulate/world.ts'
import {
  actorOf,
  peekChange,
  recordId,
  recordKinds,
  type Actor,
  type RecordId,
} from '../../protocol/index.ts'
import { topicOf } from '../../src/index.ts'
import { checkpointWorld, keptFrom, keyOf, liveDays } from '../support/checkpoint-world.ts'
import { statesOf, storedBy } from '../support/checkpoint-world.ts'

const windows = ['sage', 'w1', 'w2']
const month = 33
/** Bytes in the store of each node after four months and after twelve. */
const bytesAt: Map<number, ReadonlyMap<string, number>> = new Map()
let world: World

// A year of a society whose node, and those of some of its witnesses, keep a window.
beforeAll(async () => {
  world = await checkpointWorld(1, windows, ['keeper'])
  for (const months of [4, 12]) {
    await liveDays(world, (months === 4 ? 4 : 8) * month, 9)
    const sizes = new Map<string, number>()
    for (const name of world.residents.keys())
      sizes.set(name, (await storedBy(world, name, '')).bytes)
    bytesAt.set(months, sizes)
  }
}, 240_000)

const growth = (name: string): number =>
  (bytesAt.get(12)?.get(name) ?? 0) / (bytesAt.get(4)?.get(name) ?? 1)

test('after a year, nodes that keep a window have the states of those that keep all (H6)', () => {
  for (const name of [...windows, 'w3']) {
    expect([name, statesOf(world, name)]).toEqual([name, statesOf(world, 'keeper')])
  }
})

test('what they keep is no more after twelve months than after four (H6)', () => {
  for (const name of windows) expect(growth(name)).toBeLessThan(1.2)
  expect(growth('keeper')).toBeGreaterThan(2)
})

/** Has keeper write, as no honest node does, a take of whatever is named. */
async function takeAnyhow(grant: RecordId): Promise<RecordId> {
  const signer = signerOf('keeper')
  const changes = await world.replica('keeper').changes('pool', keyOf('keeper'))
  const chain = chainOf('pool', signer, changes)
  const fields = recordKinds.get('allocation.take')?.write({ grant })
  const { bytes, hash, signature } = forgeChange(
    signer,
    chain,
    [fields ?? new Map()],
    world.clock.now(),
  )
  const frame = { actor: chain.actor, changes: [bytes], signature }
  for (const name of ['w1', 'keeper']) {
    void world.wires
      .node(name)
      ?.hear('w3', topicOf('test-world', frame.actor) ?? '', messageOf(frame))
  }
  await world.advance(7_200_000)
  return recordId(hash, 0)
}

test('who names what was dropped is judged alike by who dropped it (H1, H8)', async () => {
  const actor: Actor = actorOf('pool', keyOf('sage'))
  expect(await keptFrom(world, 'w1', actor)).toBeGreaterThan(60)
  const [, second] = await world.replica('keeper').changes('pool', keyOf('sage'))
  const peeked = peekChange(second ?? new Uint8Array())
  const ancient = recordId(peeked.ok ? peeked.value.hash : '', 0)
  expect(await world.replica('w1').record(ancient)).toBeUndefined()
  expect((await world.replica('keeper').record(ancient))?.kind).toBe('energy.evidence')
  const take = await takeAnyhow(ancient)
  for (const name of ['keeper', 'w3', 'w1']) {
    expect([name, (await world.replica(name).record(take))?.void]).toEqual([name, 'expired'])
  }
  expect(statesOf(world, 'w1')).toEqual(statesOf(world, 'keeper'))
  // What was void needs nothing of what it named when it is folded again.
  await world.stop('w1')
  const store = world.resident('w1').disk.open()
  for await (const [key] of store.range({ gte: 'n/', lt: 'n0' })) {
    await store.write([{ key }], { sync: true })
  }
  await world.start('w1')
  expect(statesOf(world, 'w1')).toEqual(statesOf(world, 'keeper'))
})
