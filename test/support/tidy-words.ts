import {
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isRegularExpressionLiteral,
  isStringLiteral,
  isTemplateHead,
  isTemplateMiddleOrTemplateTail,
  SyntaxKind,
} from 'typescript/unstable/ast'
import type { Node } from 'typescript/unstable/ast'
import { placeOf } from '../../scripts/source/parse.ts'
import type { Source } from '../../scripts/source/parse.ts'
import { codeFiles, ringOf } from './tidy-house.ts'
import type { Check } from './tidy-house.ts'

/** Promises to do it later, and orders to the tools to look away. */
const unfinished =
  /\b(TODO|FIXME|XXX|HACK)\b|\b(ox|es)lint-disable|@ts-(ignore|expect-error|nocheck)\b/

const isText = (node: Node): boolean =>
  isStringLiteral(node) ||
  isNoSubstitutionTemplateLiteral(node) ||
  isTemplateHead(node) ||
  isTemplateMiddleOrTemplateTail(node) ||
  isRegularExpressionLiteral(node)

/** The source with its literals blanked, so that a test may speak of what a comment may not. */
const withoutLiterals = (source: Source): string => {
  let text = ''
  for (const node of source.nodes.filter(isText)) {
    const start = node.getStart(source.tree)
    text += source.text.slice(text.length, start)
    text += source.text.slice(start, node.end).replaceAll(/[^\n]/g, ' ')
  }
  return text + source.text.slice(text.length)
}

/** Nothing lands that is to be done later or that silences a tool. */
export const unfinishedWork: Check = ({ files, sources }) => {
  const blanked = new Map(sources.map((source) => [source.path, withoutLiterals(source)]))
  return codeFiles(files).flatMap(([path, text]) =>
    (blanked.get(path) ?? text).split('\n').flatMap((line, index) => {
      const word = unfinished.exec(line)?.[0]
      return word === undefined ? [] : [`${path}:${index + 1}: ${word}`]
    }),
  )
}

const skips: ReadonlySet<string> = new Set(['skip', 'only', 'todo', 'skipIf', 'runIf'])

/** Every test runs, on every machine. */
export const skippedTests: Check = ({ sources }) =>
  sources
    .filter(({ path }) => ringOf(path) === 'test')
    .flatMap((source) =>
      source.nodes.flatMap((node) =>
        isPropertyAccessExpression(node) && skips.has(node.name.text)
          ? [`${placeOf(source, node)}: ${node.getText(source.tree)}`]
          : [],
      ),
    )

/** Nothing escapes the type checker. */
export const anyTypes: Check = ({ sources }) =>
  sources.flatMap((source) =>
    source.nodes
      .filter((node) => node.kind === SyntaxKind.AnyKeyword)
      .map((node) => `${placeOf(source, node)}: any`),
  )
