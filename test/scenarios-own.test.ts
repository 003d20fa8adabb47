import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createVerifier } from '../node/keys/zip215-verifier.ts'
import { runScenario } from '../node/simulate/scenario.ts'
import { parseScenario } from '../node/simulate/scenario-file.ts'
import { foundAgain } from './support/found-again.ts'
import { silentLog } from '../node/silent-log.ts'

const folder = join(import.meta.dirname, 'scenarios', 'own')
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

describe('the scenarios of this repository', () => {
  it.each(files)('%s', async (name) => {
    const scenario = parseScenario(readFileSync(join(folder, name), 'utf8'), name)
    const parts = { verifier: createVerifier(), log: silentLog, seed: null, after: foundAgain }
    const results = await runScenario(scenario, parts)
    const wrong = results.filter(({ ok }) => !ok)
    expect(wrong).toEqual([])
    expect(results).toHaveLength(scenario.steps.length)
  })
})
