import {
  citedByCode,
  citedByScenarios,
  citedBySpecification,
  citedByTests,
} from '../../scripts/specification/citations.ts'
import { rulesTold, tablePath } from '../../scripts/specification/rules.ts'
import { heldBy, ruleTable } from '../../scripts/specification/table.ts'
import type { Check } from './tidy-house.ts'

/** Every rule has one number of its own. */
export const rulesToldTwice: Check = ({ files }) => {
  const told = rulesTold(files)
  const first = new Map(told.toReversed().map((rule) => [rule.number, rule]))
  return told
    .filter((rule) => first.get(rule.number) !== rule)
    .map(({ number, path, line }) => `${path}:${line}: ${number} is told elsewhere already`)
}

/** Every rule is held by a test or a scenario that cites it. */
export const untestedRules: Check = ({ files, sources }) => {
  const held = heldBy(sources, files)
  return rulesTold(files)
    .filter(({ number }) => !held.has(number))
    .map(({ number, path, line }) => `${path}:${line}: no test cites ${number}`)
}

/** Whoever cites a rule cites one that is told. */
export const unknownRules: Check = ({ files, sources }) => {
  const told = new Set(rulesTold(files).map(({ number }) => number))
  const cited = [
    ...citedByTests(sources),
    ...citedByScenarios(files),
    ...citedByCode(files),
    ...citedBySpecification(files),
  ]
  return cited
    .filter(({ number }) => !told.has(number))
    .map(({ number, path, line }) => `${path}:${line}: there is no rule ${number}`)
}

/** The table of rules and tests is what it would be made as today. */
export const outdatedRuleTable: Check = ({ files, sources }) =>
  files.get(tablePath) === ruleTable(sources, files)
    ? []
    : [`${tablePath}: not what \`npm run rules\` makes`]
