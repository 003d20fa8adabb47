import { Failure } from '../../src/index.ts'
import { nodeFiles } from '../config/directory.ts'
import { parseKeyFile, type KeyFile } from '../keys/key-file.ts'
import { keyFileBytesMax } from '../keys/limits.ts'
import { readTextFile } from '../store/durable-file.ts'

/** A key file as it is, and what it says in clear. */
export type ReadKeyFile = KeyFile & { readonly path: string; readonly text: string }

/** Reads a key file, undefined where there is none. Fails with `store-damaged`. */
export async function readKeyAt(path: string): Promise<ReadKeyFile | undefined> {
  const text = await readTextFile(path, keyFileBytesMax)
  return text === undefined ? undefined : { ...parseKeyFile(path, text), path, text }
}

/**
 * What a directory's key file says in clear; no secret is opened. Fails with `malformed` where
 * there is none, and with `store-damaged`.
 */
export async function readKeyFile(directory: string): Promise<ReadKeyFile> {
  const file = await readKeyAt(nodeFiles(directory).key)
  if (file !== undefined) return file
  throw new Failure('malformed', `there is no key in ${directory}; make one with 'society init'`)
}
