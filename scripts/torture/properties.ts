import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from './program.ts'
import type { Row } from './row.ts'

/** Suites with properties; a normal run makes some 24,000 runs, a long one 15 times that. */
const suites = [
  'test/protocol/amounts.test.ts',
  'test/protocol/codec.test.ts',
  'test/protocol/codec-mutants.test.ts',
  'test/protocol/frames.test.ts',
  'test/protocol/identity.test.ts',
  'test/protocol/ledger-properties.test.ts',
  'test/protocol/no-ambient.test.ts',
  'test/protocol/statements.test.ts',
  'test/protocol/trust-properties.test.ts',
  'test/trust-relations.test.ts',
]
const shortSuites = ['test/protocol/amounts.test.ts', 'test/protocol/frames.test.ts']

/** Properties of the ledger and of every encoding, run by the runner of the tests. */
export const properties: Row = {
  name: 'properties',
  proof: 'fast-check: conservation, order, replay equals increment, encodings',
  gates: { short: { runs: 4_000 }, long: { runs: 100_000 } },
  async run({ isShort, tell }) {
    const folder = mkdtempSync(join(tmpdir(), 'society-torture-'))
    const tally = join(folder, 'runs')
    try {
      const files = isShort ? shortSuites : suites
      writeFileSync(tally, '')
      const args = ['scripts/torture/run-properties.ts', ...files]
      const effort = isShort ? '' : '1'
      const { code, stdout } = await runProgram(args, tell, {
        LONG: effort,
        RUN_TALLY: tally,
        NO_COLOR: '1',
      })
      const counts = readFileSync(tally, 'utf8').trim().split('\n').map(Number)
      const runs = counts.reduce((sum, count) => sum + count, 0)
      const faults = code === 0 ? [] : [stdout.slice(-4_000)]
      return { figures: { runs, properties: counts.length }, faults }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}
