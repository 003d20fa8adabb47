import { lstat } from 'node:fs/promises'
import { isFileError } from '../store/durable-file.ts'
import { WrongUsage } from './failures.ts'

/**
 * Refuses, as wrong usage, a name at which something stands that is no file: what is written is put
 * in its place whole, which would do away with a link or, for root, a device such as `/dev/stdout`.
 */
export async function checkReplaceable(file: string): Promise<void> {
  if (file === '') throw new WrongUsage('give the file to write to')
  try {
    if ((await lstat(file)).isFile()) return
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return
    throw error
  }
  throw new WrongUsage(`${file} is there and is no file; give another name`)
}
