import assert from 'node:assert/strict'
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Level } from 'level'
import {
  assertStoreKey,
  Failure,
  type Log,
  type Store,
  type StoreRange,
  type StoreWrite,
} from '../../src/index.ts'
import { nodeFiles, type NodeFiles } from '../config/directory.ts'
import { batchOf, counterKey, counterValue } from './batch-counter.ts'
import { CommitQueue, type Operation } from './commit-queue.ts'
import type { DirectoryLock } from './directory-lock.ts'
import { isThere, syncFolder } from './durable-file.ts'
import { asDamage, damaged } from './damage.ts'
import { partOfKey, unwrap, wrap } from './envelope.ts'
import { checkDatabase, checkTables, type Logged } from './leveldb-check.ts'
import { rangeBytesMax, rangeEntriesMax } from './limits.ts'
import { LogNames } from './log-names.ts'
import { readStoreMarker, writeStoreMarker } from './store-marker.ts'
import { readSyncedMark, SyncedMark, writeSyncedMark } from './synced-mark.ts'

type Database = Level<string, Uint8Array>
type Compactable = { compactRange(start: string, end: string): Promise<void> }

/** How to open a store. */
export type LevelStoreOptions = {
  /** The lock of the store's directory, taken before: LevelDB's own can be lost. */
  readonly lock: DirectoryLock
  /** Make the store if there is none; `init` alone does. */
  readonly create?: boolean
  readonly log?: Log
}

/** A store on LevelDB. */
export type LevelStore = Store & {
  /**
   * Reads and checks all that is stored, in the background: damage that came while the store was
   * open and that no reader has met. Fails with `store-damaged`. `goOn` is asked before each part,
   * may take its time, and ends it where it answers false.
   */
  scrub(goOn?: () => Promise<boolean>): Promise<void>
  /** Bytes of its files. */
  bytesOnDisk(): Promise<number>
}

const encodings = { keyEncoding: 'utf8', valueEncoding: 'view' } as const
// Databases open in this process: a second open of one makes LevelDB lose its lock on the first.
const openDatabases = new Set<string>()

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** The `Store` port on LevelDB. */
class LevelBackedStore implements LevelStore {
  readonly #database: Database
  readonly #mark: SyncedMark
  readonly #queue: CommitQueue
  readonly #logNames: LogNames
  #batch: number
  #closing: Promise<void> | undefined

  /** `batch` is the newest in the database; `mark` is told of those synced. */
  constructor(database: Database, batch: number, mark: SyncedMark, logNames: LogNames) {
    this.#database = database
    this.#batch = batch
    this.#mark = mark
    this.#logNames = logNames
    this.#queue = new CommitQueue((operations, sync) => this.#commit(operations, sync))
  }

  async write(writes: readonly StoreWrite[], options: { readonly sync: boolean }): Promise<void> {
    this.#assertOpen()
    for (const { key } of writes) assertStoreKey(key)
    // Wrapped now, so that the caller may change its bytes afterwards.
    const operations = writes.map(({ key, value }) => ({
      key,
      value: value === undefined ? undefined : wrap(key, value),
    }))
    if (operations.length > 0 || options.sync) await this.#queue.push(operations, options.sync)
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#assertOpen()
    const stored = await this.#read(key, () => this.#database.get(key, encodings))
    return stored === undefined ? undefined : unwrap(key, stored)
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen()
    const first = keys[0]
    if (first === undefined) return []
    const stored: (Uint8Array | undefined)[] = await this.#read(first, () =>
      this.#database.getMany([...keys], encodings),
    )
    return keys.map((key, index) => {
      const value = stored[index]
      return value === undefined ? undefined : unwrap(key, value)
    })
  }

  async *range(range: StoreRange): AsyncGenerator<readonly [string, Uint8Array]> {
    this.#assertOpen()
    const iterator = this.#database.iterator({
      gte: range.gte < ' ' ? ' ' : range.gte, // past the sentinel
      lt: range.lt,
      reverse: range.reverse ?? false,
      limit: range.limit ?? -1,
      highWaterMarkBytes: rangeBytesMax,
      ...encodings,
    })
    try {
      while (true) {
        const entries = await this.#read(range.gte, () => iterator.nextv(rangeEntriesMax))
        if (entries.length === 0) return
        for (const [key, value] of entries) yield [key, unwrap(key, value)]
      }
    } finally {
      await iterator.close()
    }
  }

  async scrub(goOn: () => Promise<boolean> = async () => true): Promise<void> {
    await checkTables(this.#database.location, { live: true, goOn })
    // Part by part: what one iterator sees LevelDB must keep until it ends.
    for (let gte: string | undefined = ' '; gte !== undefined && (await goOn());) {
      let last: string | undefined
      for await (const [key] of this.range({ gte, lt: '\x7f', limit: rangeEntriesMax })) last = key
      gte = last === undefined ? undefined : `${last}\0`
    }
  }

  async bytesOnDisk(): Promise<number> {
    const { location } = this.#database
    // LevelDB removes files at any time.
    const sizes = (await readdir(location)).map(async (name) => {
      const file = await stat(join(location, name)).catch(() => undefined)
      return file?.size ?? 0
    })
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  }

  async compact(gte: string, lt: string): Promise<void> {
    this.#assertOpen()
    // What `level` is on Node, beside what it is in browsers.
    const database = this.#database as Database & Compactable
    await this.#read(gte, () => database.compactRange(gte, lt))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().catch((error: unknown) => {
      throw asDamage(this.#database.location, 'cannot be closed', error)
    })
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      // One last synced batch behind all others: after a clean end nothing may be missing.
      if (this.#queue.failure === undefined) await this.#queue.push([], true)
    } finally {
      try {
        await this.#mark.close()
      } finally {
        await this.#database.close()
        openDatabases.delete(this.#database.location)
      }
    }
  }

  async #commit(operations: readonly Operation[], sync: boolean): Promise<void> {
    const batch = this.#batch + 1
    await writeBatch(this.#database, batch, operations, sync)
    this.#batch = batch
    if (!sync) return
    await this.#logNames.settle()
    this.#mark.advance(batch)
  }

  async #read<T>(key: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      this.#assertOpen()
      throw new Failure(
        'store-damaged',
        `The part '${partOfKey(key)}' of the store cannot be read at '${key}'.`,
        { cause: error },
      )
    }
  }

  #assertOpen(): void {
    assert(this.#closing === undefined, 'the store is closed')
  }
}

async function openDatabase(location: string, createIfMissing: boolean): Promise<Database> {
  const database: Database = new Level(location, { ...encodings, createIfMissing })
  try {
    await database.open()
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    if (errorCode(cause) === 'LEVEL_LOCKED') {
      throw new Failure(
        'directory-in-use',
        `Another process has the database ${location} open; stop it first.`,
        { cause },
      )
    }
    throw damaged(location, 'cannot be opened', cause)
  }
  return database
}

/** Number of the newest batch in an open database; undefined where it has no sentinel. */
async function newestBatch(database: Database): Promise<number | undefined> {
  const stored: Uint8Array | undefined = await database.get(counterKey, encodings)
  return stored === undefined ? undefined : batchOf(stored)
}

/** Writes operations as the batch of a number, which goes first. */
async function writeBatch(
  database: Database,
  batch: number,
  operations: readonly Operation[],
  sync: boolean,
): Promise<void> {
  // Handed over one by one: LevelDB's binding takes longer to read them out of an array.
  const writes = database.batch().put(counterKey, counterValue(batch))
  for (const { key, value } of operations) {
    if (value === undefined) writes.del(key)
    else writes.put(key, value)
  }
  await writes.write({ sync })
}

/**
 * Writes again what stood in the logs where the opened database may lack it: LevelDB passes over a
 * log that it cannot open, for want of a file descriptor say, and removes it. Of several it may
 * have passed over the first without a trace. Answers the newest batch.
 */
async function replayed(
  database: Database,
  opened: number | undefined,
  { files, batches, newest }: Logged,
  log: Log | undefined,
): Promise<number | undefined> {
  if (newest === undefined) return opened
  const isWhole = opened !== undefined && opened >= newest
  if (isWhole && files < 2) return opened
  const rest = batches.flat().filter(({ key }) => key !== counterKey)
  await writeBatch(database, newest, rest, true)
  if (!isWhole) log?.warn('store-log-replayed', { batches: batches.length, newest })
  return newest
}

/** Makes an empty database with its sentinel, durably; takes over one that a crash left empty. */
async function createDatabase(location: string): Promise<void> {
  if (await isThere(join(location, 'CURRENT'))) {
    const database = await openDatabase(location, false)
    try {
      if ((await newestBatch(database)) === 1) return
      throw damaged(location, 'holds data, though nothing says that there is a store')
    } finally {
      await database.close()
    }
  }
  // Under another name first: LevelDB does not sync the first manifest of a database, and one that
  // a power cut left without it cannot be opened.
  const unborn = `${location}.new`
  await rm(unborn, { recursive: true, force: true })
  await mkdir(unborn, { mode: 0o700 })
  const database = await openDatabase(unborn, true)
  try {
    await database.put(counterKey, counterValue(1), { sync: true, ...encodings })
  } finally {
    await database.close()
  }
  await syncFolder(unborn)
  await rename(unborn, location)
  await syncFolder(dirname(location))
}

/**
 * Opens the store in a node's directory: `store.json`, `store.mark` and the database `store`. All
 * that is on disk is checked first. Fails with `store-damaged` naming the part that is missing or
 * wrong, `unsupported-version` on a newer format, `directory-in-use` if it is open already.
 */
export async function openLevelStore(
  directory: string,
  options: LevelStoreOptions,
): Promise<LevelStore> {
  const home = await realpath(directory)
  assert.equal(options.lock.directory, home, 'the lock is of another directory')
  const files = nodeFiles(home)
  if (openDatabases.has(files.store)) {
    throw new Failure('directory-in-use', `The store in ${home} is open in this process already.`)
  }
  openDatabases.add(files.store)
  try {
    return await openChecked(files, options)
  } catch (error) {
    openDatabases.delete(files.store)
    throw asDamage(files.store, 'cannot be opened', error)
  }
}

async function openChecked(files: NodeFiles, options: LevelStoreOptions): Promise<LevelStore> {
  const { storeMarker: marker, storeMark: mark, store: location } = files
  if (!(await readStoreMarker(marker))) {
    if (options.create !== true) throw damaged(marker, 'is missing')
    await createDatabase(location)
    await writeSyncedMark(mark, 1)
    await writeStoreMarker(marker)
  }
  const synced = await readSyncedMark(mark)
  const logged = await checkDatabase(location, { synced, log: options.log })
  const database = await openDatabase(location, false)
  try {
    const opened = await newestBatch(database)
    const batch = await replayed(database, opened, logged, options.log)
    if (batch === undefined) throw damaged(location, 'has lost its sentinel')
    if (synced !== undefined && batch < synced) {
      throw damaged(location, `ends with batch ${batch}, though batch ${synced} was synced`)
    }
    // Opening moved what the log held into tables, synced but for the names.
    const logNames = new LogNames(location)
    await logNames.settle()
    return new LevelBackedStore(database, batch, await SyncedMark.open(mark, batch), logNames)
  } catch (error) {
    await database.close()
    throw error
  }
}
