import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Store } from '../../src/index.ts'
import { nodeFiles, type NodeFiles } from '../config/directory.ts'
import { isFileError } from '../store/durable-file.ts'
import type { Entry } from './archive.ts'
import { sealArchive } from './sealed.ts'

/** Files of a node's directory that make it the node it is; its token and its locks do not. */
export const backedUpFiles: readonly BackedUpFile[] = ['config', 'key', 'nodeKey']
/** Name of such a file. */
export type BackedUpFile = keyof Pick<NodeFiles, 'config' | 'key' | 'nodeKey'>

async function* entriesOf(directory: string, store: Store): AsyncGenerator<Entry> {
  const files = nodeFiles(directory)
  for (const name of backedUpFiles) {
    try {
      yield { type: 'file', name, value: new Uint8Array(await readFile(files[name])) }
    } catch (error) {
      if (!isFileError(error, 'ENOENT')) throw error
    }
  }
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
