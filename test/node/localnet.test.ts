import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { LocalnetResult } from '../../node/localnet/localnet.ts'

const main = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
const storyMsMax = 120_000

test('the story holds on real nodes, and nothing is left running', async () => {
  const began = Date.now()
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'localnet', '--json'])
  expect(Date.now() - began).toBeLessThan(storyMsMax)
  const result = JSON.parse(stdout) as LocalnetResult
  expect(result.steps.filter(({ ok }) => !ok)).toEqual([])
  expect(result.steps.length).toBeGreaterThanOrEqual(20)
  const told = new Map(result.steps.map(({ title, detail }) => [title, detail]))
  expect(told.get('sage proves its inverter')).toMatch(/^solar:sunspec:.* 5000 W, gives \d+ W now/)
  expect(told.get('sage proves its connection to the grid')).toMatch(/^grid:openadr:sim-.* 3000 W/)
  // Where there is no C compiler the story says so, and goes on.
  expect(told.get('loom proves a GPU')).toMatch(/^(compute:nvml:sim-|there is no C compiler)/)
  expect(told.get('Others look for themselves')).toMatch(/: level 2\. .*, level 1 and no more$/)
  expect(told.get('oak proves the work of its hands')).toMatch(/^human:receipts:.* 5 h at 100 W/)
  expect(result.converged).toBe(true)
  expect(result.societies.map(({ name }) => name)).toEqual(['sage', 'leaf', 'loom', 'oak'])
  for (const { id, api } of result.societies) {
    expect(id).toMatch(/^did:key:z6Mk/)
    await expect(fetch(`${api}/health`)).rejects.toThrow('fetch failed')
  }
}, 150_000)

test('a number of societies that cannot be is refused', async () => {
  const run = promisify(execFile)(process.execPath, [
    main,
    'localnet',
    '--societies',
    '3',
    '--json',
  ])
  await expect(run).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('malformed') })
})
