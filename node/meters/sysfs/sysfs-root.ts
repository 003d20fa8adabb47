import { constants, open, readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Failure } from '../../../src/index.ts'
import { trustedPath } from '../trusted-path.ts'
import { entriesMax, fileBytesMax, unkeptBytesMax } from './limits.ts'

/** What an operator does so that every user may read a file. */
export const openTo = (file: string): string => `sudo chmod a+r ${file}`

/** A file that was read: its path within the root, when, and what it held. */
export type FileRead = { readonly file: string; readonly atMs: number; readonly text: string }

/**
 * A tree of files as the kernel shows its devices: the machine's own, or a copy elsewhere that
 * simulates one. Links that lead out of it are not followed.
 */
export type SysfsRoot = {
  /** Real path; `/` for the machine itself. */
  readonly path: string
  readonly simulated: boolean
  /**
   * What a file holds, without the blanks and NULs at its end; undefined where there is none.
   * `mend` tells what to do where the node may not read it. Throws `source-unavailable`.
   */
  readonly text: (file: string, mend: string) => Promise<string | undefined>
  /** The same of what is too long to be evidence, or nobody else's business. */
  readonly unkept: (file: string, mend: string) => Promise<string | undefined>
  /** Names in a directory, sorted; none where there is no such directory. */
  readonly names: (directory: string) => Promise<readonly string[]>
  /** Every file that `text` read, oldest first. */
  readonly reads: readonly FileRead[]
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code)
const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error))

async function readSome(path: string, bytesMax: number): Promise<string> {
  // Without O_NONBLOCK a pipe in the place of a file would never be opened.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, 0)
    return buffer.toString('utf8', 0, bytesRead).replace(/[\s\0]+$/, '')
  } finally {
    await file.close()
  }
}

function unreadable(file: string, mend: string, cause: unknown): Failure {
  const denied = ['EACCES', 'EPERM'].includes(codeOf(cause))
  const message = denied
    ? `The node may not read ${file}: ${mend}.`
    : `${file} cannot be read (${codeOf(cause)}); see dmesg for what the device's driver says.`
  return new Failure('source-unavailable', message, { cause })
}

/**
 * Opens a tree: `/` by default, else a directory that nobody but root and the node's own user can
 * have filled. Fails as `trustedPath` does.
 */
export async function openSysfs(root = '/'): Promise<SysfsRoot> {
  const path = root === '/' ? root : await trustedPath(root, 'directory')
  const inside = path === '/' ? path : path + sep
  const reads: FileRead[] = []

  async function within(file: string): Promise<string> {
    const real = await realpath(join(path, file))
    if (real.startsWith(inside)) return real
    throw new Failure('malformed', `${join(path, file)} leads to ${real}, outside of ${path}.`)
  }
  async function read(file: string, bytesMax: number, mend: string): Promise<string | undefined> {
    try {
      return await readSome(await within(file), bytesMax)
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error instanceof Failure ? error : unreadable(file, mend, error)
    }
  }
  return {
    path,
    simulated: path !== '/',
    reads,
    async text(file, mend) {
      const text = await read(file, fileBytesMax, mend)
      if (text !== undefined) reads.push({ file, atMs: Math.round(performance.now()), text })
      return text
    },
    unkept: (file, mend) => read(file, unkeptBytesMax, mend),
    async names(directory) {
      try {
        return (await readdir(await within(directory))).sort().slice(0, entriesMax)
      } catch (error) {
        if (isAbsent(error)) return []
        throw error instanceof Failure
          ? error
          : unreadable(directory, `sudo chmod a+rx ${directory}`, error)
      }
    },
  }
}
