import { expect, it } from 'vitest'
import type { Store } from '../../src/index.ts'
import { BackingWorld } from '../support/backing-world.ts'

const day = 86_400_000
const live = 50

/** A store that counts what is read. */
function counting(store: Store, count: (reads: number) => void): Store {
  return {
    write: (writes, options) => store.write(writes, options),
    get: (key) => {
      count(1)
      return store.get(key)
    },
    getMany: (keys) => {
      count(keys.length)
      return store.getMany(keys)
    },
    async *range(range) {
      for await (const entry of store.range(range)) {
        count(1)
        yield entry
      }
    },
    close: () => store.close(),
  }
}

/** Reads of a node that was just started, for one answer about a society. */
async function readsFor(made: BackingWorld): Promise<number> {
  const { world } = made
  const { disk, key } = world.resident('elm')
  let reads = 0
  const open = disk.open.bind(disk)
  await world.stop('elm')
  disk.open = () => counting(open(), (more) => void (reads += more))
  await world.start('elm')
  disk.open = open
  const replica = world.replica('elm')
  const holder = world.resident('sage').key
  reads = 0
  expect(await replica.backing(holder)).toMatchObject({ verdict: 'backed', claimed: live })
  const first = reads
  // What was read lately is still in memory, but for which record followed which proof.
  expect(await replica.backing(holder)).toMatchObject({
    verdict: 'backed',
    viewer: expect.any(String),
  })
  expect(reads - first).toBeLessThanOrEqual(first)
  expect(key).not.toBe(holder)
  return first
}

it('an answer (K1) reads what is alive, however long the history', async () => {
  const made = await BackingWorld.of(['sage', 'elm'])
  const chargeAll = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await made.charge('sage', 1)
  }
  await made.prove('sage')
  await chargeAll(live)
  const young = await readsFor(made)
  for (let week = 0; week < 8; week++) {
    await made.world.advance(8 * day)
    await made.prove('sage', 1_000, { salt: String(week) })
    await chargeAll(live)
  }
  const old = await readsFor(made)
  expect(young).toBeGreaterThan(live)
  expect(old).toBe(young)
})
