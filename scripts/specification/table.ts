import type { Files } from '../source/files.ts'
import type { Source } from '../source/parse.ts'
import { citedByScenarios, citedByTests, type Citation } from './citations.ts'
import { compareRules, rulesTold } from './rules.ts'

/** What the table begins with. */
export const tableHead = `# Where each rule is told and tested

Part of the [specification](README.md). Made by \`npm run rules\` from the numbers that
names of tests and titles of scenarios cite; a test compares. Tests are below \`test/\`,
scenarios below \`test/scenarios/\`.

| Rule | Told in | Held by |
|---|---|---|
`

/** Files without the folders that all of them are in. */
const shortOf = (path: string): string => path.replace(/^test\/(scenarios\/)?/, '')

/** Files that hold each rule, by its number. */
export function heldBy(sources: readonly Source[], files: Files): ReadonlyMap<string, Set<string>> {
  const held = new Map<string, Set<string>>()
  const all: readonly Citation[] = [...citedByTests(sources), ...citedByScenarios(files)]
  for (const { number, path } of all) {
    const known = held.get(number) ?? new Set()
    held.set(number, known.add(path))
  }
  return held
}

/** The text of the table of rules and what holds them. */
export function ruleTable(sources: readonly Source[], files: Files): string {
  const held = heldBy(sources, files)
  const rules = [...rulesTold(files)].sort((a, b) => compareRules(a.number, b.number))
  const rows = rules.map(({ number, path }) => {
    const part = path.slice('protocol/'.length)
    const tests = [...(held.get(number) ?? [])].sort().map((file) => `\`${shortOf(file)}\``)
    return `| ${number} | [${part}](${part}) | ${tests.join(', ')} |\n`
  })
  return tableHead + rows.join('')
}
