import {
  isCallExpression,
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isStringLiteral,
} from 'typescript/unstable/ast'
import type { Node } from 'typescript/unstable/ast'
import type { Files } from '../source/files.ts'
import { lineAt, type Source } from '../source/parse.ts'
import { rulesNamedIn } from './rules.ts'

/** A rule that something says it is about. */
export type Citation = { readonly number: string; readonly path: string; readonly line: number }

const testNames: ReadonlySet<string> = new Set(['describe', 'it', 'test'])

/** The name of a test or of a group of tests: `it('...')`, `test.each(...)('...')`. */
function nameOfTest(node: Node): string | undefined {
  if (!isCallExpression(node)) return undefined
  let callee: Node = node.expression
  while (isPropertyAccessExpression(callee) || isCallExpression(callee)) callee = callee.expression
  if (!isIdentifier(callee) || !testNames.has(callee.text)) return undefined
  const [first] = node.arguments
  if (first === undefined) return undefined
  return isStringLiteral(first) || isNoSubstitutionTemplateLiteral(first) ? first.text : undefined
}

/** Rules named in the names of tests. */
export function citedByTests(sources: readonly Source[]): readonly Citation[] {
  return sources.flatMap((source) => {
    if (!source.path.startsWith('test/')) return []
    return source.nodes.flatMap((node) => {
      const line = lineAt(source, node.getStart(source.tree))
      return rulesNamedIn(nameOfTest(node) ?? '').map((number) => ({
        number,
        path: source.path,
        line,
      }))
    })
  })
}

/** Rules named in the titles of scenario files. */
export function citedByScenarios(files: Files): readonly Citation[] {
  return [...files].flatMap(([path, text]) => {
    if (!/^test\/scenarios\/.*\.yaml$/.test(path)) return []
    return text.split('\n').flatMap((line, index) => {
      if (!line.startsWith('scenario:')) return []
      return rulesNamedIn(line).map((number) => ({ number, path, line: index + 1 }))
    })
  })
}

/** Rules named in brackets in comments of the code, such as `(R40)`. */
export function citedByCode(files: Files): readonly Citation[] {
  return [...files].flatMap(([path, text]) => {
    if (!/^(protocol|src|node)\/.*\.ts$/.test(path)) return []
    return text.split('\n').flatMap((line, index) => {
      if (!/^\s*(\/\/|\/?\*)/.test(line)) return []
      const bracketed = line.match(/\([A-Z]\d{1,3}(?:(?:, | to | and )[A-Z]\d{1,3})*\)/g) ?? []
      return rulesNamedIn(bracketed.join(' ')).map((number) => ({ number, path, line: index + 1 }))
    })
  })
}

/** Rules that the parts of the specification name, told there or not. */
export function citedBySpecification(files: Files): readonly Citation[] {
  return [...files].flatMap(([path, text]) => {
    if (!/^protocol\/README(-[a-z]+)?\.md$/.test(path)) return []
    return text
      .split('\n')
      .flatMap((line, index) =>
        rulesNamedIn(line).map((number) => ({ number, path, line: index + 1 })),
      )
  })
}
