import { chmod, lstat, mkdir } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../src/index.ts'

const userOnly = 0o700
const permissionBits = 0o777

/** Characters of a request to a local network, and of its answer, at most. */
export const controlLineMax = 65_536

/** What a local network is asked for. */
export type ControlRequest = {
  readonly action: string
  /** Names of societies. */
  readonly names: readonly string[]
}

/** What it says meanwhile, a line each. */
export type ControlProgress = { readonly progress: string }

/** What it says to that in the end: what it did, for programs and for people, or why it did not. */
export type ControlAnswer =
  | { readonly value: unknown; readonly text: string }
  | { readonly error: { readonly code: Failure['code']; readonly message: string } }

/**
 * The Unix socket at which this user's kept local network listens, in a directory that nobody else
 * may enter. Fails with `malformed` where that name is somebody else's.
 */
export async function controlSocket(): Promise<string> {
  const { uid } = userInfo()
  const directory = join(tmpdir(), `society-localnet-${uid}`)
  await mkdir(directory, { recursive: true, mode: userOnly })
  const found = await lstat(directory)
  // Everybody may make names in the directory of temporary files: what lies there may be a trap.
  if (!found.isDirectory() || (uid >= 0 && found.uid !== uid)) {
    throw new Failure('malformed', `${directory} belongs to somebody else: set TMPDIR to your own`)
  }
  if ((found.mode & permissionBits) !== userOnly) await chmod(directory, userOnly)
  return join(directory, 'control')
}
