import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { readSeed } from '../../node/simulate/torture/kept-seed.ts'
import { planOf, type Plan } from '../../node/simulate/torture/plan.ts'
import { runPlan, type Outcome } from '../../node/simulate/torture/run.ts'
import { sharedVerifier } from '../../node/simulate/torture/shared-verifier.ts'
import { summaryOf, type Summary } from '../../node/simulate/torture/summary.ts'

const root = join(import.meta.dirname, '..', '..')
const seedsFolder = join(root, 'test', 'seeds')
const kept = readdirSync(seedsFolder).filter((name) => name.endsWith('.json'))
/** Long enough for every fault and lie; `npm run simulate` plays whole hours. */
const hours = 1 / 2

const play = (plan: Plan): Promise<Outcome> => runPlan(plan, sharedVerifier(createVerifier()))

describe('a world in which everything goes wrong', () => {
  const outcomes: Outcome[] = []

  // A seed that fails: `npm run simulate -- --seeds 1 --first SEED` shrinks and keeps it.
  test.each(Array.from({ length: 30 }, (_, i) => i + 1))(
    'keeps its promises: seed %i',
    async (seed) => {
      const outcome = await play(planOf(seed, hours))
      expect(outcome.failure).toBeNull()
      expect(outcome.agreedAfterMs).not.toBeNull()
      expect(outcome.records).toBeGreaterThan(5)
      outcomes.push(outcome)
    },
  )

  test('is a world of every fault, every lie and nearly every kind of record', () => {
    const { faults, lies, kinds, liarsFound } = summaryOf(outcomes, 1)
    expect(Object.keys(faults)).toEqual([
      'blackout',
      'clock set back',
      'clock set forward',
      'crash',
      'divide',
      'flap',
      'full-disk',
      'history dropped',
      'joined from a checkpoint',
      'loss',
      'loss and long delays',
      'one-way',
      'power cut',
      'restore',
      'signs again',
      'stop',
      'torn',
      'unsynced writes lost',
    ])
    expect(Object.keys(lies).length).toBeGreaterThan(12)
    expect(Object.keys(lies)).toContain('sham checkpoint')
    expect(liarsFound).toBeGreaterThan(10)
    const names = Object.keys(kinds)
    expect(names.filter((name) => name.endsWith(' valid')).length).toBeGreaterThan(30)
    expect(names.filter((name) => name.endsWith(' void')).length).toBeGreaterThan(12)
  })

  test.each(kept)('does not fail again: %s', async (name) => {
    const outcome = await play(readSeed(join(seedsFolder, name)))
    expect(outcome.failure).toBeNull()
  })
})

describe('a seed', () => {
  // With liars, floods, crashes and a dozen societies in it.
  const seed = 6

  test('decides every byte: the same one gives the same world twice', async () => {
    const once = await play(planOf(seed, hours))
    const again = await play(planOf(seed, hours))
    expect(again).toEqual(once)
    const other = await play(planOf(seed + 100, hours))
    expect(other.trace).not.toBe(once.trace)
  })

  test('gives the same world in another process, in another time zone and language', async () => {
    const once = await play(planOf(seed, hours))
    const options = ['--seeds', '1', '--first', String(seed), '--hours', String(hours), '--json']
    const env = { ...process.env, TZ: 'Pacific/Chatham', LC_ALL: 'tr_TR.UTF-8' }
    const script = join(root, 'scripts', 'torture.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...options], { env })
    const summary = JSON.parse(stdout) as Summary
    expect(summary).toMatchObject({ seeds: 1, violations: 0, events: once.events })
    const [seeds, violations] = [1, 0]
    const told = { name: 'simulation', gate: { seeds }, reached: { seeds, violations } }
    expect(summary).toMatchObject({ ...told, passed: true })
    expect(summary.trace).toBe(summaryOf([once], 1).trace)
    expect(summary.line).toMatch(/^1 seeds, 0 violations, \d+ simulated s\/s, \d+ events\/s$/)
  })
})
