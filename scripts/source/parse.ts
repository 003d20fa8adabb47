import { createVirtualFileSystem } from 'typescript/unstable/fs'
import { API } from 'typescript/unstable/sync'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import type { Files } from './files.ts'

/** A parsed TypeScript file: its path in the checkout, text, tree, and all nodes in order. */
export type Source = {
  readonly path: string
  readonly text: string
  readonly tree: SourceFile
  readonly nodes: readonly Node[]
}

/** The compiler's parser, running as a process beside this one until it is closed. */
export type Parser = {
  /** Parses `.ts` and `.tsx` among `files`; a file with syntax errors gives a partial tree. */
  readonly parse: (files: Files) => readonly Source[]
  readonly close: () => void
}

const nodesBelow = (tree: SourceFile): readonly Node[] => {
  const nodes: Node[] = []
  const visit = (node: Node): undefined => {
    nodes.push(node)
    node.forEachChild(visit)
    return undefined
  }
  tree.forEachChild(visit)
  return nodes
}

/**
 * Starts the parser. It reads only the files handed to it, from a file system in memory, and looks
 * neither for libraries nor for what they import: the checks ask for syntax, `tsc` for types.
 */
export const openParser = (): Parser => {
  const memory = createVirtualFileSystem({})
  const api = new API({ cwd: '/', fs: memory })
  let projects = 0
  const parse = (files: Files): readonly Source[] => {
    const folder = `/project-${projects++}`
    const paths = [...files.keys()].filter((path) => /\.tsx?$/.test(path))
    for (const path of paths) memory.writeFile?.(`${folder}/${path}`, files.get(path) ?? '')
    const config = `${folder}/tsconfig.json`
    const compilerOptions = { noLib: true, noResolve: true, types: [], jsx: 'preserve' }
    memory.writeFile?.(config, JSON.stringify({ compilerOptions, files: paths }))
    const program = api.updateSnapshot({ openProjects: [config] }).getProject(config)?.program
    return paths.flatMap((path) => {
      const tree = program?.getSourceFile(`${folder}/${path}`)
      if (tree === undefined) throw new Error(`the compiler did not take ${path}`)
      return [{ path, text: files.get(path) ?? '', tree, nodes: nodesBelow(tree) }]
    })
  }
  return { parse, close: () => api.close() }
}

/** Whether a node is named, as declarations and members are. */
export const hasName = (node: Node): node is Node & { readonly name: Node } =>
  'name' in node && node.name !== undefined

/** Line of a position in a source, counted from 1. */
export const lineAt = (source: Source, position: number): number =>
  source.tree.getLineAndCharacterOfPosition(position).line + 1

/** `path:line` of a node, as editors and terminals link it. */
export const placeOf = (source: Source, node: Node): string =>
  `${source.path}:${lineAt(source, node.getStart(source.tree))}`
