import { describe, expect, test } from 'vitest'
import type { World } from '../../node/simulate/world.ts'
import {
  acknowledgementMessage,
  appointingMessage,
  didOf,
  type Appointing,
  type Appointment,
} from '../../protocol/index.ts'
import { keys } from '../../src/ledger/layout.ts'
import {
  acknowledged,
  appointed,
  baseOf,
  branchOf,
  ended,
  hasSigned,
  keyOf,
  sagePool,
  shown,
  successionWorld,
} from '../support/succession-world.ts'

const old = ['w1', 'w2', 'w3', 'w4']
const others = ['n1', 'n2', 'n3']
const next = ['w1', ...others]
const dids = (names: readonly string[]): readonly string[] => names.map((n) => didOf(keyOf(n)))

const worldOf = (seed: number): Promise<World> => successionWorld(seed, old, others)

/** Appoints others to follow; the code where they are not. */
async function appoint(world: World, names: readonly string[] = next): Promise<string> {
  const writing = world.replica('sage').write('society.amend', { witnesses: dids(names) })
  const done = writing.then(
    () => 'done',
    (error: { readonly code: string; readonly message: string }) => error.code,
  )
  return world.settled(done)
}

/** Has sage write something into its pool: the transcript of a proof. */
async function write(world: World, salt: string): Promise<void> {
  const proving = world.replica('sage').prove({
    source: `grid:test:${salt}`,
    fields: { allocated: 1_000 },
    measuredAt: world.clock.now(),
    method: 'test',
    transcript: new TextEncoder().encode(salt),
    simulated: false,
  })
  await world.settled(proving)
}

const appointmentsAt = (world: World, name: string): readonly Appointment[] => {
  const trusts = [...world.replica(name).states().trusts]
  return trusts.find(({ society }) => society === keyOf('sage'))?.appointments ?? []
}

/** Certificates of sage's pool that a node has told of, by number of the change. */
const certifiedAt = (world: World, name: string): readonly unknown[] =>
  world
    .replica(name)
    .events.after(0)
    .events.filter(({ type }) => type === 'certified')
    .map(({ data }) => (data as { readonly seq: number }).seq)

describe('new witnesses (F10, F12)', () => {
  test('take over where those until now end, and acknowledge what follows', async () => {
    const world = await worldOf(1)
    const base = baseOf(world)
    expect(await appoint(world)).toBe('done')
    for (const name of ['sage', 'w2', 'n3']) {
      expect(appointmentsAt(world, name)).toMatchObject([
        { witnesses: old.map(keyOf), seq: 0 },
        { witnesses: next.map(keyOf), seq: base.seq, hash: base.hash },
      ])
    }
    await write(world, 'one')
    const after = { ...baseOf(world), term: 1 }
    const isGiven = async (name: string, term: number): Promise<boolean> => {
      const signature = await acknowledged(world, name, { ...after, term })
      const message = acknowledgementMessage({ ...after, term })
      return signature !== undefined && hasSigned(name, signature, message)
    }
    for (const name of next) expect(await isGiven(name, 1)).toBe(true)
    for (const name of old) expect(await isGiven(name, 0)).toBe(false)
    // It is in both sets, and speaks for the new one alone.
    const byNew = await acknowledged(world, 'w1', { ...after, term: 1 })
    const forOld = acknowledgementMessage({ ...after, term: 0 })
    expect(hasSigned('w1', byNew ?? new Uint8Array(), forOld)).toBe(false)
    for (const name of ['w2', 'w3', 'w4']) expect(await isGiven(name, 1)).toBe(false)
    // What is before their place is none of theirs.
    expect(await acknowledged(world, 'n1', { ...base, term: 1 })).toBeUndefined()
  })

  test('may be changed again, one by one, and dismissed', async () => {
    const world = await worldOf(2)
    for (const names of [next, [...others, 'w2'], [], ['w4']]) {
      expect(await appoint(world, names)).toBe('done')
    }
    const sets = appointmentsAt(world, 'n2').map(({ witnesses }) => witnesses.length)
    expect(sets).toEqual([4, 4, 4, 0, 1])
  })

  test('wait for enough of the old ones, while the society goes on', async () => {
    const world = await worldOf(3)
    await world.stop('w1')
    await world.stop('w2')
    const base = baseOf(world)
    expect(await appoint(world)).toBe('uncertified')
    expect(appointmentsAt(world, 'sage').length).toBe(1)
    await write(world, 'one')
    await world.start('w1')
    await world.quiet()
    expect(await appoint(world)).toBe('done')
    const [, made] = appointmentsAt(world, 'n1')
    // Nobody had been asked for a place yet, so it is the newest.
    expect(made?.seq).toBe(base.seq + 1)
  })

  test('are those that were asked for first, whatever stops the society', async () => {
    const world = await worldOf(4)
    const base = baseOf(world)
    // Enough end, and then too few sign: two are gone in between.
    const store = world.resident('sage').disk.open()
    const noted = { ...base, term: 1, witnesses: next.map(keyOf) }
    const value = new TextEncoder().encode(JSON.stringify(noted))
    await store.write([{ key: keys.succession(sagePool), value }], { sync: true })
    await write(world, 'one')
    expect(await appoint(world, others.slice(0, 1))).toBe('already-ended')
    expect(await appoint(world)).toBe('done')
    expect(appointmentsAt(world, 'n1')[1]).toMatchObject({ seq: base.seq, hash: base.hash })
  })

  test('are those that it asked for before it was put back from a backup', async () => {
    const world = await worldOf(11)
    const appointing = { ...baseOf(world), term: 1, witnesses: next.map(keyOf) }
    expect(await appointed(world, 'w1', appointing)).toBeDefined()
    await write(world, 'one')
    // Without the first it would be two of three honest ones, and one too few.
    await world.stop('w4')
    expect(await appoint(world, old)).toBe('already-ended')
    expect(await appoint(world)).toBe('done')
    expect(appointmentsAt(world, 'n1')[1]?.seq).toBe(appointing.seq)
  })

  test('are refused where they could not be any', async () => {
    const world = await worldOf(5)
    expect(await appoint(world, ['w1', 'w2'])).toBe('malformed')
    expect(await appoint(world, ['sage'])).toBe('malformed')
    expect(await ended(world, 'w1', 1)).toBe(true)
  })

  test('certify what was handed over while they took over', async () => {
    const world = await worldOf(6)
    await write(world, 'one')
    expect(await appoint(world)).toBe('done')
    await write(world, 'other')
    await world.stop('sage')
    await world.start('sage')
    await world.advance(1_000)
    expect(certifiedAt(world, 'sage')).toContain(baseOf(world).seq)
  })
})

describe('a witness that is asked to end (F11)', () => {
  const appointingOf = async (world: World): Promise<Appointing> => ({
    ...baseOf(world),
    term: 1,
    witnesses: next.map(keyOf),
  })

  test('is asked by the society itself, and nobody else', async () => {
    const world = await worldOf(7)
    const appointing = await appointingOf(world)
    expect(await ended(world, 'w1', 1, 'n1')).toBe(false)
    expect(await appointed(world, 'w1', appointing, 'n1')).toBeUndefined()
    expect(await appointed(world, 'w1', appointing, 'sage', 'n1')).toBeUndefined()
    expect(await ended(world, 'n1', 1)).toBe(false)
    expect(await appointed(world, 'n1', appointing)).toBeUndefined()
    expect(await ended(world, 'w1', 2)).toBe(false)
    expect(await ended(world, 'w1', 1)).toBe(true)
  })

  test('acknowledges nothing more, but what it had', async () => {
    const world = await worldOf(8)
    const { places, frames } = await branchOf(world, 'one', 2)
    for (const frame of frames) await shown(world, 'w1', frame)
    const [first, second] = places.map((place) => ({ ...place, term: 0 }))
    if (first === undefined || second === undefined) throw new TypeError('two changes')
    expect(await acknowledged(world, 'w1', first)).toBeDefined()
    expect(await ended(world, 'w1', 1)).toBe(true)
    expect(await acknowledged(world, 'w1', first)).toBeDefined()
    expect(await acknowledged(world, 'w1', second)).toBeUndefined()
  })

  test('signs for no place before what it acknowledged', async () => {
    const world = await worldOf(9)
    const { places, frames } = await branchOf(world, 'one', 2)
    for (const frame of frames) await shown(world, 'w1', frame)
    const appointing = await appointingOf(world)
    expect(await acknowledged(world, 'w1', { ...places[0]!, term: 0 })).toBeDefined()
    expect(await appointed(world, 'w1', appointing)).toBeUndefined()
    expect(await appointed(world, 'w1', { ...appointing, ...places[1]! })).toBeDefined()
  })

  test('signs once, also when it crashes before its answer arrives', async () => {
    const world = await worldOf(10)
    const { frames, places } = await branchOf(world, 'one', 1)
    const appointing = await appointingOf(world)
    const answer = await appointed(world, 'w1', appointing)
    // It is gone at once, with all that was not synced.
    world.wires.drop('w1')
    const crashed = world.resident('w1')
    crashed.replica = null
    crashed.disk.cutPower()
    await world.start('w1')
    const again = await appointed(world, 'w1', appointing)
    expect(again).toEqual(answer)
    expect(hasSigned('w1', again ?? new Uint8Array(), appointingMessage(appointing))).toBe(true)
    for (const frame of frames) await shown(world, 'w1', frame)
    const second = { ...appointing, witnesses: old.map(keyOf) }
    expect(await appointed(world, 'w1', second)).toBeUndefined()
    expect(await appointed(world, 'w1', { ...appointing, ...places[0]! })).toBeUndefined()
    expect(await acknowledged(world, 'w1', { ...places[0]!, term: 0 })).toBeUndefined()
  })
})
