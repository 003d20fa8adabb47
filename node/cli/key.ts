import { Failure } from '../../src/index.ts'
import { nodeFiles } from '../config/directory.ts'
import { parseKeyFile, type KeyFile } from '../keys/key-file.ts'
import { keyFileBytesMax } from '../keys/limits.ts'
import { readTextFile } from '../store/durable-file.ts'

/**
 * What a directory's key file says in clear; no secret is opened. Fails with `malformed` where
 * there is none, and with `store-damaged`.
 */
export async function readKeyFile(directory: string): Promise<KeyFile> {
  const path = nodeFiles(directory).key
  const text = await readTextFile(path, keyFileBytesMax)
  if (text !== undefined) return parseKeyFile(path, text)
  throw new Failure('malformed', `there is no key in ${directory}; make one with 'society init'`)
}
