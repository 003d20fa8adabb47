import type { PlantedFault } from './planted-fault.ts'
import type { Verdict } from './planting.ts'

/** What became of a fault. */
export type Result = { readonly fault: PlantedFault; readonly verdict: Verdict }

const cell = (text: string): string => text.replaceAll('|', '\\|')

function caughtBy(verdict: Verdict): string {
  return verdict.type === 'red'
    ? `\`${verdict.file.replace(/^test\//, '')}\`: ${verdict.test}`
    : 'nothing'
}

/** The table of planted faults and what caught each, as Markdown. */
export function tableOf(results: readonly Result[]): string {
  const caught = results.filter(({ verdict }) => verdict.type === 'red').length
  const rows = results.map(
    ({ fault: { name, harm, file }, verdict }, i) =>
      `| ${i + 1} | ${cell(name)} | \`${file}\` | ${cell(harm)} | ${cell(caughtBy(verdict))} |`,
  )
  return [
    '# Planted faults',
    '',
    'Single faults that `npm run planted` puts into a copy of the checkout, one at a time, and the',
    'first test that saw each. Written by `npm run planted -- --write`; not to be edited.',
    '',
    `${results.length} faults, ${caught} caught.`,
    '',
    '| # | Fault | File | Harm | Caught by |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
