/**
 * Puts single faults into a copy of the checkout, one at a time, and runs the tests that should see
 * them. Exits with 1 if a fault is seen by none, or is not where the table says.
 *
 * Run with `node scripts/planted-faults.ts [--short | --only TEXT | --new] [--write] [--json]`:
 * `--short` plays a dozen from all over the list; `--only` takes the faults whose name or file has
 * the text; `--new` those that the table does not have as caught; `--write` writes what was played
 * into `test/planted-faults.md`; the JSON value ends with `name`, `gate` (how many are to be
 * played), `reached` (how many were, and were caught) and `passed`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { allTests, dozenOf, plantedFaults } from './planted/faults.ts'
import type { PlantedFault } from './planted/planted-fault.ts'
import { Field, planted, type Verdict } from './planted/planting.ts'
import { caughtIn, rowsOf, tableOf, type Result } from './planted/table.ts'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    new: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
/** Least numbers of faults that a run plays: a change of the list must not empty the proof. */
const gates = { all: 36, short: 12, part: 1 } as const
const root = join(import.meta.dirname, '..')
const tableFile = join(root, 'test', 'planted-faults.md')
const { only } = values
const readTable = (): string => (existsSync(tableFile) ? readFileSync(tableFile, 'utf8') : '')
const named = plantedFaults.filter(({ name, file }) => name.includes(only) || file.includes(only))
const caughtBefore = caughtIn(readTable())
const unseen = named.filter(({ name }) => !values.new || !caughtBefore.has(name))
const wanted = values.short ? dozenOf(unseen) : unseen
const isPart = values.new || only !== ''
const gate = { planted: gates[values.short ? 'short' : isPart ? 'part' : 'all'] }
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

/** What is red without any fault tells nothing by being red with one; looked at once a file. */
async function borneOut(field: Field, verdict: Verdict, sound: Set<string>): Promise<Verdict> {
  if (verdict.type !== 'red' || sound.has(verdict.file)) return verdict
  const { type } = await field.test([verdict.file])
  if (type !== 'green') return { type: 'unclear', why: `${verdict.file} is not green without it` }
  sound.add(verdict.file)
  return verdict
}

async function plantAll(field: Field): Promise<readonly Result[]> {
  const results: Result[] = []
  const sound = new Set<string>()
  for (const fault of wanted) {
    const seen = await field.with(fault, () => look(field, fault))
    const verdict = await borneOut(field, seen, sound)
    results.push({ fault, verdict })
    // At once: a run takes long, and what was found must not be lost where it is broken off.
    if (values.write) write(results)
    const caught = verdict.type === 'red' ? `${verdict.file}: ${verdict.test}` : 'SURVIVES'
    const why = verdict.type === 'unclear' ? ` (${verdict.why})` : ''
    say(`${results.length} of ${wanted.length}, ${fault.name}: ${caught}${why}`)
  }
  return results
}

/** Writes what was played into the table; rows of faults that were not played stay. */
function write(results: readonly Result[]): void {
  writeFileSync(tableFile, tableOf(plantedFaults, results, rowsOf(readTable())))
}

if (wanted.length < gate.planted) {
  console.error(`${wanted.length} faults fit, not ${gate.planted}`)
  process.exit(2)
}
// A table that does not fit is told before anything is run.
for (const fault of wanted) planted(readFileSync(join(root, fault.file), 'utf8'), fault)
const startedAt = performance.now()
const field = new Field(root)
try {
  const results = await plantAll(field)
  const caught = results.filter(({ verdict }) => verdict.type === 'red').length
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  const reached = { planted: results.length, caught, seconds }
  const passed = caught === results.length
  const line = `${results.length} faults, ${caught} caught`
  const summary = { line, results, name: 'planted', gate, reached, passed }
  console.log(values.json ? JSON.stringify(summary) : line)
  if (!passed) process.exitCode = 1
} finally {
  field.remove()
}
