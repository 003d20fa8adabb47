import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { readSeed } from '../../node/simulate/torture/kept-seed.ts'
import { planOf, type Plan } from '../../node/simulate/torture/plan.ts'
import { runPlan, type Outcome } from '../../node/simulate/torture/run.ts'
import { sharedVerifier } from '../../node/simulate/torture/shared-verifier.ts'

const seedsFolder = join(import.meta.dirname, '..', 'seeds')
const kept = existsSync(seedsFolder)
  ? readdirSync(seedsFolder).filter((name) => name.endsWith('.json'))
  : []

const play = (plan: Plan): Promise<Outcome> => runPlan(plan, sharedVerifier(createVerifier()))

describe('a world in which everything goes wrong', () => {
  // A seed that fails: `npm run simulate -- --seeds 1 --first SEED` shrinks and keeps it.
  test.each(Array.from({ length: 30 }, (_, i) => i + 1))(
    'keeps its promises: seed %i',
    async (seed) => {
      const outcome = await play(planOf(seed, 1))
      expect(outcome.failure).toBeNull()
      expect(outcome.agreedAfterMs).not.toBeNull()
      expect(outcome.records).toBeGreaterThan(5)
    },
  )

  test.each(kept)('does not fail again: %s', async (name) => {
    const outcome = await play(readSeed(join(seedsFolder, name)))
    expect(outcome.failure).toBeNull()
  })
})

describe('a seed', () => {
  test('decides everything: the same one gives the same world twice', async () => {
    // With liars, crashes and a dozen societies in them.
    for (const seed of [6, 11]) {
      const once = await play(planOf(seed, 1 / 2))
      const again = await play(planOf(seed, 1 / 2))
      expect(again).toEqual(once)
      const other = await play(planOf(seed + 100, 1 / 2))
      expect(other.trace).not.toBe(once.trace)
    }
  })

  test('makes worlds with liars, and they are found out', async () => {
    const outcomes = await Promise.all([4, 8, 13, 17].map((seed) => play(planOf(seed, 1))))
    expect(outcomes.map(({ failure }) => failure)).toEqual([null, null, null, null])
    for (const { liars } of outcomes) expect(liars).toBeGreaterThan(0)
  })
})
