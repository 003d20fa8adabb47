import { readFile, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Store } from '../../src/index.ts'
import { nodeFiles, type NodeFiles } from '../config/directory.ts'
import { certificateBytesMax, configBytesMax } from '../config/limits.ts'
import { isFileError, readTextFile } from '../store/durable-file.ts'
import type { Entry } from './archive.ts'
import { deviceFilesIn, entryNameOf, lackingIn, placeOfEntry } from './device-files.ts'
import { sealArchive } from './sealed.ts'

/** Files that make a directory the node it is; its token and its locks do not. */
export const backedUpFiles: readonly BackedUpFile[] = ['config', 'key', 'nodeKey', 'renewals']
/** Name of such a file. */
export type BackedUpFile = keyof Pick<NodeFiles, 'config' | 'key' | 'nodeKey' | 'renewals'>

/** Whether what the configuration names as a certificate or key is a file that can be one. */
async function isTaken(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && found.isFile() && found.size <= certificateBytesMax
}

/** Files of a node's directory that a backup takes, with those of devices that are in it. */
async function* filesOf(directory: string): AsyncGenerator<Entry> {
  const files = nodeFiles(directory)
  const config = (await readTextFile(files.config, configBytesMax)) ?? ''
  const paths = new Map<string, string>(backedUpFiles.map((name) => [name, files[name]]))
  for (const name of deviceFilesIn(config).map(entryNameOf)) {
    const path = name === undefined ? undefined : placeOfEntry(directory, name)
    if (path !== undefined && (await isTaken(path))) paths.set(name ?? '', path)
  }
  for (const [name, path] of paths) {
    try {
      yield { type: 'file', name, value: new Uint8Array(await readFile(path)) }
    } catch (error) {
      if (!isFileError(error, 'ENOENT')) throw error
    }
  }
}

/** Files that `devices` in `config.yaml` names and a backup of the directory does not take. */
export async function lackingOf(directory: string): Promise<readonly string[]> {
  const config = (await readTextFile(nodeFiles(directory).config, configBytesMax)) ?? ''
  const taken = new Set<string>()
  for await (const { name } of filesOf(directory)) taken.add(name)
  return lackingIn(config, taken)
}

async function* entriesOf(directory: string, store: Store): AsyncGenerator<Entry> {
  yield* filesOf(directory)
  // One range is one snapshot: what is written meanwhile is not in it.
  for await (const [name, value] of store.range({ gte: ' ', lt: '\x7f' })) {
    yield { type: 'record', name, value }
  }
}

/** A backup of a node as it stands: its files, and one snapshot of its store. */
export function backupOf(
  directory: string,
  store: Store,
  passphrase: string | null,
): Promise<Readable> {
  return sealArchive(entriesOf(directory, store), passphrase)
}
