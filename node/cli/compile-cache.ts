import { existsSync, mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The folder in which Node may keep what it compiles, made where it is not there yet: in the user's
 * own cache, for what lies there is run, so not where others may write. Undefined where the
 * operator has named another, or where it cannot be made.
 */
export function compiledFolder(): string | undefined {
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env
  const home = homedir()
  if (NODE_COMPILE_CACHE !== undefined || !existsSync(home)) return undefined
  // An empty variable is one that was not set.
  const caches = XDG_CACHE_HOME ? XDG_CACHE_HOME : join(home, '.cache')
  const directory = join(caches, 'society')
  try {
    // One at a time: below /proc, Node 24 tries for ever to make a folder and those above it.
    for (const path of [caches, directory]) if (!existsSync(path)) mkdirSync(path, { mode: 0o700 })
  } catch {
    return undefined
  }
  return directory
}

/**
 * Has Node keep what it compiles, so that commands start in half the time. Where that cannot be
 * written, nothing is kept.
 */
export function keepCompiled(): void {
  const directory = compiledFolder()
  if (directory !== undefined) enableCompileCache(directory)
}
