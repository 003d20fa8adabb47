import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CommitQueue } from '../../node/store/commit-queue.ts'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { openLevelStore } from '../../node/store/level-store.ts'
import { commitBytesMax } from '../../node/store/limits.ts'
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
  await store.write([{ key: 'd', value: Uint8Array.of(1) }, { key: 'd' }], { sync: false })
  disk.cutPower(1)
  expect(await store.getMany(['a', 'b', 'c', 'd'])).toEqual([
    Uint8Array.of(2),
    Uint8Array.of(1),
    undefined,
    undefined,
  ])
  await write('a', 5, true)
  await write('a', 6, false)
  await write('a', 7, false)
  await store.write([{ key: 'a', value: Uint8Array.of(8) }, { key: 'a' }], { sync: false })
  disk.cutPower()
  expect(await store.getMany(['a', 'b'])).toEqual([Uint8Array.of(5), Uint8Array.of(1)])
})

test('writes share a commit in their order; after one that failed there is no other', async () => {
  const commits: string[] = []
  const queue = new CommitQueue(async (operations, sync) => {
    const names = operations.map(({ key }) => key).join(' ')
    commits.push(sync ? `${names} synced` : names)
    await new Promise((done) => setTimeout(done, 5))
    if (names.includes('broken')) throw new TypeError('disk')
  })
  const push = (key: string, sync = false, bytes = 1): Promise<void> =>
    queue.push([{ key, value: new Uint8Array(bytes) }], sync)
  await Promise.all([push('a'), push('b', true), push('large', false, commitBytesMax), push('c')])
  expect(commits).toEqual(['a b synced', 'large', 'c'])
  const ends = await Promise.allSettled([push('d'), push('broken'), push('e', false, 2 ** 21)])
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  await expect(push('f')).rejects.toMatchObject({ code: 'store-damaged' })
  expect(commits.slice(3)).toEqual(['d broken'])
  expect(queue.failure?.message).toContain('(disk)')
})
