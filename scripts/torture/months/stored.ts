import { lockDirectory } from '../../../node/store/directory-lock.ts'
import { openLevelStore } from '../../../node/store/level-store.ts'

/** What the store of a stopped node has on disk. */
export type Stored = {
  /** Changes, and their bytes. */
  readonly changes: number
  readonly changeBytes: number
  readonly facts: number
  /** Bytes of the store's files. */
  readonly fileBytes: number
}

/** Counts what is in the store of a node that does not run. */
export async function storedIn(directory: string): Promise<Stored> {
  const lock = await lockDirectory(directory)
  try {
    const store = await openLevelStore(directory, { lock })
    try {
      let [changes, changeBytes, facts] = [0, 0, 0]
      for await (const [key, value] of store.range({ gte: ' ', lt: '\x7f' })) {
        if (key.startsWith('r/')) facts += 1
        if (!key.startsWith('c/')) continue
        changes += 1
        changeBytes += value.length
      }
      return { changes, changeBytes, facts, fileBytes: await store.bytesOnDisk() }
    } finally {
      await store.close()
    }
  } finally {
    await lock.release()
  }
}
