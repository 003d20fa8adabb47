import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf } from '../../node/cli/client.ts'
import type { Status } from '../../node/client/index.ts'
import type { LocalnetResult } from '../../node/localnet/localnet.ts'
import type { SocietyView } from '../../src/index.ts'
import { until } from './api-fixture.ts'
import { runCli } from './cli-fixture.ts'

const main = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
const storyMsMax = 120_000
const eightDays = 691_200

/** Where these commands find their local network, and no other that this machine may keep. */
let place = ''
let child: ChildProcess
let result: LocalnetResult

/** Runs a command of this local network or of one of its nodes; answers exit code and JSON. */
async function ask(line: string, node?: string): Promise<readonly [number | null, unknown]> {
  const root = await rootOf()
  const { code, stdout } = await runCli([...line.split(' '), '--json'], {
    environment: { TMPDIR: place },
    ...(node === undefined ? {} : { directory: join(root, node) }),
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

/** Where the network's directories are. */
async function rootOf(): Promise<string> {
  const [root = ''] = (await readdir(place)).filter((name) => !name.endsWith(`-${userInfo().uid}`))
  return join(place, root)
}

/** Starts a local network that is kept; the first value that it prints. */
async function keep(...args: readonly string[]): Promise<unknown> {
  child = spawn(process.execPath, [main, 'localnet', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: place },
  })
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
  const [line] = (await once(lines, 'line')) as [string]
  return JSON.parse(line)
}

/** What the node of a society says of it, and of the state of every document. */
async function stateAt(name: string): Promise<Status> {
  const [code, status] = await ask('status', name)
  expect([name, code]).toEqual([name, 0])
  return status as Status
}

/** Head and digest of the state of every document, as each of these nodes has them. */
async function digestsAt(...names: readonly string[]): Promise<readonly (readonly string[])[]> {
  const all = await Promise.all(names.map((name) => stateAt(name)))
  return all.map(({ heads }) =>
    heads.map((head) => `${head.name}/${head.kind} ${head.hash} ${head.state}`).toSorted(),
  )
}

/** Waits until these nodes have the same of every document. */
async function untilAgreed(...names: readonly string[]): Promise<void> {
  await until('they agree', async () => {
    const digests = await digestsAt(...names)
    return new Set(digests.map((each) => each.join())).size === 1
  })
}

/** Sells ATP of sage's to loom, to the end. */
async function trade(amount: number): Promise<void> {
  const before = (await stateAt('loom')).atp.available
  const [code, offer] = await ask(`trade offer ${amount}`, 'sage')
  expect([code, offer]).toEqual([0, { id: expect.any(String) }])
  const { id } = offer as { readonly id: string }
  await until('loom accepts', async () => (await ask(`trade accept ${id}`, 'loom'))[0] === 0)
  await until('loom has it', async () => {
    const { atp } = await stateAt('loom')
    return atp.available === before + amount
  })
}

beforeAll(async () => {
  // A Unix socket's path is short by necessity.
  place = await mkdtemp(join(tmpdir(), 'sl-'))
  result = (await keep('--keep')) as LocalnetResult
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

test('every source of the story was seen by others themselves: level 2', async () => {
  const hasCompiler = tells('loom proves a GPU').startsWith('compute:nvml:')
  const proven = [
    ['sage', ['battery', 'grid', 'solar']],
    ...(hasCompiler ? [['loom', ['compute']] as const] : []),
    ['oak', ['human']],
  ] as const
  for (const [name, types] of proven) {
    const [code, answer] = await ask('status', name)
    expect(code).toBe(0)
    const { energy } = answer as SocietyView
    const levels = Object.entries(energy.sources)
      .map(([id, { assurance }]) => `${id.split(':')[0]} ${assurance}`)
      .toSorted()
    expect([name, levels]).toEqual([name, types.map((type) => `${type} 2`)])
  }
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
    await refused('localnet advance 3', 'malformed')
    await refused('localnet advance 0d', 'malformed')
    await refused('localnet advance 99999d', 'malformed')
    await refused('localnet snapshot a/b', 'malformed')
    await refused('localnet revert', 'unknown-reference')
    await refused('localnet forget never', 'unknown-reference')
  })

  test('goes back to a snapshot, killed and apart as before, and nobody lies', async () => {
    await ask('localnet kill loom')
    await ask('localnet partition oak')
    const before = await digestsAt('sage', 'leaf', 'oak')
    const [code, taken] = await ask('localnet snapshot before')
    const view = { name: 'before', running: ['sage', 'leaf', 'oak'], apart: ['oak'] }
    expect([code, taken]).toMatchObject([0, view])
    expect(await ask('localnet snapshot before')).toMatchObject([
      1,
      { error: { code: 'malformed' } },
    ])
    expect(await ask('localnet snapshots')).toMatchObject([0, [view]])

    await ask('localnet heal')
    await ask('localnet restart loom')
    await trade(3)
    await untilAgreed('sage', 'leaf', 'loom', 'oak')
    expect((await digestsAt('sage'))[0]).not.toEqual(before[0])

    expect(await ask('localnet revert before')).toMatchObject([0, view])
    expect(await digestsAt('sage', 'leaf', 'oak')).toEqual(before)
    expect(await ask('status', 'loom')).toMatchObject([3, { error: { code: 'no-node' } }])
    await until('leaf finds sage', async () => (await near('leaf')).includes('sage'))
    expect(await near('oak')).toEqual([])

    await ask('localnet heal')
    await ask('localnet restart loom')
    // At the very places in its chain where sage has signed something else, which nobody has.
    await trade(4)
    await untilAgreed('sage', 'leaf', 'loom', 'oak')
    for (const name of ['sage', 'leaf', 'loom', 'oak']) {
      const client = await clientOf(join(await rootOf(), name))
      expect((await client.call('getVitals')).equivocated).toEqual([])
    }
  }, 150_000)

  test('goes ahead in time: what is unused expires, what grew stale is proven again', async () => {
    expect(await ask('localnet snapshot now')).toMatchObject([0, { aheadSeconds: 0 }])
    const { atp } = await stateAt('sage')
    const [code, moved] = await ask('localnet advance 8d')
    expect([code, moved]).toMatchObject([0, { aheadSeconds: eightDays }])
    const { time } = moved as { readonly time: string }
    await ask('localnet restart oak')
    for (const name of ['sage', 'leaf', 'loom', 'oak']) {
      const [, clock] = await ask('clock', name)
      expect(clock).toMatchObject({ state: 'right', aheadSeconds: eightDays })
      expect((clock as { readonly time: string }).time > time).toBe(true)
    }
    const later = await stateAt('sage')
    const unused = atp.available + atp.lent + atp.escrowed
    expect(later.atp).toMatchObject({ available: 0, lent: 0, wasted: atp.wasted + unused })
    // Looks at what has to be measured anew are half a minute apart.
    const isGridRenewed = async (): Promise<boolean> => {
      const { energy } = await stateAt('sage')
      const grid = Object.entries(energy.sources).find(([id]) => id.startsWith('grid:'))
      return grid?.[1].state === 'valid' && grid[1].staleAt > time
    }
    await until('the operator of the grid is asked again', isGridRenewed, 80_000)
    expect((await ask('charge 20 --source solar', 'sage'))[0]).toBe(0)
    await trade(5)
    await untilAgreed('sage', 'leaf', 'loom', 'oak')

    expect(await ask('localnet revert now')).toMatchObject([0, { aheadSeconds: 0 }])
    expect((await stateAt('sage')).atp).toMatchObject(atp)
  }, 150_000)

  test('is taken up again where it was killed, and finishes what it had begun', async () => {
    const before = await digestsAt('sage', 'leaf', 'loom', 'oak')
    await ask('localnet snapshot last')
    await trade(1)
    const root = await rootOf()
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    // What it leaves that is killed while it copies, and while it puts directories back.
    await mkdir(join(root, 'snapshots', '.half', 'sage'), { recursive: true })
    await writeFile(join(root, 'reverting'), 'last\n')
    expect(await keep('--again', root)).toMatchObject({ from: root })
    expect(await digestsAt('sage', 'leaf', 'loom', 'oak')).toEqual(before)
    const [, all] = await ask('localnet snapshots')
    expect(all).toMatchObject([{ name: 'before' }, { name: 'now' }, { name: 'last' }])
    expect(await readdir(join(root, 'snapshots'))).toHaveLength(3)
    expect(await ask('localnet forget now')).toMatchObject([0, { name: 'now' }])
    await trade(2)
  }, 100_000)

  test('leaves nothing running or lying about when it ends', async () => {
    const [, status] = await ask('status', 'sage')
    const { api } = status as { readonly api: string }
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await gone).toEqual([0, null])
    await expect(fetch(`${api}/health`)).rejects.toThrow('fetch failed')
    expect(await readdir(place)).toEqual([`society-localnet-${userInfo().uid}`])
    for (const line of [
      'kill oak',
      'restart oak',
      'partition oak',
      'heal',
      'advance 2h',
      'revert',
    ]) {
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
