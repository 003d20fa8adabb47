import {
  isIdentifier,
  isObjectLiteralExpression,
  isPropertyAssignment,
  isStringLiteral,
  isVariableStatement,
} from 'typescript/unstable/ast'
import type { Source } from '../../scripts/source/parse.ts'
import type { Check, House } from './tidy-house.ts'

const codesPath = 'protocol/codes.ts'
const specificationPath = 'protocol/README.md'

/**
 * Codes that only a real device, process or store gives, each with the test that has it given; all
 * others are given by the rules and the replica alone.
 */
const givenByTheWorld: Readonly<Record<string, string>> = {
  'source-unavailable': 'test/node/sunspec.test.ts',
  'source-nonsense': 'test/node/sunspec.test.ts',
  'wrong-passphrase': 'test/node/keys.test.ts',
  'port-in-use': 'test/node/network-libp2p.test.ts',
  'directory-in-use': 'test/node/directory-lock.test.ts',
  'file-refused': 'test/node/cli-files.test.ts',
  'store-damaged': 'test/node/store-damage.test.ts',
  'peer-unavailable': 'test/contracts/network.ts',
  'too-large': 'test/node/api.test.ts',
  'unsupported-version': 'test/node/keys.test.ts',
  'no-node': 'test/node/cli.test.ts',
  internal: 'test/node/api.test.ts',
}

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

/**
 * Codes that a test names as what it expects: in quotes, alone or behind an exit code; or behind
 * `refused:` in a scenario.
 */
const codesExpected = ({ files, sources }: House, path: RegExp): ReadonlySet<string> => {
  const expected = sources
    .filter((source) => path.test(source.path))
    .flatMap(({ nodes }) =>
      nodes.flatMap((node) => (isStringLiteral(node) ? [node.text.replace(/^\d /, '')] : [])),
    )
  const refused = [...files]
    .filter(([name]) => path.test(name) && name.endsWith('.yaml'))
    .flatMap(([, text]) => [...text.matchAll(/refused: ([a-z-]+)/g)].map(([, code = '']) => code))
  return new Set([...expected, ...refused])
}

/** Every error code is given at least once where a test expects it. */
export const unmetCodes: Check = (house) => {
  const source = house.sources.find(({ path }) => path === codesPath)
  const codes = source === undefined ? [] : codesIn(source)
  const met = codesExpected(house, /^test\/(protocol|src|replica|scenarios)\//)
  return codes.flatMap((code) => {
    const path = givenByTheWorld[code]
    if (path === undefined) {
      return met.has(code) ? [] : [`${codesPath}: no test of the rules expects ${code}`]
    }
    const found = codesExpected(house, new RegExp(`^${path.replaceAll('.', '\\.')}$`)).has(code)
    return found ? [] : [`${codesPath}: ${path} does not expect ${code}`]
  })
}
