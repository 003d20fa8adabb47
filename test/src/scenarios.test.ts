import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { mismatch } from '../../node/simulate/expectations.ts'
import { parseScenario } from '../../node/simulate/scenario-file.ts'
import { runScenario } from '../../node/simulate/scenario.ts'
import { foundAgain } from '../support/found-again.ts'
import { silentLog } from '../../node/silent-log.ts'

const folder = new URL('../scenarios/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

test.each(files)('%s tells its story', async (file) => {
  const scenario = parseScenario(readFileSync(new URL(file, folder), 'utf8'), file)
  const results = await runScenario(scenario, {
    verifier: createVerifier(),
    log: silentLog,
    seed: null,
    after: foundAgain,
  })
  const wrong = results.filter(({ ok }) => !ok)
  expect(wrong.map(({ line, text, detail }) => `${file}:${line} ${text}: ${detail}`)).toEqual([])
  expect(results).toHaveLength(scenario.steps.length)
})

test('a scenario that does not hold fails at its first wrong step', async () => {
  const scenario = parseScenario(
    [
      'scenario: wrong',
      'start: 2026-06-21T12:00:00Z',
      'societies: { sage: { adp: 1000 } }',
      'steps:',
      '  - expect: { sage.adp.pool: 1000 }',
      '  - expect: { sage.adp.pool: 999 }',
      '  - expect: { sage.adp.nothing: 1 }',
    ].join('\n'),
    'wrong.yaml',
  )
  const parts = { verifier: createVerifier(), log: silentLog, seed: null }
  const results = await runScenario(scenario, parts)
  expect(results.map(({ line, ok }) => [line, ok])).toEqual([
    [5, true],
    [6, false],
  ])
})

test.each([
  ['steps: [{ dance: true }]', /dance|step does/],
  ['steps: [{ by: nobody, do: atp.charge }]', /no society 'nobody'/],
  ['steps: [{ advance: 3 weeks }]', /duration/],
  ['steps: [{ by: sage, do: atp.charge, wiht: {} }]', /unknown key 'wiht'/],
  ['stepz: []', /unknown key 'stepz'/],
])('%s is refused with its line', (line, message) => {
  const head = 'scenario: x\nstart: 2026-06-21T12:00:00Z\nsocieties: { sage: {} }\n'
  expect(() => parseScenario(`${head}${line}`, 'bad.yaml')).toThrow(message)
  expect(() => parseScenario(`${head}${line}`, 'bad.yaml')).toThrow(/^bad\.yaml:\d+: /)
})

test.each([
  [{ above: 0.13, below: 0.15 }, undefined],
  [{ above: 0.14, below: 0.15 }, 'it is 0.14, not above 0.14'],
  [{ above: 0.15, below: 0.14 }, 'it is 0.14, not above 0.15 and below 0.14'],
])('of %j each must hold', (wanted, wrong) => {
  expect(mismatch('it', 0.14, wanted, () => undefined)).toBe(wrong)
})
