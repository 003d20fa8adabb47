/**
 * Runs one row of the table of proofs: `npm run torture -- NAME [--short] [--json]`. Tells how far
 * it is on stderr and the figures on stdout, with `--json` as one JSON value. The long form adds
 * them to `test/torture/ledger.jsonl`. Ctrl-C ends a row early.
 * Exits with 0 if the gate is reached, 1 if not, 2 on usage.
 */
import { parseArgs } from 'node:util'
import { noteInLedger } from './ledger.ts'
import { runRow, type RowResult } from './row.ts'
import { rows } from './rows.ts'

const usage = `usage: npm run torture -- NAME [--short] [--json]
${rows.map(({ name, proof }) => `  ${name.padEnd(11)}${proof}`).join('\n')}`

function given(): { readonly name: string; readonly short: boolean; readonly json: boolean } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
    if (positionals.length === 1) return { name: positionals[0] ?? '', ...values }
  } catch {
    // A flag that is not there: told below.
  }
  return { name: '', short: false, json: false }
}

function linesOf({ name, gate, reached, faults, passed }: RowResult): string {
  const all = Object.entries(reached).map(([what, count]) => {
    const wanted = gate[what] === undefined ? '' : ` (gate ${gate[what]})`
    return `  ${what}: ${count}${wanted}`
  })
  return [`${name}: ${passed ? 'passed' : 'NOT passed'}`, ...all, ...faults].join('\n')
}

const { name, short, json } = given()
const row = rows.find((one) => one.name === name)
if (row === undefined) {
  console.error(usage)
  process.exit(2)
}
let isOver = false
process.once('SIGINT', () => (isOver = true))
const tell = (text: string): void => void process.stderr.write(`${row.name}: ${text}\n`)
const result = await runRow(row, short, tell, () => isOver)
if (!short) noteInLedger(result)
console.log(json ? JSON.stringify(result) : linesOf(result))
// Children that hang would keep this process; what they did is told.
process.exit(result.passed ? 0 : 1)
