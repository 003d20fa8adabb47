import type { PlantedFault } from './planted-fault.ts'
import type { Verdict } from './planting.ts'

/** What became of a fault. */
export type Result = { readonly fault: PlantedFault; readonly verdict: Verdict }

const cell = (text: string): string => text.replaceAll('|', '\\|')
const nobody = 'nothing'

function rowOf({ fault: { name, harm, file }, verdict }: Result): string {
  const caughtBy =
    verdict.type === 'red'
      ? `\`${verdict.file.replace(/^test\//, '')}\`: ${cell(verdict.test)}`
      : nobody
  return `${cell(name)} | \`${file}\` | ${cell(harm)} | ${caughtBy} |`
}

/** The rows of a table that was written before, without their numbers, by name of the fault. */
export function rowsOf(table: string): ReadonlyMap<string, string> {
  const rows = table.matchAll(/^\| \d+ \| (.*)$/gm)
  return new Map([...rows].map(([, row = '']) => [row.split(' | ')[0] ?? '', row]))
}

/** Names of the faults that a table has as caught. */
export function caughtIn(table: string): ReadonlySet<string> {
  const caught = [...rowsOf(table)].filter(([, row]) => !row.endsWith(`| ${nobody} |`))
  return new Set(caught.map(([name]) => name))
}

/**
 * The table of planted faults and what caught each, as Markdown, in the order of the faults. Those
 * that were not played have the row that they had before, if any.
 */
export function tableOf(
  faults: readonly PlantedFault[],
  results: readonly Result[],
  before: ReadonlyMap<string, string>,
): string {
  const played = new Map(results.map((result) => [result.fault.name, rowOf(result)]))
  const rows = faults.flatMap(({ name }) => played.get(name) ?? before.get(cell(name)) ?? [])
  const caught = rows.filter((row) => !row.endsWith(`| ${nobody} |`)).length
  return [
    '# Planted faults',
    '',
    'Single faults that `npm run planted` puts into a copy of the checkout, one at a time, and the',
    'first test that saw each. Written by `npm run planted -- --write`; not to be edited.',
    '',
    `${rows.length} faults, ${caught} caught.`,
    '',
    '| # | Fault | File | Harm | Caught by |',
    '|---|---|---|---|---|',
    ...rows.map((row, i) => `| ${i + 1} | ${row}`),
    '',
  ].join('\n')
}
