import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Failure, inspectStore, markRestored } from '../../src/index.ts'
import { createMemoryStore, type Inspected } from '../../src/index.ts'
import type { Store, StoreWrite } from '../../src/index.ts'
import { createTokens, makeNodeDirectory, nodeFiles } from '../config/directory.ts'
import { parseKeyFile } from '../keys/key-file.ts'
import { createVerifier } from '../keys/zip215-verifier.ts'
import { lockDirectory } from '../store/directory-lock.ts'
import { isFileError, syncFolder } from '../store/durable-file.ts'
import { openLevelStore } from '../store/level-store.ts'
import type { Entry } from './archive.ts'
import { backedUpFiles, type BackedUpFile } from './backup.ts'
import { lackingIn, placeOfEntry } from './device-files.ts'
import { batchEntriesMax } from './limits.ts'
import { openArchive } from './sealed.ts'
import { silentLog } from '../silent-log.ts'

/** What a backup holds: the society whose it is, and what is stored. */
export type BackupContent = Inspected & {
  readonly id: string
  readonly records: number
  /** Files that `devices` in its `config.yaml` names, and that are not in it. */
  readonly lacking: readonly string[]
}

/** Files of a backup by their names in it. */
type Files = ReadonlyMap<string, Uint8Array>

/** Where a file of a backup belongs in a directory. Fails with `malformed` where no node has it. */
function pathOf(directory: string, name: string): string {
  const own = backedUpFiles.find((each) => each === name)
  const path = own === undefined ? placeOfEntry(directory, name) : nodeFiles(directory)[own]
  if (path !== undefined) return path
  throw new Failure('malformed', `The backup holds a file '${name}' that no node has.`)
}

/** Puts records into a store, many at a time. */
class Filling {
  readonly store: Store
  #writes: StoreWrite[] = []
  count = 0

  constructor(store: Store) {
    this.store = store
  }

  async add({ name, value }: Entry): Promise<void> {
    this.count += 1
    this.#writes.push({ key: name, value })
    if (this.#writes.length >= batchEntriesMax) await this.flush(false)
  }

  async flush(sync: boolean): Promise<void> {
    await this.store.write(this.#writes.splice(0), { sync })
  }
}

const textIn = (files: Files, name: BackedUpFile): string | undefined => {
  const bytes = files.get(name)
  return bytes && new TextDecoder().decode(bytes)
}

function idIn(files: Files, path: string): string {
  const key = textIn(files, 'key')
  if (key === undefined) throw new Failure('malformed', `${path} holds no society's key.`)
  return parseKeyFile('key.json', key).did
}

/** What a backup that was read into a store comes to. */
async function contentOf(files: Files, path: string, filling: Filling): Promise<BackupContent> {
  const { store, count: records } = filling
  const inspected = await inspectStore(store, { verifier: createVerifier(), log: silentLog })
  const lacking = lackingIn(textIn(files, 'config') ?? '', new Set(files.keys()))
  return { id: idIn(files, path), records, ...inspected, lacking }
}

/** Reads a whole backup into a store; its files by name. */
async function fill(path: string, passphrase: string | null, filling: Filling): Promise<Files> {
  const files = new Map<string, Uint8Array>()
  for await (const entry of openArchive(path, passphrase)) {
    if (entry.type === 'record') {
      await filling.add(entry)
      continue
    }
    // Refused before anything of it is used.
    pathOf('', entry.name)
    files.set(entry.name, entry.value)
  }
  await filling.flush(true)
  return files
}

/**
 * Reads a backup to its end and every document in it as a node does; writes nothing. Fails with
 * `wrong-passphrase`, `file-refused`, `store-damaged`, `malformed`, `unsupported-version`.
 */
export async function verifyBackup(
  path: string,
  passphrase: string | null,
): Promise<BackupContent> {
  const filling = new Filling(createMemoryStore())
  return contentOf(await fill(path, passphrase, filling), path, filling)
}

async function assertFree(directory: string, ours?: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isFileError(error, 'ENOENT')) return []
    throw error
  })
  if (names.every((name) => name === ours)) return
  throw new Failure(
    'directory-in-use',
    `${directory} is not empty; restore into a directory of its own with --dir.`,
  )
}

/**
 * Makes a node's directory of a backup. Its node signs nothing until it has heard from every other
 * member what it signed since. Fails as `verifyBackup` does, and with `directory-in-use`; then
 * nothing is left behind.
 */
export async function restoreBackup(
  path: string,
  passphrase: string | null,
  directory: string,
): Promise<BackupContent> {
  await assertFree(directory)
  await makeNodeDirectory(directory)
  const lock = await lockDirectory(directory)
  let isOurs = false
  try {
    // Once more, now that nobody else can be at it.
    await assertFree(directory, basename(nodeFiles(directory).lock))
    isOurs = true
    const store = await openLevelStore(directory, { lock, create: true })
    let content: BackupContent
    const filling = new Filling(store)
    let files: Files
    try {
      files = await fill(path, passphrase, filling)
      content = await contentOf(files, path, filling)
      await markRestored(store)
    } finally {
      await store.close()
    }
    for (const [name, value] of files) {
      const place = pathOf(directory, name)
      await mkdir(dirname(place), { recursive: true, mode: 0o700 })
      await writeFile(place, value, { mode: 0o600, flush: true })
    }
    await createTokens(directory)
    await syncFolder(directory)
    await lock.release()
    return content
  } catch (error) {
    await lock.release()
    if (isOurs) await rm(directory, { recursive: true, force: true })
    throw error
  }
}
