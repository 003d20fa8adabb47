import { statSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isFileError, syncFolder } from './durable-file.ts'
import { folderTimeGrainMs } from './limits.ts'

async function syncIfThere(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r')
    try {
      await handle.datasync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // LevelDB removed the log, so its content is in a table that is synced.
    if (!isFileError(error, 'ENOENT')) throw error
  }
}

/**
 * Closes a gap in LevelDB's durability. When it begins a new log it syncs neither the old one nor
 * the folder, so a batch it then syncs could vanish with the new log's name, or survive while older
 * batches do not. Nothing announces a new log but the folder's time of change.
 */
export class LogNames {
  readonly #folder: string
  #changedMs = Number.NaN
  #certain = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** After a synced batch: makes all logs and their names durable if any may have come since. */
  async settle(): Promise<void> {
    const beforeMs = Date.now()
    // Synchronous: microseconds for a folder in constant use, and a thread hop costs twenty times.
    const { mtimeMs } = statSync(this.#folder)
    if (mtimeMs === this.#changedMs && this.#certain) return
    const names = await readdir(this.#folder)
    for (const name of names) {
      if (name.endsWith('.log')) await syncIfThere(join(this.#folder, name))
    }
    await syncFolder(this.#folder)
    this.#changedMs = mtimeMs
    // A later change within one tick of the clock would show the same time: then look again.
    this.#certain = beforeMs - mtimeMs > folderTimeGrainMs
  }
}
