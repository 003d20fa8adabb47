import {
  isIdentifier,
  isObjectLiteralExpression,
  isPropertyAssignment,
  isStringLiteral,
  isVariableStatement,
} from 'typescript/unstable/ast'
import type { Source } from '../../scripts/source/parse.ts'
import type { Check } from './tidy-house.ts'

const codesPath = 'protocol/codes.ts'
const specificationPath = 'protocol/README.md'

/** Keys of the object `codes`. */
const codesIn = (source: Source): readonly string[] =>
  source.tree.statements.flatMap((statement) => {
    if (!isVariableStatement(statement)) return []
    const [declaration] = statement.declarationList.declarations
    const table = declaration?.initializer
    if (declaration?.name.getText(source.tree) !== 'codes' || table === undefined) return []
    if (!isObjectLiteralExpression(table)) return []
    return table.properties.flatMap((property) =>
      isPropertyAssignment(property) &&
      (isIdentifier(property.name) || isStringLiteral(property.name))
        ? [property.name.text]
        : [],
    )
  })

/** First cells of every Markdown table whose first column is headed `Code` or `code`. */
const codesTold = (specification: string): readonly string[] => {
  const told: string[] = []
  let isInTable = false
  for (const line of specification.split('\n')) {
    const first = /^\s*\|([^|]*)\|/.exec(line)?.[1]?.trim()
    if (first === undefined) isInTable = false
    else if (/^(error )?code$/i.test(first)) isInTable = true
    else if (isInTable && !/^:?-+:?$/.test(first)) told.push(first.replaceAll('`', ''))
  }
  return told
}

/** The specification's table has every error code, each once, and no other. */
export const untoldCodes: Check = ({ files, sources }) => {
  const source = sources.find(({ path }) => path === codesPath)
  const specification = files.get(specificationPath)
  if (source === undefined) return [`${codesPath}: missing`]
  if (specification === undefined) return [`${specificationPath}: missing`]
  const codes = codesIn(source)
  if (codes.length === 0) return [`${codesPath}: no table of codes in it`]
  const told = codesTold(specification)
  return [
    ...codes
      .filter((code) => !told.includes(code))
      .map((code) => `${specificationPath}: no row for the code ${code}`),
    ...told
      .filter((code, index) => !codes.includes(code) || told.indexOf(code) !== index)
      .map((code) => `${specificationPath}: a row for ${code}, which is unknown or has one`),
  ]
}
