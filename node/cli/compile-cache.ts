import { existsSync, mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Has Node keep what it compiles, so that commands start in half the time. In the user's own cache
 * folder: what lies there is run, so not in a folder that others may write to. Where that cannot
 * be written, nothing is kept.
 */
export function keepCompiled(): void {
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env
  const home = homedir()
  if (NODE_COMPILE_CACHE !== undefined || !existsSync(home)) return
  // An empty variable is one that was not set.
  const caches = XDG_CACHE_HOME ? XDG_CACHE_HOME : join(home, '.cache')
  const directory = join(caches, 'society')
  try {
    // One at a time: below /proc, Node 24 tries for ever to make a folder and those above it.
    for (const path of [caches, directory]) if (!existsSync(path)) mkdirSync(path, { mode: 0o700 })
  } catch {
    return
  }
  enableCompileCache(directory)
}
