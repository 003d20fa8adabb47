import { randomBytes } from 'node:crypto'
import { link, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../../src/index.ts'

/** Makes the names in a folder durable: what was created, renamed or removed there. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes and syncs a new file beside `path`, hands its name on, and removes it if it is left. */
async function withNewFile(
  path: string,
  content: string | Uint8Array,
  mode: number,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.new`
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await place(temporary)
  } catch (error) {
    // A write that fails, as on a full disk, does not say of which file.
    if (error instanceof Error && 'syscall' in error && !('path' in error)) {
      Object.assign(error, { path })
    }
    throw error
  } finally {
    await unlink(temporary).catch(() => undefined)
  }
  await syncFolder(dirname(path))
}

/**
 * Replaces a file as a whole: after a crash at any moment the old or the new content is there.
 * Resolves once it would survive a power cut.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  await withNewFile(path, content, mode, (temporary) => rename(temporary, path))
}

/**
 * Creates a file as a whole, durable as `replaceFile`. False, with nothing done, where the path is
 * taken: of several that create it at once exactly one gets true.
 */
export async function createFile(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<boolean> {
  let created = true
  await withNewFile(path, content, mode, async (temporary) => {
    try {
      await link(temporary, path)
    } catch (error) {
      if (!isFileError(error, 'EEXIST')) throw error
      created = false
    }
  })
  return created
}

/** Whether an error is the file system's with this code. */
export function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Whether a path leads to anything. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false
    throw error
  }
}

/** The UTF-8 text of a file, undefined where there is none; over `bytesMax` fails `too-large`. */
export async function readTextFile(path: string, bytesMax: number): Promise<string | undefined> {
  try {
    const { size } = await stat(path)
    if (size > bytesMax) {
      throw new Failure('too-large', `${path} has ${size} bytes; ${bytesMax} are the limit.`)
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined
    throw error
  }
}
