import { open, readdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../src/index.ts'
import { batchOfOperations } from './batch-counter.ts'
import type { Operation } from './commit-queue.ts'
import { isFileError, syncFolder } from './durable-file.ts'
import { readLog } from './leveldb-log.ts'
import { operationsOf } from './log-batch.ts'
import { readManifest, type Manifest } from './leveldb-manifest.ts'
import { tableIsIntact } from './leveldb-table.ts'
import { damaged } from './damage.ts'

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined
    throw damaged(path, 'cannot be read', error)
  }
}

async function manifestOf(folder: string): Promise<Manifest> {
  const current = join(folder, 'CURRENT')
  const name = (await readIfThere(current))?.toString('latin1')
  if (name === undefined) throw damaged(current, 'is missing')
  if (!/^MANIFEST-\d+\n$/.test(name)) throw damaged(current, 'names no manifest')
  const path = join(folder, name.trimEnd())
  const bytes = await readIfThere(path)
  if (bytes === undefined) throw damaged(path, 'is missing')
  const manifest = readManifest(bytes)
  if (manifest === undefined) throw damaged(path, 'does not fit its checksums')
  return manifest
}

/**
 * Checks every block of every live table. With `live` the database may be open: a table that it
 * dropped meanwhile is no damage. Wrong or missing: `store-damaged` naming the file.
 */
export async function checkTables(
  folder: string,
  options: { readonly live: boolean; readonly goOn?: (() => Promise<boolean>) | undefined },
): Promise<void> {
  const { tables } = await manifestOf(folder)
  for (const number of tables) {
    if (options.goOn !== undefined && !(await options.goOn())) return
    const path = join(folder, `${String(number).padStart(6, '0')}.ldb`)
    const bytes = await readIfThere(path)
    if (bytes === undefined) {
      if (options.live) continue
      throw damaged(path, 'is missing')
    }
    if (!tableIsIntact(bytes)) throw damaged(path, 'does not fit its checksums')
  }
}

/** Where the logs stop being an unbroken sequence of batches. */
type Break = { readonly path: string; readonly offset: number }
/** What stands in the logs that LevelDB reads when it opens a database. */
export type Logged = {
  readonly files: number
  /** Operations of each batch, oldest first. */
  readonly batches: readonly (readonly Operation[])[]
  /** Number of the newest batch; undefined where the logs have none. */
  readonly newest: number | undefined
}

type LogScan = {
  /** The unbroken sequence, oldest first. */
  readonly batches: Logged['batches']
  /** Newest batch of the unbroken sequence; undefined where the logs have none. */
  readonly newest: number | undefined
  readonly broken: Break | undefined
  /** The first whole batch behind the break. */
  readonly behind: number | undefined
}

async function scanLogs(paths: readonly string[]): Promise<LogScan> {
  const batches: (readonly Operation[])[] = []
  let newest: number | undefined
  let broken: Break | undefined
  for (const path of paths) {
    for (const item of readLog(await readFile(path))) {
      if (item.kind !== 'record') {
        broken ??= { path, offset: item.offset }
        continue
      }
      const operations = operationsOf(item.payload)
      const batch = operations && batchOfOperations(operations)
      if (operations === undefined || batch === undefined) {
        throw damaged(path, 'holds what this program did not write')
      }
      if (newest !== undefined && batch !== newest + 1) broken ??= { path, offset: item.offset }
      if (broken !== undefined) return { batches, newest, broken, behind: batch }
      newest = batch
      batches.push(operations)
    }
  }
  return { batches, newest, broken, behind: undefined }
}

/** Cuts the logs at a break, so that LevelDB does not go on behind it and leave a hole. */
async function cutLogs(folder: string, paths: readonly string[], broken: Break): Promise<void> {
  // From the newest back: a crash between leaves a log that is still broken at the same place.
  for (const path of paths.slice(paths.indexOf(broken.path)).toReversed()) {
    await truncate(path, path === broken.path ? broken.offset : 0)
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
  await syncFolder(folder)
}

async function checkLogs(
  folder: string,
  oldest: number,
  synced: number | undefined,
  log: Log | undefined,
): Promise<Logged> {
  const numbers = (await readdir(folder))
    .filter((name) => /^\d+\.log$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .filter((number) => number >= oldest)
    .sort((a, b) => a - b)
  const paths = numbers.map((number) => join(folder, `${String(number).padStart(6, '0')}.log`))
  if (oldest > 0 && !numbers.includes(oldest)) {
    throw damaged(join(folder, `${String(oldest).padStart(6, '0')}.log`), 'is missing')
  }
  const { batches, newest, broken, behind } = await scanLogs(paths)
  if (newest !== undefined && synced !== undefined && newest < synced) {
    const path = broken?.path ?? paths.at(-1)
    throw damaged(path ?? folder, `ends with batch ${newest}, though batch ${synced} was synced`)
  }
  const logged = { files: paths.length, batches, newest }
  if (broken === undefined) return logged
  if (synced === undefined || (behind !== undefined && behind <= synced)) {
    throw damaged(broken.path, `does not fit its checksums from byte ${broken.offset}`)
  }
  log?.warn('store-tail-dropped', { file: broken.path, offset: broken.offset, newest })
  if (behind !== undefined) await cutLogs(folder, paths, broken)
  return logged
}

/**
 * Checks a database that is not open, before LevelDB sees it: as packaged it verifies no checksums
 * of tables, skips damaged parts of its log and takes a missing `CURRENT` for a new database. What
 * was synced, batch `synced` and all before it, must be there unbroken, else `store-damaged`. A
 * broken end of what was not synced is legal after a power cut, and dropped. Without `synced`
 * (its file is lost) nothing may be broken. Answers what LevelDB should find in its logs.
 */
export async function checkDatabase(
  folder: string,
  options: { readonly synced: number | undefined; readonly log?: Log | undefined },
): Promise<Logged> {
  const manifest = await manifestOf(folder)
  await checkTables(folder, { live: false })
  return checkLogs(folder, manifest.log, options.synced, options.log)
}
