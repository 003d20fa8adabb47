import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { mutate } from '../../scripts/torture/fuzz/mutate.ts'
import { readCorpus } from '../../scripts/torture/fuzz/corpus.ts'
import { unopenedLog } from '../../scripts/torture/disk/failing-writes.ts'
import { fuzz } from '../../scripts/torture/fuzz.ts'
import { powerCut } from '../../scripts/torture/power-cut.ts'
import { runRow, type Row, type RowResult } from '../../scripts/torture/row.ts'
import { rows } from '../../scripts/torture/rows.ts'
import { SeededRandom } from '../../node/simulate/random.ts'

const main = join(import.meta.dirname, '..', '..', 'scripts', 'torture', 'main.ts')
const run = promisify(execFile)
const timeout = { timeout: 240_000 }

describe('a proof of reliability', () => {
  test('has a command for each row of the table', () => {
    const long = 'properties simulation planted power-cut kill disk fuzz network flood months'
    expect(rows.map(({ name }) => name)).toEqual([...long.split(' '), 'browser'])
  })

  test('of the API is run by its name and told as one JSON value', timeout, async () => {
    const { stdout } = await run(process.execPath, [main, 'browser', '--short', '--json'])
    const result = JSON.parse(stdout) as RowResult
    expect(result).toMatchObject({ name: 'browser', gate: { attempts: 300 }, faults: [] })
    expect(result.passed).toBe(true)
    expect(result.reached['attempts']).toBeGreaterThanOrEqual(300)
  })

  test.each([[[]], [['nothing']], [['browser', 'kill']], [['browser', '--long']]])(
    'that is not there ends with 2: %j',
    async (args) => {
      const failed = run(process.execPath, [main, ...args])
      await expect(failed).rejects.toMatchObject({ code: 2 })
    },
  )

  test('is not passed where the gate is not reached, or something broke', async () => {
    const row: Row = {
      name: 'a row',
      proof: '',
      gates: { short: { tries: 2 }, long: { tries: 3 } },
      run: async () => ({ figures: { tries: 2 }, faults: [] }),
    }
    const thrown = { ...row, run: () => Promise.reject(new RangeError('broken')) }
    const broken = { ...row, run: async () => ({ figures: { tries: 9 }, faults: ['lost'] }) }
    expect((await runRow(row, true)).passed).toBe(true)
    expect((await runRow(row, false)).passed).toBe(false)
    expect(await runRow(thrown, true)).toMatchObject({
      passed: false,
      faults: ['RangeError: broken'],
    })
    expect((await runRow(broken, true)).passed).toBe(false)
  })
})

// strace writes down what the store does; where it is not, the row says so and is not passed.
const hasStrace = spawnSync('strace', ['-V']).status === 0

test('power is cut in 60 places, and nothing that was answered is lost', timeout, async () => {
  const { passed, faults } = await runRow(powerCut, true)
  expect(hasStrace ? faults : [faults.length]).toEqual(hasStrace ? [] : [1])
  expect(passed).toBe(hasStrace)
})

test('a log that LevelDB passes over is not lost', timeout, async () => {
  // The first opening is the check's own, which notices; the second is LevelDB's.
  const outcomes: string[] = []
  for (const opening of hasStrace ? [0, 1] : []) outcomes.push((await unopenedLog(opening)).outcome)
  expect(outcomes).toEqual(hasStrace ? ['noticed', 'without effect'] : [])
})

describe('fuzzing', () => {
  test('20,000 inputs, and 400 requests to a real node, break nothing', timeout, async () => {
    const { passed, faults, reached } = await runRow(fuzz, true)
    expect(faults).toEqual([])
    expect(reached['kept']).toBeGreaterThan(10)
    expect(passed).toBe(true)
  })

  test('begins with what was kept, and changes it', () => {
    const kept = readCorpus('frames')
    expect(kept.length).toBeGreaterThan(10)
    const random = new SeededRandom(1)
    const draw = (end: number): number => Math.floor(random.next() * end)
    const made = kept.map((bytes) => mutate(bytes, kept[0] ?? bytes, draw))
    const same = made.filter((bytes, at) => Buffer.compare(bytes, kept[at] ?? bytes) === 0)
    expect(same.length).toBeLessThan(kept.length / 2)
  })
})
