import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Failure } from '../../src/index.ts'
import { notedBackups } from '../backup/noted.ts'
import { loadConfig, type Config } from '../config/config.ts'
import { nodeFiles, readToken } from '../config/directory.ts'
import { parseKeyFile } from '../keys/key-file.ts'
import { keyFileBytesMax } from '../keys/limits.ts'
import { lookAtLock } from '../store/directory-lock.ts'
import { isFileError, readTextFile } from '../store/durable-file.ts'
import { readStoreMarker } from '../store/store-marker.ts'
import { factOf, type Missing } from './fact.ts'
import type { DirectoryFacts, Place } from './facts.ts'

async function placeOf(path: string): Promise<Place> {
  try {
    const { mode, uid, mtimeMs: writtenAt } = await stat(path)
    return { mode, isOwn: process.getuid === undefined || uid === process.getuid(), writtenAt }
  } catch (error) {
    if (isFileError(error, 'ENOENT')) throw new Failure('malformed', 'it is not there')
    throw error
  }
}

/** The directory itself; it is no node's where it has neither of what `init` makes. */
async function nodePlaceOf(path: string): Promise<Place> {
  const place = await placeOf(path)
  const { config, key, storeMarker } = nodeFiles(path)
  if ([config, key, storeMarker].some((file) => existsSync(file))) return place
  throw new Failure('malformed', 'it is there, and nothing of a node in it')
}

async function keyIn(path: string): Promise<{ did: string; isEncrypted: boolean }> {
  const text = await readTextFile(path, keyFileBytesMax)
  if (text === undefined) throw new Failure('malformed', `there is no ${path}`)
  const { did, seed } = parseKeyFile(path, text)
  return { did, isEncrypted: seed.protection !== 'none' }
}

async function certificatesOf(
  directory: string,
  { devices: { makers, certificate } }: Config,
): Promise<readonly { readonly file: string; readonly until: number }[]> {
  const files = certificate === '' ? makers : [...makers, certificate]
  return Promise.all(
    files.map(async (file) => {
      const { validTo } = new X509Certificate(await readFile(resolve(directory, file)))
      return { file, until: Date.parse(validTo) }
    }),
  )
}

async function newestIn(directory: string): Promise<number> {
  const names = await readdir(directory)
  const times = await Promise.all(
    names.map(async (name) => (await stat(join(directory, name))).mtimeMs),
  )
  return Math.max(0, ...times)
}

/** Where there is no node's directory, nothing else is wrong with it. */
const nothingKnown = (path: string, missing: Missing): DirectoryFacts => ({
  path,
  directory: missing,
  config: missing,
  key: missing,
  keyFile: missing,
  nodeKeyFile: missing,
  tokenFile: missing,
  readTokenFile: missing,
  token: missing,
  store: missing,
  lock: missing,
  backups: missing,
  certificates: missing,
  newestFile: missing,
})

/** Looks at a node's directory; changes nothing. */
export async function directoryFacts(path: string): Promise<DirectoryFacts> {
  const files = nodeFiles(path)
  const directory = await factOf(nodePlaceOf(path))
  if (!('value' in directory)) return nothingKnown(path, directory)
  const config = await factOf(loadConfig(path))
  return {
    path,
    directory,
    config,
    key: await factOf(keyIn(files.key)),
    keyFile: await factOf(placeOf(files.key)),
    nodeKeyFile: await factOf(placeOf(files.nodeKey)),
    tokenFile: await factOf(placeOf(files.token)),
    readTokenFile: await factOf(placeOf(files.readToken)),
    token: await factOf(readToken(path)),
    store: await factOf(readStoreMarker(files.storeMarker)),
    lock: await factOf(lookAtLock(path)),
    backups: await factOf(notedBackups(path)),
    certificates: 'value' in config ? await factOf(certificatesOf(path, config.value)) : config,
    newestFile: await factOf(newestIn(path)),
  }
}
