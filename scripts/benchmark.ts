/**
 * Measures what this node does beside the machine's own limits, and with `--peers` beside other
 * systems, in turns, and prints the ratios. Progress goes to stderr.
 *
 * Run with `npm run benchmark -- [--json] [--peers] [--long] [--only WORK] [--rounds N] [--check]
 * [--keep] [--scale PART] [--profile FOLDER]`.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { keepBaseline, readBaseline, worseThan } from './benchmark/baseline.ts'
import { roundsDefault, runTrial } from './benchmark/contest.ts'
import { equivocationTable } from './benchmark/equivocations.ts'
import { loadNow, machineOf } from './benchmark/machine.ts'
import { drawGrowth, growthOf } from './benchmark/growth.ts'
import { installPeers } from './benchmark/peers/install.ts'
import { describeMachine, rowsOf, tableOf, type Report } from './benchmark/report.ts'
import type { Measured } from './benchmark/trial.ts'
import { trialsAt, whole } from './benchmark/works.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    only: { type: 'string' },
    profile: { type: 'string' },
    rounds: { type: 'string', default: String(roundsDefault) },
    scale: { type: 'string', default: '1' },
  },
})
const rounds = Number(values.rounds)
const part = Number(values.scale)
if (!Number.isSafeInteger(rounds) || rounds < 1 || !(part > 0 && part <= 1)) {
  console.error('--rounds is a whole number from 1, --scale a part of all work above 0 and up to 1')
  process.exit(2)
}
const baselineFile = new URL('benchmark/baseline.json', import.meta.url)
const tell = (line: string): void => console.error(line)
const loadBefore = loadNow()
const installed = values.peers ? await installPeers(tell) : { versions: {} }
const { only, profile } = values
const scale = { part, nodes: part < 1 ? 2 : whole.nodes }
const trials = trialsAt(scale).filter(
  ({ rows, isLong }) =>
    (only === undefined || rows.some(({ work }) => work.includes(only))) &&
    (values.long || isLong !== true),
)
if (trials.length === 0) {
  console.error(`--only ${only} is part of no work's name; some take --long`)
  process.exit(2)
}
const measured: Measured[] = []
for (const [at, trial] of trials.entries()) {
  tell(`${at + 1} of ${trials.length}: ${trial.rows[0]?.work}`)
  measured.push(...(await runTrial(trial, { withPeers: values.peers, rounds, tell, profile })))
}
const machine = machineOf(rounds, loadBefore, installed.versions)
const report: Report = { machine, rows: rowsOf(measured) }
if (values.json) console.log(JSON.stringify(report))
else console.log([describeMachine(machine), '', tableOf(measured)].join('\n'))
if (values.peers && !values.json) console.log(['', ...(await equivocationTable())].join('\n'))
const baseline = readBaseline(baselineFile)
if (values.keep) {
  const kept = keepBaseline(baselineFile, measured, baseline)
  const rows = trialsAt(whole).flatMap((trial) => trial.rows)
  writeFileSync(new URL('benchmark/growth.svg', import.meta.url), drawGrowth(growthOf(kept, rows)))
}
if (values.check) {
  const worse = worseThan(baseline, measured)
  for (const line of worse) console.error(`worse: ${line}`)
  if (worse.length > 0) process.exitCode = 1
}
