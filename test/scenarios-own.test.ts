import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createVerifier } from '../node/keys/zip215-verifier.ts'
import { runScenario } from '../node/simulate/scenario.ts'
import { parseScenario } from '../node/simulate/scenario-file.ts'
import type { Log } from '../src/index.ts'
import { foundAgain } from './support/found-again.ts'

const folder = join(import.meta.dirname, 'scenarios', 'own')
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

describe('the scenarios of this repository', () => {
  it.each(files)('%s', async (name) => {
    const scenario = parseScenario(readFileSync(join(folder, name), 'utf8'), name)
    const parts = { verifier: createVerifier(), log: silent, seed: null, after: foundAgain }
    const results = await runScenario(scenario, parts)
    const wrong = results.filter(({ ok }) => !ok)
    expect(wrong).toEqual([])
    expect(results).toHaveLength(scenario.steps.length)
  })
})
