import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { mismatch } from '../../node/simulate/expectations.ts'
import { parseScenario } from '../../node/simulate/scenario-file.ts'
import { simulateFiles } from '../../node/simulate/simulate.ts'
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
  ['stop: sage', 'the node of sage is stopped'],
  ['expect: { sage.supply: 0 }', 'sage.supply cannot be seen: the node of sage is stopped'],
  [
    'expect: { "trust(sage, oak)": 0 }',
    'trust(sage, oak) cannot be seen: the node of sage is stopped',
  ],
  ['equivocate: sage, do: bond.abandon', 'the node of sage is stopped'],
])('%s of a stopped node says so', async (step, wrong) => {
  const head =
    'scenario: x\nstart: 2026-06-21T12:00:00Z\nsocieties: { sage: {}, oak: {} }\nsteps:\n'
  const text = `${head}  - { restart: sage }\n  - { stop: sage }\n  - { ${step} }\n`
  const parts = { verifier: createVerifier(), log: silentLog, seed: null }
  const results = await runScenario(parseScenario(text, 'stopped.yaml'), parts)
  expect(results.map(({ detail }) => detail)).toEqual(['', '', wrong])
})

test('a file that is no scenario, or cannot begin, fails and stops no other', async () => {
  const head = 'scenario: x\nstart: 2026-06-21T12:00:00Z\nsocieties: '
  const three = [
    { file: 'torn.yaml', text: 'scenario: [' },
    { file: 'ring.yaml', text: `${head}{ a: { parent: b }, b: { parent: a } }\nsteps: []` },
    { file: 'good.yaml', text: `${head}{ a: {} }\nsteps: [{ expect: { a.supply: 0 } }]` },
  ]
  const result = await simulateFiles(three, { seed: null, trace: false, json: true })
  expect(result).toMatchObject({ passed: 1, failed: 2 })
  const said = result.scenarios.map(({ steps }) => steps[0]?.detail)
  expect(said).toEqual([
    expect.stringMatching(/^malformed: torn\.yaml:\d+: /),
    expect.stringMatching(/^citizenship-cycle: /),
    '',
  ])
})

test.each([
  ['2026-06-21T12:00:00Z', undefined],
  ['2026-06-21T14:00+02:00', undefined],
  ['2026-06-21T12:00:00.001Z', 'it is "2026-06-21T12:00:00.000Z", not "2026-06-21T12:00:00.001Z"'],
])('an instant may be told as %s', (wanted, wrong) => {
  expect(mismatch('it', '2026-06-21T12:00:00.000Z', wanted, () => undefined)).toBe(wrong)
})

test('an operator that there is not is named beside those that there are', () => {
  const wrong = "it is 5; 'atLeast' compares nothing, as near, above, below, length, includes do"
  expect(mismatch('it', 5, { atLeast: 4 }, () => undefined)).toBe(wrong)
})

test.each([
  ['steps: [{ partition: [[sage], [sage]] }]', /'sage' cannot be in two groups/],
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
