import { open, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { readTextFile, replaceFile } from './durable-file.ts'
import { markerBytesMax } from './limits.ts'
import { damaged } from './damage.ts'

const digits = 16

function encode(batch: number): string {
  const number = String(batch).padStart(digits, '0')
  return `${number} ${crc32(number).toString(16).padStart(8, '0')}\n`
}

/** The number in `store.mark`; undefined where there is no file. Not fitting: `store-damaged`. */
export async function readSyncedMark(path: string): Promise<number | undefined> {
  const text = await readTextFile(path, markerBytesMax)
  if (text === undefined) return undefined
  const batch = Number(text.slice(0, digits))
  if (!Number.isSafeInteger(batch) || encode(batch) !== text) {
    throw damaged(path, 'does not fit its checksum; move it away, the rest is checked without it')
  }
  return batch
}

/** Writes `store.mark` anew, durably. */
export async function writeSyncedMark(path: string, batch: number): Promise<void> {
  await replaceFile(path, encode(batch))
}

/**
 * Keeps the number of the newest synced batch in a file of one line. LevelDB drops a damaged end of
 * its log without a word; the mark tells such a loss from the end that a power cut leaves. It is
 * written in place without syncing, for each synced batch would otherwise cost two: after a power
 * cut it may be old and vouch for less, never for more than is there.
 */
export class SyncedMark {
  readonly #handle: FileHandle
  #newest: number
  #written: number
  #writing: Promise<void> | undefined
  #error: unknown

  private constructor(handle: FileHandle, batch: number) {
    this.#handle = handle
    this.#newest = batch
    this.#written = batch
  }

  /** Writes the file anew and keeps it open. */
  static async open(path: string, batch: number): Promise<SyncedMark> {
    await writeSyncedMark(path, batch)
    return new SyncedMark(await open(path, 'r+'), batch)
  }

  /**
   * Notes that everything up to this batch is synced. Returns at once, for writes coalesce; throws
   * what went wrong with an earlier one.
   */
  advance(batch: number): void {
    if (this.#error !== undefined) throw this.#error
    this.#newest = batch
    this.#writing ??= this.#write()
  }

  /** Waits for what is being written, syncs and closes. */
  async close(): Promise<void> {
    try {
      await this.#writing
      await this.#handle.datasync()
    } finally {
      await this.#handle.close()
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#written !== this.#newest) {
        const batch = this.#newest
        await this.#handle.write(encode(batch), 0)
        this.#written = batch
      }
    } catch (error) {
      this.#error = error
    }
    this.#writing = undefined
  }
}
