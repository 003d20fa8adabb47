import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { openLevelStore } from '../../node/store/level-store.ts'
import { createMemoryDisk, type Store } from '../../src/index.ts'
import { storeContract } from '../contracts/store.ts'

storeContract('in memory', async () => {
  const disk = createMemoryDisk()
  const store = disk.open()
  return {
    store,
    async reopen() {
      await store.close()
      return disk.open()
    },
    dispose: () => store.close(),
  }
})

storeContract('LevelDB', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'society-store-'))
  const lock = await lockDirectory(directory)
  const open = (): Promise<Store> => openLevelStore(directory, { lock, create: true })
  let store = await open()
  return {
    store,
    async reopen() {
      await store.close()
      store = await open()
      return store
    },
    async dispose() {
      await store.close()
      await lock.release()
      await rm(directory, { recursive: true })
    },
  }
})

test('a power cut on the memory disk takes exactly what was not synced', async () => {
  const disk = createMemoryDisk()
  const store = disk.open()
  const write = (key: string, value: number | undefined, sync: boolean): Promise<void> =>
    store.write([value === undefined ? { key } : { key, value: Uint8Array.of(value) }], { sync })
  await write('a', 1, false)
  await write('b', 1, true)
  await write('a', 2, false)
  await write('b', undefined, false)
  await write('c', 3, false)
  expect(disk.unsynced()).toBe(3)
  disk.cutPower(1)
  expect(await store.getMany(['a', 'b', 'c'])).toEqual([
    Uint8Array.of(2),
    Uint8Array.of(1),
    undefined,
  ])
  await write('a', 5, false)
  disk.cutPower()
  expect(await store.getMany(['a', 'b'])).toEqual([Uint8Array.of(2), Uint8Array.of(1)])
})
