import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Text files of a checkout: path from its root with forward slashes, to content. */
export type Files = ReadonlyMap<string, string>

/** What a walk leaves out where git cannot be asked; the same as in `.gitignore`. */
const generated = /^(\.git|node_modules|dist|coverage|\.society)$|\.log$/
/** Endings of files that are not text and that no check reads. */
const binary = /\.(png|jpg|ico|gif|woff2|wasm|bin|gz|automerge)$/

const isFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() === true

/** Paths that git has or would add. Empty outside a repository and without git. */
const pathsFromGit = (root: string): readonly string[] => {
  try {
    const output = execFileSync(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    // A file deleted but not yet committed is still listed.
    return output.split('\0').filter((path) => path !== '' && isFile(join(root, path)))
  } catch {
    return []
  }
}

const pathsFromWalk = (root: string, folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (generated.test(entry.name)) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return pathsFromWalk(root, path)
    return entry.isFile() ? [path] : []
  })

/** Paths of all files below `root` that belong to the project, sorted, from git or from a walk. */
const listPaths = (root: string): readonly string[] => {
  const known = pathsFromGit(root)
  return [...new Set(known.length > 0 ? known : pathsFromWalk(root, ''))].sort()
}

/** Reads every text file of the project below `root`. Throws what the file system throws. */
export const readProject = (root: string): Files =>
  new Map(
    listPaths(root)
      .filter((path) => !binary.test(path))
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  )
