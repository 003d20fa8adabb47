/**
 * Puts single faults into a copy of the checkout, one at a time, and runs the tests that should see
 * them. Exits with 1 if a fault is seen by none, or is not where the table says.
 *
 * Run with `node scripts/planted-faults.ts [--only TEXT] [--write] [--json]`; `--only` takes the
 * faults whose name or file contains the text, `--write` writes `test/planted-faults.md`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { allTests, plantedFaults } from './planted/faults.ts'
import type { PlantedFault } from './planted/planted-fault.ts'
import { Field, planted, type Verdict } from './planted/planting.ts'
import { tableOf, type Result } from './planted/table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const root = join(import.meta.dirname, '..')
const { only } = values
const wanted = plantedFaults.filter(({ name, file }) => name.includes(only) || file.includes(only))
const say = (line: string): void => {
  if (!values.json) console.log(line)
}

/** Runs the tests of a fault, likeliest first, then all others, until one fails. */
async function look(field: Field, fault: PlantedFault): Promise<Verdict> {
  let last: Verdict = { type: 'green' }
  for (const file of fault.tests) {
    last = await field.test([file])
    if (last.type === 'red') return last
  }
  const rest = await field.test(allTests)
  return rest.type === 'green' ? last : rest
}

async function plantAll(field: Field): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const fault of wanted) {
    const verdict = await field.with(fault, () => look(field, fault))
    results.push({ fault, verdict })
    const caught = verdict.type === 'red' ? `${verdict.file}: ${verdict.test}` : 'SURVIVES'
    const why = verdict.type === 'unclear' ? ` (${verdict.why})` : ''
    say(`${results.length} of ${wanted.length}, ${fault.name}: ${caught}${why}`)
  }
  return results
}

// A table that does not fit is told before anything is run.
for (const fault of wanted) planted(readFileSync(join(root, fault.file), 'utf8'), fault)
const field = new Field(root)
try {
  const files = [...new Set(wanted.flatMap(({ tests }) => tests))]
  const control = await field.test(files)
  if (control.type !== 'green') {
    throw new TypeError(`the tests are not green without any fault: ${JSON.stringify(control)}`)
  }
  const results = await plantAll(field)
  const survivors = results.filter(({ verdict }) => verdict.type !== 'red')
  const line = `${results.length} faults, ${results.length - survivors.length} caught`
  if (values.write) writeFileSync(join(root, 'test', 'planted-faults.md'), tableOf(results))
  if (values.json) console.log(JSON.stringify({ line, results }))
  else console.log(line)
  if (survivors.length > 0) process.exitCode = 1
} finally {
  field.remove()
}
