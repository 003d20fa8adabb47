import {
  isCallExpression,
  isFunctionLikeDeclaration,
  isIdentifier,
  isPropertyAccessExpression,
} from 'typescript/unstable/ast'
import type { Node } from 'typescript/unstable/ast'
import {
  fileLinesMax,
  functionLinesMax,
  lineColumnsMax,
  lineCount,
} from '../../scripts/source/limits.ts'
import { lineAt, placeOf } from '../../scripts/source/parse.ts'
import type { Source } from '../../scripts/source/parse.ts'
import { codeFiles } from './tidy-house.ts'
import type { Check } from './tidy-house.ts'

/** No line is longer than a screen or a diff shows. */
export const longLines: Check = ({ files }) =>
  codeFiles(files).flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => {
      const columns = line.length
      return columns > lineColumnsMax ? [`${path}:${index + 1}: ${columns} columns`] : []
    }),
  )

/** No file is longer than one can keep in mind. */
export const longFiles: Check = ({ files }) =>
  codeFiles(files).flatMap(([path, text]) =>
    lineCount(text) > fileLinesMax ? [`${path}: ${lineCount(text)} lines`] : [],
  )

const linesOf = (source: Source, node: Node): number =>
  lineAt(source, node.end) - lineAt(source, node.getStart(source.tree)) + 1

const testNames: ReadonlySet<string> = new Set(['describe', 'it', 'test'])

/** `describe(...)`, `it(...)` and their variants such as `it.each(...)(...)`. */
const isTestCall = (node: Node): boolean => {
  if (!isCallExpression(node)) return false
  let callee: Node = node.expression
  while (isPropertyAccessExpression(callee) || isCallExpression(callee)) callee = callee.expression
  return isIdentifier(callee) && testNames.has(callee.text)
}

/** Lines of the outermost tests inside a node: each is a piece of its own, with its own limit. */
const testLinesIn = (source: Source, node: Node): number => {
  let lines = 0
  const visit = (child: Node): undefined => {
    if (isTestCall(child)) lines += linesOf(source, child)
    else child.forEachChild(visit)
    return undefined
  }
  node.forEachChild(visit)
  return lines
}

/** No function is longer than one sees at once. */
export const longFunctions: Check = ({ sources }) =>
  sources.flatMap((source) =>
    source.nodes.flatMap((node) => {
      if (!isFunctionLikeDeclaration(node)) return []
      const all = linesOf(source, node)
      if (all <= functionLinesMax) return []
      const lines = all - testLinesIn(source, node)
      return lines > functionLinesMax ? [`${placeOf(source, node)}: ${lines} lines`] : []
    }),
  )
