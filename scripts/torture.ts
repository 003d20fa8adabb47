/**
 * Tortures simulated worlds: real replicas on a virtual clock, with every fault and lie that the
 * simulator knows, one world to a seed. Exits with 1 if anything that must hold did not.
 *
 * Run with `node scripts/torture.ts --seeds 1000 [--first 1] [--hours 1] [--json]`, or with
 * `--replay FILE` for a run that was kept.
 */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { createVerifier } from '../node/keys/zip215-verifier.ts'
import { keepSeed, readSeed } from '../node/simulate/torture/kept-seed.ts'
import { planOf } from '../node/simulate/torture/plan.ts'
import { runPlan, type Outcome } from '../node/simulate/torture/run.ts'
import { sharedVerifier } from '../node/simulate/torture/shared-verifier.ts'
import { shrinkPlan } from '../node/simulate/torture/shrink.ts'
import { linesOf, summaryOf } from '../node/simulate/torture/summary.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
    hours: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    replay: { type: 'string' },
  },
})
const seeds = Number(values.seeds)
const first = Number(values.first)
const hours = Number(values.hours)
if (![seeds, first].every(Number.isSafeInteger) || !(hours > 0) || seeds < 1) {
  console.error('--seeds and --first are integers, --hours is a number above 0')
  process.exit(2)
}
const verifier = (): ReturnType<typeof sharedVerifier> => sharedVerifier(createVerifier())
const seedsFolder = join(import.meta.dirname, '..', 'test', 'seeds')

/** Plays all seeds on as many threads as there are cores. */
async function playAll(): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  let next = first
  const threads = Math.min(availableParallelism(), seeds)
  const file = new URL('../node/simulate/torture/worker.ts', import.meta.url)
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(file)
      while (next < first + seeds) {
        const seed = next++
        worker.postMessage({ seed, hours })
        const [outcome] = (await once(worker, 'message')) as [Outcome]
        outcomes.push(outcome)
        if (process.stderr.isTTY) process.stderr.write(`\r${outcomes.length} of ${seeds}`)
      }
      await worker.terminate()
    }),
  )
  if (process.stderr.isTTY) process.stderr.write('\n')
  return outcomes.toSorted((a, b) => a.seed - b.seed)
}

/** Tells of a failing seed: how to replay it, and where its smallest form is kept. */
async function tellOf(failed: Outcome): Promise<string> {
  const plan = planOf(failed.seed, hours)
  const shrunk = await shrinkPlan(plan, failed, verifier)
  const file = join(seedsFolder, `seed-${failed.seed}.json`)
  keepSeed(file, shrunk.plan, shrunk.outcome.failure ?? '')
  return [
    `seed ${failed.seed}: ${failed.failure}`,
    `  again: npm run simulate -- --seeds 1 --first ${failed.seed} --hours ${hours}`,
    `  kept, ${shrunk.plan.steps.length} of ${plan.steps.length} steps: ${file}`,
  ].join('\n')
}

const startedAt = performance.now()
const outcomes =
  values.replay === undefined
    ? await playAll()
    : [await runPlan(readSeed(values.replay), verifier())]
const summary = summaryOf(outcomes, (performance.now() - startedAt) / 1_000)
const failed = outcomes.filter(({ failure }) => failure !== null)
for (const outcome of failed) {
  console.error(values.replay === undefined ? await tellOf(outcome) : outcome.failure)
}
const passed = failed.length === 0
const reached = { seeds: outcomes.length, violations: failed.length }
if (values.json) {
  const gate = { seeds: values.replay === undefined ? seeds : 1 }
  console.log(JSON.stringify({ ...summary, name: 'simulation', gate, reached, passed }))
} else console.log([...linesOf(summary), summary.line].join('\n'))
if (!passed) process.exitCode = 1
