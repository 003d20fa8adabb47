import {
  isExportAssignment,
  isExportDeclaration,
  isFunctionDeclaration,
  isNamedExports,
  isVariableStatement,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { getLeadingCommentRanges } from 'typescript/unstable/ast/scanner'
import type { Node } from 'typescript/unstable/ast'
import { hasName, placeOf } from '../../scripts/source/parse.ts'
import type { Source } from '../../scripts/source/parse.ts'
import type { Check } from './tidy-house.ts'

const hasModifier = (node: Node, kind: SyntaxKind): boolean =>
  'modifiers' in node &&
  Array.isArray(node.modifiers) &&
  node.modifiers.some((modifier: Node) => modifier.kind === kind)

/** Whether a docstring that says something ends on the line above the statement. */
const isDocumented = (source: Source, statement: Node): boolean => {
  const last = (getLeadingCommentRanges(source.text, statement.pos) ?? []).at(-1)
  if (last === undefined) return false
  const comment = source.text.slice(last.pos, last.end)
  const gap = source.text.slice(last.end, statement.getStart(source.tree))
  return /^\/\*\*[^a-z]*[a-z]/i.test(comment) && /^[^\n]*\n?[^\n]*$/.test(gap)
}

/** Names a statement declares: several for `const a = 1, b = 2`, none if it declares nothing. */
const namesOf = (source: Source, statement: Node): readonly string[] => {
  if (isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((one) => one.name.getText(source.tree))
  }
  return hasName(statement) ? [statement.name.getText(source.tree)] : []
}

/** Names that the file exports by `export { a, b }` after declaring them. */
const exportedLater = (source: Source): ReadonlySet<string> =>
  new Set(
    source.tree.statements.flatMap((statement) => {
      if (!isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return []
      const clause = statement.exportClause
      if (clause === undefined || !isNamedExports(clause)) return []
      return clause.elements.map((one) => (one.propertyName ?? one.name).getText(source.tree))
    }),
  )

/** The signatures and the body of an overloaded function share the docstring of the first. */
const isOverload = (source: Source, statement: Node): boolean => {
  const { statements } = source.tree
  const before = statements[statements.findIndex((one) => one === statement) - 1]
  return (
    before !== undefined &&
    isFunctionDeclaration(before) &&
    before.body === undefined &&
    namesOf(source, before)[0] === namesOf(source, statement)[0]
  )
}

/** What a file shows to the outside itself; a door's re-exports are told where they come from. */
const exportedStatements = (source: Source): readonly Node[] => {
  const later = exportedLater(source)
  const isDoor = source.path.endsWith('/index.ts')
  return source.tree.statements.filter((statement) => {
    if (isExportDeclaration(statement)) return !isDoor && statement.moduleSpecifier !== undefined
    const isExported =
      hasModifier(statement, SyntaxKind.ExportKeyword) ||
      namesOf(source, statement).some((name) => later.has(name))
    return isExported && !isOverload(source, statement)
  })
}

/** Every exported declaration has a docstring right above it. */
export const undocumentedExports: Check = ({ sources }) =>
  sources
    .filter((source) => !source.path.endsWith('.d.ts'))
    .flatMap((source) =>
      exportedStatements(source)
        .filter((statement) => !isDocumented(source, statement))
        .map((statement) => {
          const names = namesOf(source, statement).join(', ') || 're-export'
          return `${placeOf(source, statement)}: ${names} has no docstring right above`
        }),
    )

const isDefault = (source: Source, statement: Node): boolean =>
  isExportAssignment(statement) ||
  hasModifier(statement, SyntaxKind.DefaultKeyword) ||
  (isExportDeclaration(statement) && /\bas default\b/.test(statement.getText(source.tree)))

/** Exports have names; only the tools' own files at the root are asked for a default. */
export const defaultExports: Check = ({ sources }) =>
  sources
    .filter(({ path }) => !/^[^/]+\.config\.ts$/.test(path))
    .flatMap((source) =>
      source.tree.statements
        .filter((statement) => isDefault(source, statement))
        .map((statement) => `${placeOf(source, statement)}: default export`),
    )
