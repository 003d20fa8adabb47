import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { meterFor, type MeasureRequest } from '../../node/meters/meters.ts'
import { rememberedMax } from '../../node/renewal/limits.ts'
import { forgetRetired, renewalsOf } from '../../node/renewal/of-replica.ts'
import { Renewals } from '../../node/renewal/renewals.ts'
import { pauseBefore, reasonToProve, renewalAt } from '../../node/renewal/schedule.ts'
import { World } from '../../node/simulate/world.ts'
import type { Replica, SocietyView } from '../../src/index.ts'
import { silentLog } from '../../node/silent-log.ts'

const hour = 3_600_000
const day = 24 * hour
const startMs = Date.UTC(2026, 5, 21, 12)
const program = new URL('../../node/devices/sunspec-inverter.ts', import.meta.url).pathname

let folder: string
let world: World
let device: ChildProcess | undefined
let running: Renewals[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'society-renewals-'))
  running = []
  const parts = { startMs, seed: 1, verifier: createVerifier(), log: silentLog }
  world = new World({ ...parts, localSigners: new Map() })
  const founding = { name: 'sage', federation: 'test-sun', adp: 0, policy: {}, witnesses: [] }
  await world.add('sage', founding, false)
})
afterEach(async () => {
  await Promise.all(running.map((renewals) => renewals.stop()))
  await unplug()
  await rm(folder, { recursive: true })
})

/** Starts a simulated inverter as the program that it is; the port it listens at. */
async function plug(...flags: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [program, ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  device = child
  const [text] = await once(createInterface(child.stdout), 'line')
  const line: { listening: { port: number } } = JSON.parse(String(text))
  return line.listening.port
}

async function unplug(): Promise<void> {
  const child = device
  device = undefined
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

const sage = (): Replica => world.replica('sage')
const solar = (port: number): MeasureRequest => ({ type: 'solar', sunspec: `127.0.0.1:${port}` })

function measure(request: MeasureRequest, signal = new AbortController().signal) {
  return meterFor(request, { now: () => world.clock.now() }).measure(signal)
}

async function openRenewals(
  watchMs = 0,
  random = (): number => 0,
  ofReplica = renewalsOf(sage(), world.clock),
): Promise<Renewals> {
  const renewals = new Renewals({
    path: join(folder, 'renewals.json'),
    clock: world.clock,
    random: { next: random },
    log: silentLog,
    watchMs,
    measure,
    ...ofReplica,
  })
  running.push(renewals)
  await renewals.load()
  renewals.start()
  return renewals
}

/** What the API does for a measurement: proves it, then remembers how it was made. */
async function proveAndRemember(renewals: Renewals, port: number): Promise<string> {
  const measurement = await measure(solar(port))
  await world.settled(sage().prove(measurement))
  await renewals.remember(measurement.source, solar(port))
  return measurement.source
}

/** Lets simulated time pass; what devices are asked meanwhile takes none of it. */
async function pass(ms: number, renewals: Renewals): Promise<void> {
  const until = world.clock.now() + ms
  while (world.clock.step(until)) {
    await world.quiet()
    await renewals.settled()
  }
  await world.quiet()
}

const sourceNow = (id: string): SocietyView['energy']['sources'][string] | undefined =>
  sage().society().energy.sources[id]
const told = (type: string): readonly Readonly<Record<string, unknown>>[] =>
  sage()
    .events.after(0)
    .events.filter((event) => event.type === type)
    .map(({ data }) => data)

describe('a source that was measured', () => {
  test('is measured again at 80 % of its time, and again', async () => {
    const port = await plug()
    const renewals = await openRenewals()
    const id = await proveAndRemember(renewals, port)
    const renewal = new Date(startMs + 24 * day).toISOString()
    expect(renewals.view(id)).toMatchObject({ nextLook: renewal, renewal, failures: 0 })
    await pass(24 * day - 1, renewals)
    expect(sourceNow(id)).toMatchObject({ measuredAt: new Date(startMs).toISOString() })
    await pass(1, renewals)
    expect(sourceNow(id)).toMatchObject({ measuredAt: renewal, state: 'valid' })
    await pass(24 * day, renewals)
    expect(sourceNow(id)).toMatchObject({
      measuredAt: new Date(startMs + 48 * day).toISOString(),
      state: 'valid',
    })
    expect(told('source-renewed')).toEqual([
      { source: id, capacity: 5_000, reason: 'due' },
      { source: id, capacity: 5_000, reason: 'due' },
    ])
  })

  test('is measured again by the node that was started again', async () => {
    const port = await plug()
    const first = await openRenewals()
    const id = await proveAndRemember(first, port)
    await first.stop()
    await pass(29 * day, first)
    const second = await openRenewals(0, () => 1 / 2)
    await pass(15_000, second)
    expect(sourceNow(id)).toMatchObject({
      measuredAt: new Date(startMs + 29 * day + 15_000).toISOString(),
    })
  })

  test('is looked at soon after a start, so that its witnesses can be answered', async () => {
    const port = await plug()
    const first = await openRenewals()
    const id = await proveAndRemember(first, port)
    const proven = sourceNow(id)
    await first.stop()
    const seen: unknown[] = []
    const parts = { ...renewalsOf(sage(), world.clock), seen: (each: unknown) => seen.push(each) }
    const second = await openRenewals(0, () => 1, parts)
    await pass(30_000, second)
    expect(seen).toMatchObject([{ source: id, method: 'sunspec-modbus-tcp' }])
    expect(sourceNow(id)).toEqual(proven)
    expect(told('source-renewed')).toEqual([])
  })

  test('is proven at once where its capacity fell, and not where it rose', async () => {
    const port = await plug('--rated', '5000')
    const renewals = await openRenewals(hour)
    const id = await proveAndRemember(renewals, port)
    const replug = async (rated: string): Promise<void> => {
      await unplug()
      await plug('--rated', rated, '--port', String(port))
    }
    await world.settled(sage().write('bond.commit', { sources: [id], lockDays: 10 }))
    await replug('4950')
    await pass(3 * hour, renewals)
    expect(sourceNow(id)).toMatchObject({ capacity: 5_000 })
    await replug('4000')
    await pass(hour, renewals)
    expect(sourceNow(id)).toMatchObject({ capacity: 4_000 })
    expect(told('source-renewed')).toEqual([{ source: id, capacity: 4_000, reason: 'fell' }])
    await replug('5000')
    await pass(day - hour, renewals)
    expect(sourceNow(id)).toMatchObject({ capacity: 4_000 })
    expect(sage().society().bond.state).toBe('active')
    // What the bond lacks is lacking for its grace of a day.
    await pass(hour, renewals)
    expect(sage().society().bond.state).toBe('violated')
  })

  test('and does not answer when it is due is tried again and again, and told of', async () => {
    const port = await plug()
    const renewals = await openRenewals(day)
    const id = await proveAndRemember(renewals, port)
    await unplug()
    await pass(24 * day - 1, renewals)
    // Asleep, as inverters are at night: nothing to tell.
    expect([told('renewal-failed'), renewals.failing()]).toEqual([[], []])
    await pass(2 * 60_000, renewals)
    expect(told('renewal-failed').map(({ failures }) => failures)).toEqual([1, 2, 3, 4])
    expect(renewals.failing()).toEqual([
      { source: id, code: 'source-unavailable', message: expect.stringMatching(/./) },
    ])
    expect(told('renewal-failed')[0]).toMatchObject({
      source: id,
      staleAt: new Date(startMs + 30 * day).toISOString(),
    })
    await plug('--port', String(port))
    await pass(hour, renewals)
    expect(renewals.failing()).toEqual([])
    expect(sourceNow(id)).toMatchObject({
      state: 'valid',
      staleAt: expect.stringMatching('2026-08'),
    })
  })

  test('in whose place another device answers is not renewed by it', async () => {
    const port = await plug()
    const renewals = await openRenewals(day)
    const id = await proveAndRemember(renewals, port)
    await unplug()
    await plug('--port', String(port), '--serial', 'SIM-0002')
    await pass(3 * day, renewals)
    expect(told('renewal-failed')).toEqual([
      expect.objectContaining({
        source: id,
        code: 'source-nonsense',
        message: expect.stringContaining('sim-0002'),
      }),
    ])
    expect(Object.keys(sage().society().energy.sources)).toEqual([id])
  })

  test('is measured by nobody once it is retired', async () => {
    const port = await plug()
    const renewals = await openRenewals(hour)
    const id = await proveAndRemember(renewals, port)
    forgetRetired(renewals, sage(), silentLog)
    await world.settled(sage().write('energy.retire', { source: id }))
    expect(renewals.view(id)).toBeNull()
    await renewals.stop()
    expect(await readFile(join(folder, 'renewals.json'), 'utf8')).not.toContain('sunspec')
  })
})

describe('the file of what is remembered', () => {
  const path = (): string => join(folder, 'renewals.json')

  test('is for its owner alone: it may hold a secret', async () => {
    const renewals = await openRenewals()
    await renewals.remember('grid:test:x1', { type: 'grid', openadr: 'x', clientSecret: 'secret' })
    expect((await stat(path())).mode & 0o777).toBe(0o600)
    expect(await readFile(path(), 'utf8')).toContain('secret')
  })

  test.each(['', '{', '{"version":2,"measurements":[]}', '{"version":1,"measurements":[{}]}'])(
    'is moved aside where it is %j',
    async (text) => {
      await writeFile(path(), text)
      const renewals = await openRenewals()
      expect(told('renewals-lost')).toHaveLength(1)
      expect(await readFile(`${path()}.damaged`, 'utf8')).toBe(text)
      await renewals.remember('solar:test:x1', solar(502))
      expect(await readFile(path(), 'utf8')).toContain('solar:test:x1')
    },
  )

  test('remembers so many, and makes room where one has been stale', async () => {
    const renewals = await openRenewals()
    const prove = (source: string, measuredAt: number): Promise<unknown> =>
      world.settled(sage().write('energy.prove', { source, rated: 1, measuredAt }))
    for (let i = 0; i < rememberedMax; i++) {
      await prove(`solar:test:x${i}`, startMs - i)
      await renewals.remember(`solar:test:x${i}`, solar(502))
    }
    await prove('solar:test:more', startMs)
    await renewals.remember('solar:test:more', solar(502))
    expect(told('renewal-failed')).toMatchObject([{ source: 'solar:test:more', code: 'too-large' }])
    await renewals.stop()
    await pass(30 * day - rememberedMax + 1, renewals)
    expect(sourceNow(`solar:test:x${rememberedMax - 1}`)).toMatchObject({ state: 'stale' })
    const again = await openRenewals()
    await again.remember('solar:test:more', solar(502))
    expect(again.view(`solar:test:x${rememberedMax - 1}`)).toBeNull()
    expect(again.view('solar:test:more')).not.toBeNull()
  })
})

describe('when a source is measured next', () => {
  const proven = { capacity: 100, measuredAt: 0, staleAt: 100 * hour }
  const outlook = { proven, now: 0, watchMs: 0, failures: 0, chance: 0 }

  test('is when it is due, or a watch from now, a little early by chance', () => {
    expect(renewalAt(proven)).toBe(80 * hour)
    expect(pauseBefore(outlook)).toBe(80 * hour)
    expect(pauseBefore({ ...outlook, watchMs: hour })).toBe(hour)
    expect(pauseBefore({ ...outlook, watchMs: hour, chance: 1 })).toBe(0.9 * hour)
    expect(pauseBefore({ ...outlook, now: 79 * hour, watchMs: 2 * hour })).toBe(hour)
    expect(pauseBefore({ ...outlook, now: 90 * hour })).toBe(15_000)
  })

  test('is later with every failure, up to a twentieth of its life', () => {
    const after = (failures: number): number => pauseBefore({ ...outlook, failures }) / 1_000
    expect([1, 2, 3, 8, 9, 50].map(after)).toEqual([15, 30, 60, 1_920, 3_600, 3_600])
    const battery = { ...proven, staleAt: hour }
    expect(pauseBefore({ ...outlook, proven: battery, failures: 50 })).toBe(180_000)
  })

  test('it is proven if that is due or its capacity fell by more than 2 %', () => {
    expect(reasonToProve(proven, 98, 80 * hour - 1)).toBeUndefined()
    expect(reasonToProve(proven, 97.999, 80 * hour - 1)).toBe('fell')
    expect(reasonToProve(proven, 500, 80 * hour - 1)).toBeUndefined()
    expect(reasonToProve(proven, 500, 80 * hour)).toBe('due')
  })
})
