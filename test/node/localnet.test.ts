import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalnetResult } from '../../node/localnet/localnet.ts'
import { until } from './api-fixture.ts'
import { runCli } from './cli-fixture.ts'

const main = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
const storyMsMax = 120_000

/** Where these commands find their local network, and no other that this machine may keep. */
let place = ''
let child: ChildProcess
let result: LocalnetResult

/** Runs a command of this local network or of one of its nodes; answers exit code and JSON. */
async function ask(line: string, node?: string): Promise<readonly [number | null, unknown]> {
  const [root = ''] = (await readdir(place)).filter((name) => !name.endsWith(`-${userInfo().uid}`))
  const { code, stdout } = await runCli([...line.split(' '), '--json'], {
    environment: { TMPDIR: place },
    ...(node === undefined ? {} : { directory: join(place, root, node) }),
  })
  return [code, JSON.parse(stdout)]
}

/** A line of the story. */
const tells = (title: string): string =>
  result.steps.find((step) => step.title === title)?.detail ?? ''

/** Whether the node of one society has an offer of another's. */
async function hasOffer(name: string, id: string): Promise<boolean> {
  const [code, trades] = await ask('trade list', name)
  expect(code).toBe(0)
  return JSON.stringify(trades).includes(id)
}

/** Names of those whose nodes a node is connected to. */
async function near(name: string): Promise<readonly string[]> {
  const [, peers] = await ask('peers', name)
  const all = peers as readonly { readonly name: string; readonly direction: string }[]
  return all.filter(({ direction }) => direction !== 'none').map((peer) => peer.name)
}

beforeAll(async () => {
  // A Unix socket's path is short by necessity.
  place = await mkdtemp(join(tmpdir(), 'sl-'))
  child = spawn(process.execPath, [main, 'localnet', '--keep', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: place },
  })
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
  const [line] = (await once(lines, 'line')) as [string]
  result = JSON.parse(line) as LocalnetResult
}, storyMsMax)

afterAll(async () => {
  if (child.exitCode === null) child.kill('SIGKILL')
  await rm(place, { recursive: true, force: true })
})

test('the story holds on real nodes', () => {
  expect(result.steps.filter(({ ok }) => !ok)).toEqual([])
  expect(result.steps.length).toBeGreaterThanOrEqual(20)
  expect(tells('sage proves its inverter')).toMatch(/^solar:sunspec:.* 5000 W, gives \d+ W now/)
  expect(tells('sage proves its connection to the grid')).toMatch(
    /^grid:openadr:127.0.0.1-sim-.* 3000 W/,
  )
  // Where there is no C compiler the story says so, and goes on.
  expect(tells('loom proves a GPU')).toMatch(/^(compute:nvml:sim-|there is no C compiler)/)
  expect(tells('Others look for themselves')).toMatch(/inverter, battery, grid operator.*: level 2/)
  const hasCompiler = tells('loom proves a GPU').startsWith('compute:nvml:')
  if (hasCompiler) expect(tells('Others look for themselves')).toContain('exporter of the GPU')
  expect(tells('oak proves the work of its hands')).toMatch(
    /^human:receipts:.* 5 h at 100 W.*: level 2$/,
  )
  expect(result.converged).toBe(true)
  expect(result.societies.map(({ name }) => name)).toEqual(['sage', 'leaf', 'loom', 'oak'])
  for (const { id } of result.societies) expect(id).toMatch(/^did:key:z6Mk/)
})

describe('a local network that is kept, from other shells', () => {
  test('lets nobody else near its socket', async () => {
    const directory = join(place, `society-localnet-${userInfo().uid}`)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    expect((await stat(join(directory, 'control'))).mode & 0o777).toBe(0o600)
  })

  test('kills a node, and starts it again', async () => {
    expect(await ask('localnet kill oak')).toEqual([0, { name: 'oak', killed: true }])
    expect(await ask('status', 'oak')).toMatchObject([3, { error: { code: 'no-node' } }])
    expect(await ask('localnet kill oak')).toEqual([0, { name: 'oak', killed: false }])
    const again = await ask('localnet restart oak')
    expect(again).toEqual([0, { name: 'oak', api: expect.stringMatching(/^http:/) }])
    expect(await ask('status', 'oak')).toMatchObject([0, { name: 'oak' }])
  })

  test('is divided and healed: a record reaches the other side only then', async () => {
    const sides = [
      ['loom', 'oak'],
      ['sage', 'leaf'],
    ]
    expect(await ask('localnet partition oak,loom')).toEqual([0, { sides }])
    // A node that starts meanwhile is on its side as well.
    await ask('localnet restart oak')
    await until('oak finds loom', async () => (await near('oak')).length > 0)
    const [code, offer] = await ask('trade offer 1', 'sage')
    expect(code).toBe(0)
    const { id } = offer as { readonly id: string }
    await until('leaf has it', () => hasOffer('leaf', id))
    // It would have come by now had it a way; and it has none.
    expect([await near('oak'), await near('loom')]).toEqual([['loom'], ['oak']])
    expect([await hasOffer('oak', id), await hasOffer('loom', id)]).toEqual([false, false])
    expect(await ask('localnet heal')).toEqual([0, { healed: true }])
    await until('oak has it', () => hasOffer('oak', id))
    expect(await ask('localnet heal')).toEqual([0, { healed: false }])
  }, 40_000)

  test('says what it cannot do', async () => {
    const refused = async (line: string, code: string): Promise<void> => {
      expect(await ask(line)).toMatchObject([1, { error: { code, message: expect.any(String) } }])
    }
    await refused('localnet kill nobody', 'unknown-society')
    await refused('localnet restart nobody', 'unknown-society')
    await refused('localnet partition oak,nobody', 'unknown-society')
    await refused('localnet partition sage,leaf,loom,oak', 'malformed')
    const [, told] = await ask('localnet advance 2h')
    expect(told).toMatchObject({ error: { message: expect.stringContaining('society simulate') } })
  })

  test('leaves nothing running or lying about when it ends', async () => {
    const [, status] = await ask('status', 'sage')
    const { api } = status as { readonly api: string }
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await gone).toEqual([0, null])
    await expect(fetch(`${api}/health`)).rejects.toThrow('fetch failed')
    expect(await readdir(place)).toEqual([`society-localnet-${userInfo().uid}`])
    for (const line of ['kill oak', 'restart oak', 'partition oak', 'heal', 'advance 2h']) {
      const { code, stdout } = await runCli(['localnet', ...line.split(' '), '--json'], {
        environment: { TMPDIR: place },
      })
      expect([line, code, JSON.parse(stdout)]).toMatchObject([
        line,
        3,
        { error: { code: 'no-node' } },
      ])
    }
  })
})

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
