import { isAbsolute, join, normalize } from 'node:path'
import { Failure } from '../../src/index.ts'
import { parseConfig } from '../config/config.ts'
import { nodeFiles } from '../config/directory.ts'

/** What the names of such files begin with in a backup. */
const mark = 'devices/'

/** Files that `devices` of a `config.yaml` names, each once; none where it is not legal. */
export function deviceFilesIn(configText: string): readonly string[] {
  try {
    const { makers, certificate, key } = parseConfig(configText, 'config.yaml').devices
    return [...new Set([...makers, certificate, key])].filter((name) => name !== '')
  } catch (error) {
    // A node whose configuration is to be mended yet is backed up all the same.
    if (error instanceof Failure) return []
    throw error
  }
}

/** Whether a name leads to a file within the node's directory that is none of the node's own. */
function isWithin(name: string): boolean {
  const path = normalize(name)
  const own = Object.values(nodeFiles('.'))
  const isOwn = own.some((each) => path === each || path.startsWith(`${each}/`))
  return !isAbsolute(path) && path !== '.' && !/^\.\.(\/|$)/.test(path) && !isOwn
}

/**
 * The name in a backup of a file that `devices` names; undefined for one outside of the node's
 * directory, which a backup has no business to bring back.
 */
export function entryNameOf(name: string): string | undefined {
  return isWithin(name) ? `${mark}${normalize(name)}` : undefined
}

/** Where an entry of that name belongs; undefined where it is no such entry. */
export function placeOfEntry(directory: string, entryName: string): string | undefined {
  const name = entryName.slice(mark.length)
  return entryName.startsWith(mark) && entryNameOf(name) === entryName
    ? join(directory, name)
    : undefined
}

/** Files that a configuration names and a backup of such entries lacks. */
export function lackingIn(configText: string, entries: ReadonlySet<string>): readonly string[] {
  return deviceFilesIn(configText).filter((name) => !entries.has(entryNameOf(name) ?? ''))
}
