import { lockDirectory } from '../store/directory-lock.ts'
import { openLevelStore } from '../store/level-store.ts'
import { backupOf } from './backup.ts'

/** A backup of a node that does not run. Fails with `directory-in-use`, `store-damaged`. */
export async function* backupOfStopped(
  directory: string,
  passphrase: string | null,
): AsyncGenerator<Uint8Array> {
  const lock = await lockDirectory(directory)
  try {
    const store = await openLevelStore(directory, { lock })
    try {
      yield* await backupOf(directory, store, passphrase)
    } finally {
      await store.close()
    }
  } finally {
    await lock.release()
  }
}
