import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { baselineOf, readBaseline, worseThan } from '../scripts/benchmark/baseline.ts'
import { drawGrowth, growthOf, hundredth, tenth } from '../scripts/benchmark/growth.ts'
import { rowsOf } from '../scripts/benchmark/report.ts'
import { ratiosOf, spreadOf } from '../scripts/benchmark/statistics.ts'
import type { Measured } from '../scripts/benchmark/trial.ts'
import { trialsAt, whole } from '../scripts/benchmark/works.ts'

const run = promisify(execFile)

it('the program prints one JSON value of the shape that is promised', async () => {
  const flags = ['--json', '--rounds=1', '--scale=0.001', '--only=ingest, 10 records a change']
  const { stdout } = await run(process.execPath, ['scripts/benchmark.ts', ...flags])
  const report = JSON.parse(stdout) as { readonly rows: readonly { readonly ours: number }[] }
  expect(report).toEqual({
    machine: {
      cpu: expect.any(String),
      cores: expect.any(Number),
      memoryMegabytes: expect.any(Number),
      load: { before: expect.any(Number), after: expect.any(Number) },
      versions: expect.objectContaining({ node: process.versions.node }),
      rounds: 1,
    },
    rows: ['ingest, 10 records a change', 'ingest, 10 records a change, a core'].map((work) => ({
      work,
      ours: expect.any(Number),
      unit: 'records/s',
      peers: { 'OpenSSL verify': expect.any(Number) },
      ratios: { 'OpenSSL verify': expect.any(Number) },
    })),
  })
  expect(report.rows[0]?.ours).toBeGreaterThan(0)
})

it('names work that it does not know', async () => {
  const failing = run(process.execPath, ['scripts/benchmark.ts', '--only=knitting'])
  await expect(failing).rejects.toMatchObject({ code: 2, stdout: '' })
})

it('measures every kind of work, and peers where there are any', () => {
  const trials = trialsAt(whole)
  const works = trials.flatMap(({ rows }) => rows.map(({ work }) => work))
  expect(new Set(works).size).toBe(works.length)
  for (const work of ['append', 'ingest', 'cold join', 'live', 'restart', 'backing', 'trust']) {
    expect(works.filter((each) => each.startsWith(work))).not.toEqual([])
  }
  expect(trials.every(({ contestants }) => contestants[0]?.name === 'ours')).toBe(true)
})

it('the middle of an even number lies between two', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ low: 1, median: 2.5, high: 4 })
  expect(spreadOf([7])).toEqual({ low: 7, median: 7, high: 7 })
  // Pair by pair: a machine that is slow for a while is so for both.
  expect(ratiosOf([10, 100, 10], [5, 50, 5])).toEqual({ low: 2, median: 2, high: 2 })
})

const rate = (ours: readonly number[]): Measured => ({
  work: 'ingest',
  unit: 'records/s',
  ours,
  others: { 'OpenSSL verify': ours.map(() => 100) },
})

it('rows are medians and ratios', () => {
  expect(rowsOf([rate([100, 300, 200])])).toEqual([
    {
      work: 'ingest',
      ours: 200,
      unit: 'records/s',
      peers: { 'OpenSSL verify': 100 },
      ratios: { 'OpenSSL verify': 2 },
    },
  ])
})

it('what has become worse is worse beyond both spreads, on its bad side', () => {
  const baseline = baselineOf([rate([100, 110, 120])])
  expect(worseThan(baseline, [rate([80, 90, 99])])).toEqual([
    expect.stringContaining('ingest: 0.900'),
  ])
  expect(worseThan(baseline, [rate([80, 90, 100])])).toEqual([])
  expect(worseThan(baseline, [rate([200, 300, 400])])).toEqual([])
  const time = (ours: readonly number[]): Measured => ({ ...rate(ours), unit: 'ms' })
  expect(worseThan(baseline, [time([121, 130, 140])])).toHaveLength(1)
  expect(worseThan(baseline, [time([50, 60, 70])])).toEqual([])
  expect(worseThan({}, [time([121, 130, 140])])).toEqual([])
})

it('draws how cost goes with history: of rates the inverse, of what has all three lengths', () => {
  const same = (median: number) => ({ low: median, median, high: median })
  const baseline = {
    slower: { [tenth]: same(0.5), [hundredth]: same(0.25) },
    quicker: { [tenth]: same(0.5), [hundredth]: same(0.25) },
    alone: { 'OpenSSL verify': same(1) },
  }
  const row = (work: string, unit: string) => ({ work, unit, figure: 'figure' })
  const rows = [row('slower', 'records/s'), row('quicker', 'ms'), row('alone', 'ms')]
  const growths = growthOf(baseline, rows)
  expect(growths).toEqual([
    { work: 'slower', costs: [1, 2, 4] },
    { work: 'quicker', costs: [1, 0.5, 0.25] },
  ])
  const picture = drawGrowth(growths)
  expect(picture.match(/<polyline/g)).toHaveLength(2)
  expect(picture).toContain('slower: 4.00 x')
})

it('keeps ratios of no work that is gone', () => {
  const kept = readBaseline(new URL('../scripts/benchmark/baseline.json', import.meta.url))
  const works = trialsAt(whole).flatMap(({ rows }) => rows.map(({ work }) => work))
  expect(works).toEqual(expect.arrayContaining(Object.keys(kept)))
})
