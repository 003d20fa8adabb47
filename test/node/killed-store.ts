import { isDeepStrictEqual } from 'node:util'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readSyncedMark } from '../../node/store/synced-mark.ts'
import { Failure } from '../../src/index.ts'
import { contentOf, copyAsKilled, someWrites, withStore } from './store-fixture.ts'

/**
 * Makes a store with two tables and a log with records, and leaves it as a kill does. From four
 * tables on LevelDB would compact in the background, and change files while they are copied.
 */
export async function killedStore(directory: string): Promise<Map<string, string>> {
  const live = join(directory, 'live')
  await mkdir(live)
  for (let round = 1; round <= 2; round += 1) {
    await withStore(live, (store) => store.write(someWrites(round, 800), { sync: true }), true)
  }
  return withStore(live, async (store) => {
    for (let round = 3; round < 30; round += 1) {
      await store.write(someWrites(round, 30), { sync: round % 2 === 1 })
    }
    await markReaches(live, 32)
    await copyAsKilled(live, join(directory, 'killed'))
    return contentOf(store)
  })
}

/** Waits until the mark says that this batch is synced; it follows the answer in a moment. */
export async function markReaches(directory: string, batch: number): Promise<void> {
  while ((await readSyncedMark(join(directory, 'store.mark'))) !== batch) {
    await new Promise((done) => setTimeout(done, 2))
  }
}

/** `noticed`, or `without effect`: any other outcome is damage that was served or not named. */
export async function outcomeOf(directory: string, expected: Map<string, string>): Promise<string> {
  try {
    return await withStore(directory, async (store) => {
      const values = await store.getMany([...expected.keys()])
      const hex = values.map((found) => found && Buffer.from(found).toString('hex'))
      const same =
        isDeepStrictEqual(hex, [...expected.values()]) &&
        isDeepStrictEqual(await contentOf(store), expected)
      return same ? 'without effect' : 'served'
    })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const named = /^(store-damaged|unsupported-version)$/.test(error.code)
    return named && error.message.includes(directory) ? 'noticed' : String(error)
  }
}
