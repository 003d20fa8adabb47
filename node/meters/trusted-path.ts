import type { Stats } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import { Failure } from '../../src/index.ts'

/** Write permission of a file's group and of everybody. */
const othersMayWrite = 0o022
/** Write permission of everybody. */
const everybodyMayWrite = 0o002
/** In a directory with this bit nobody may replace what is another's: `/tmp` has it. */
const sticky = 0o1000
const root = 0

const advice: Readonly<Record<string, string>> = {
  ENOENT: 'there is nothing by this name; check it',
  ENOTDIR: 'a part of this path is no directory; check it',
  EACCES: 'the node may not look there; give its user the right to',
  ELOOP: 'its symbolic links lead in a circle',
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (cause) {
    const reason = advice[String((cause as NodeJS.ErrnoException).code)] ?? String(cause)
    throw new Failure('source-unavailable', `${path}: ${reason}.`, { cause })
  }
}

function isOwn({ uid }: Stats): boolean {
  return uid === root || uid === process.getuid?.()
}

/** Refuses a directory above the path in which somebody else could put another in its place. */
async function refuseReplaceable(path: string): Promise<void> {
  const above = dirname(path)
  const stats = await lstat(above)
  const open = (stats.mode & everybodyMayWrite) !== 0 && (stats.mode & sticky) === 0
  if (!isOwn(stats) || open) {
    throw new Failure(
      'malformed',
      `${path} could be replaced by others, who may write into ${above}; ` +
        "make that directory root's or the node's user's, and take others' right to write.",
    )
  }
  if (above !== path && dirname(above) !== above) await refuseReplaceable(above)
}

/**
 * The real path of a file or directory that an operator named, if nobody but root and the node's
 * own user can have put there what is in it: whoever has the API's token must not be able to make
 * the node load what he likes. Fails with `malformed` for what is not absolute, of the wrong kind
 * or in others' hands, `source-unavailable` for what is not there.
 */
export async function trustedPath(path: string, kind: 'file' | 'directory'): Promise<string> {
  if (!isAbsolute(path) || path.includes('\0')) {
    throw new Failure('malformed', `'${path}' is no absolute path, such as /opt/${kind}.`)
  }
  const real = await realPathOf(path)
  const stats = await lstat(real)
  if (kind === 'file' ? !stats.isFile() : !stats.isDirectory()) {
    const wanted = kind === 'file' ? 'regular file' : 'directory'
    throw new Failure('malformed', `${path} is no ${wanted}.`)
  }
  if (!isOwn(stats)) {
    throw new Failure(
      'malformed',
      `${real} belongs to neither root nor the node's own user; give it to one of them (chown).`,
    )
  }
  if ((stats.mode & othersMayWrite) !== 0) {
    throw new Failure('malformed', `others may write to ${real}; forbid it: chmod go-w ${real}.`)
  }
  await refuseReplaceable(real)
  return real
}
