import { posix } from 'node:path'
import {
  isCallExpression,
  isExportDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isStringLiteral,
  SyntaxKind,
} from 'typescript/unstable/ast'
import type { Node } from 'typescript/unstable/ast'
import { placeOf } from './parse.ts'
import type { Source } from './parse.ts'

/** One import: who, as written, and the file in the checkout it means (`''` for a package). */
export type Import = {
  readonly from: string
  readonly place: string
  readonly specifier: string
  readonly target: string
}

/** What stands in for the module's name where it is computed when the program runs. */
const computedSpecifier = '(computed)'

/** The module a node imports as it is written, or undefined where the node imports nothing. */
const specifierOf = (node: Node): string | undefined => {
  if (isImportDeclaration(node) || isExportDeclaration(node)) {
    const module = node.moduleSpecifier
    return module !== undefined && isStringLiteral(module) ? module.text : undefined
  }
  if (isImportTypeNode(node)) {
    const { argument } = node
    if (isLiteralTypeNode(argument) && isStringLiteral(argument.literal)) {
      return argument.literal.text
    }
    return computedSpecifier
  }
  if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
    const [module] = node.arguments
    return module !== undefined && isStringLiteral(module) ? module.text : computedSpecifier
  }
  return undefined
}

/** Every import of the sources, for types or at run time, static or dynamic, in order. */
export const importsOf = (sources: readonly Source[]): readonly Import[] =>
  sources.flatMap((source) =>
    source.nodes.flatMap((node) => {
      const specifier = specifierOf(node)
      if (specifier === undefined) return []
      const target = specifier.startsWith('.')
        ? posix.join(posix.dirname(source.path), specifier)
        : ''
      return [{ from: source.path, place: placeOf(source, node), specifier, target }]
    }),
  )

/** Shortest way along the imports from a file back to itself; empty if there is none. */
const circleThrough = (
  start: string,
  targets: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] => {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const file of queue) {
    for (const target of targets.get(file) ?? []) {
      if (!cameFrom.has(target)) {
        cameFrom.set(target, file)
        queue.push(target)
      }
    }
    if (cameFrom.has(start)) break
  }
  if (!cameFrom.has(start)) return []
  const way = [start]
  do way.unshift(cameFrom.get(way[0] ?? start) ?? start)
  while (way[0] !== start)
  return way
}

/** Circles of imports, each from a file back to it; none names only files of circles before it. */
export const circlesIn = (imports: readonly Import[]): readonly (readonly string[])[] => {
  const targets = new Map<string, Set<string>>()
  for (const { from, target } of imports) {
    if (target !== '') targets.set(from, (targets.get(from) ?? new Set()).add(target))
  }
  const reported = new Set<string>()
  const circles: (readonly string[])[] = []
  for (const file of [...targets.keys()].sort()) {
    const circle = reported.has(file) ? [] : circleThrough(file, targets)
    if (circle.some((member) => !reported.has(member))) circles.push(circle)
    for (const member of circle) reported.add(member)
  }
  return circles
}
