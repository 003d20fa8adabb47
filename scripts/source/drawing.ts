import { posix } from 'node:path'
import type { Import } from './imports.ts'

const arrow = (imported: Import): string =>
  `${posix.dirname(imported.from)} ${posix.dirname(imported.target)}`

const nodeId = (folder: string): string => folder.replaceAll(/[^a-z0-9]/gi, '_')

const box = (folder: string, fileCount: number): string =>
  `    ${nodeId(folder)}["${folder}<br/>${fileCount} ${fileCount === 1 ? 'file' : 'files'}"]`

/**
 * Draws which folder imports from which, as a Mermaid flowchart. `paths` are the files to show;
 * each folder of them is a box inside its ring's frame, each arrow bears its number of imports.
 */
export const drawImports = (paths: readonly string[], imports: readonly Import[]): string => {
  const fileCounts = new Map<string, number>()
  for (const path of paths) {
    const folder = posix.dirname(path)
    fileCounts.set(folder, (fileCounts.get(folder) ?? 0) + 1)
  }
  const importCounts = new Map<string, number>()
  for (const imported of imports) {
    const [from = '', to = ''] = arrow(imported).split(' ')
    if (from !== to && fileCounts.has(from) && fileCounts.has(to)) {
      importCounts.set(arrow(imported), (importCounts.get(arrow(imported)) ?? 0) + 1)
    }
  }
  const folders = [...fileCounts.keys()].sort()
  const rings = new Set(folders.map((folder) => folder.split('/')[0] ?? folder))
  const frames = [...rings].flatMap((ring) => [
    `  subgraph ring_${nodeId(ring)}["${ring}/"]`,
    ...folders
      .filter((folder) => folder === ring || folder.startsWith(`${ring}/`))
      .map((folder) => box(folder, fileCounts.get(folder) ?? 0)),
    '  end',
  ])
  const arrows = [...importCounts.keys()].sort().map((key) => {
    const [from = '', to = ''] = key.split(' ')
    return `  ${nodeId(from)} -->|${importCounts.get(key) ?? 0}| ${nodeId(to)}`
  })
  return ['flowchart LR', ...frames, ...arrows].join('\n')
}
