import { beforeEach, describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import { physics } from '../../node/plausibility/physics.ts'
import { didOf, type RecordId } from '../../protocol/index.ts'
import type { Measurement, Sample } from '../../src/index.ts'
import { Doubts } from '../../src/energy/doubts.ts'
import { MeasurementHistory } from '../../src/energy/measurement-history.ts'
import { isSameSeries } from '../../src/energy/same-series.ts'
import { Forks } from '../../src/ledger/forks.ts'
import { Index } from '../../src/ledger/index-of-facts.ts'
import { measuredSourcesMax, samplesMax } from '../../src/limits.ts'
import { createMemoryStore } from '../../src/memory-store.ts'
import { silentLog } from '../../node/silent-log.ts'

const hour = 3_600_000
const day = 24 * hour
const startMs = Date.UTC(2026, 5, 21, 12)

let world: World

beforeEach(async () => {
  const verifier = createVerifier()
  const lawless = new Set(['liar'])
  const parts = { startMs, seed: 1, verifier, log: silentLog, localSigners: new Map() }
  world = new World({ ...parts, lawless })
  for (const name of ['sage', 'oak', 'liar']) {
    const policy = { admission: 'open' }
    const founding = { name, federation: 'test-world', adp: 1000, policy, witnesses: [] }
    await world.add(name, founding, false)
  }
})

function measured(
  source: string,
  { reading = {}, ...changes }: Partial<Measurement> & { readonly reading?: object } = {},
): Measurement {
  const at = world.clock.now()
  return {
    source,
    fields: { rated: 300 },
    measuredAt: at,
    method: 'test',
    transcript: new TextEncoder().encode(JSON.stringify({ source, at, reading })),
    simulated: false,
    ...changes,
  }
}

const prove = (by: string, measurement: Measurement): Promise<string> =>
  world.settled(world.replica(by).prove(measurement))

const stateOf = (source: string): unknown => world.replica('sage').society().energy.sources[source]

describe('a proof without a measurement (C10)', () => {
  const source = 'solar:test:x1'
  const replayed = { transcript: new TextEncoder().encode('{"of":"the first"}') }

  test('does not live longer for being signed again', async () => {
    await prove('sage', measured(source, replayed))
    const before = stateOf(source)
    await world.advance(29 * day)
    const again = prove('sage', measured(source, replayed))
    await expect(again).rejects.toMatchObject({
      code: 'implausible-proof',
      message: expect.stringContaining('an earlier measurement'),
    })
    expect(stateOf(source)).toEqual(before)
    await world.advance(day)
    expect(stateOf(source)).toMatchObject({ state: 'stale' })
  })

  test('at its old time it is stale in the end', async () => {
    const first = measured(source, replayed)
    await prove('sage', first)
    await world.advance(30 * day)
    await expect(prove('sage', first)).rejects.toMatchObject({ code: 'proof-stale' })
  })

  test('is not renewed with an older transcript either, nor after a restart', async () => {
    await prove('sage', measured(source, replayed))
    await world.advance(day)
    await prove('sage', measured(source))
    await world.advance(day)
    await world.stop('sage')
    await world.start('sage')
    const again = prove('sage', measured(source, replayed))
    await expect(again).rejects.toMatchObject({ code: 'implausible-proof' })
  })

  test('may show less than the measurement did', async () => {
    const first = measured(source, replayed)
    await prove('sage', first)
    await prove('sage', { ...first, fields: { rated: 200 } })
    expect(stateOf(source)).toMatchObject({ capacity: 200 })
  })
})

describe('a measurement of another source (C11)', () => {
  test('proves nothing of this one, whoever made it', async () => {
    const transcript = new TextEncoder().encode('{"of":"one device"}')
    await prove('sage', measured('solar:test:x1', { transcript }))
    for (const by of ['sage', 'oak']) {
      const twin = prove(by, measured('solar:test:x2', { transcript }))
      await expect(twin).rejects.toMatchObject({
        code: 'implausible-proof',
        message: expect.stringContaining(didOf(world.resident('sage').key)),
      })
    }
  })

  test('by another interface is the same one by its maker and serial number', async () => {
    const [byFronius, bySunspec] = ['solar:fronius:29301', 'solar:sunspec:fronius-29301']
    await prove('sage', measured(byFronius))
    await expect(prove('sage', measured(bySunspec))).rejects.toMatchObject({
      code: 'implausible-proof',
      message: expect.stringContaining(`${bySunspec} is the same device as ${byFronius}`),
    })
    await expect(prove('oak', measured(bySunspec))).rejects.toMatchObject({
      code: 'source-claimed',
      message: expect.stringContaining(didOf(world.resident('sage').key)),
    })
    await prove('oak', measured('solar:sunspec:fronius-29302'))
    // What is proven already is measured again as it was.
    await prove('sage', measured(byFronius))
    await world.settled(world.replica('sage').write('energy.retire', { source: byFronius }))
    await prove('sage', measured(bySunspec))
    await expect(prove('sage', measured(byFronius))).rejects.toMatchObject({
      code: 'implausible-proof',
    })
  })

  test('shows by its series of readings: two ids of one device', async () => {
    for (let i = 0; i < 3; i++) {
      const reading = { lifetimeWattHours: 5_000 + 150 * i }
      await prove('sage', measured('solar:test:x1', { reading }))
      const twin = prove('sage', measured('solar:test:x2', { reading }))
      if (i < 2) await twin
      else {
        await expect(twin).rejects.toMatchObject({
          code: 'implausible-proof',
          message: expect.stringContaining('the same series of readings'),
        })
      }
      await world.advance(hour)
    }
  })
})

describe('readings', () => {
  test('that no field tells are looked at all the same, against those before', async () => {
    const source = 'solar:test:x1'
    await prove('sage', measured(source, { reading: { lifetimeWattHours: 5_001 } }))
    await world.advance(hour)
    for (const lifetimeWattHours of [4_600, 5_401]) {
      const after = measured(source, { reading: { lifetimeWattHours } })
      await expect(prove('sage', after)).rejects.toMatchObject({ code: 'implausible-proof' })
    }
    await prove('sage', measured(source, { reading: { lifetimeWattHours: 5_300 } }))
    const fuse = { fields: { allocated: 10_000 }, reading: { fuseWatts: 9_200, phases: 1 } }
    const beyond = prove('sage', measured('grid:test:m1', fuse))
    await expect(beyond).rejects.toMatchObject({ code: 'implausible-proof' })
  })

  test('begin anew where a source was retired', async () => {
    const source = 'solar:test:x1'
    await prove('sage', measured(source, { reading: { lifetimeWattHours: 5_000 } }))
    await world.settled(world.replica('sage').write('energy.retire', { source }))
    await world.advance(hour)
    await prove('sage', measured(source, { reading: { lifetimeWattHours: 0 } }))
  })
})

describe('what a liar signs against physics (C12)', () => {
  const source = 'solar:test:moonlight'
  const night = { rated: 300, output: 250, site: '52.4,-175' }

  const backingOfLiar = async (): Promise<unknown> => {
    await world.settled(world.replica('liar').write('atp.charge', { amount: 10, source }))
    return world.replica('sage').backing(world.resident('liar').key)
  }

  test('is seen in its backing', async () => {
    const proof = await prove('liar', measured(source, { fields: night }))
    const message = expect.stringContaining('the sun is down')
    const problem = expect.objectContaining({ code: 'implausible-proof', message, record: proof })
    expect(await backingOfLiar()).toMatchObject({
      proven: 0,
      problems: expect.arrayContaining([problem]),
    })
  })

  test('is seen by what its transcript tells as well', async () => {
    const reading = { fuseWatts: 230, phases: 1 }
    const fields = { allocated: 300 }
    const proof = await prove('liar', measured('grid:test:m1', { fields, reading }))
    await world.settled(
      world.replica('liar').write('atp.charge', { amount: 10, source: 'grid:test:m1' }),
    )
    const { problems } = await world.replica('sage').backing(world.resident('liar').key)
    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'implausible-proof', record: proof }),
    )
  })

  test('is nothing to doubt where it can be', async () => {
    await prove('liar', measured(source, { fields: { ...night, site: '52.4,4.9' } }))
    expect(await backingOfLiar()).toMatchObject({
      problems: expect.not.arrayContaining([
        expect.objectContaining({ code: 'implausible-proof' }),
      ]),
    })
  })

  test('is found out by a witness, who sees what cannot be at that site', async () => {
    const dark = { rated: 300, output: 0, site: '52.4,-175' }
    const proof = (await prove('oak', measured(source, { fields: dark }))) as RecordId
    const store = world.resident('sage').disk.open()
    const forks = new Forks(store)
    const index = new Index(store, createVerifier(), forks)
    const doubts = new Doubts({ store, index, plausibility: physics })
    const look = (output: number): Measurement =>
      measured(source, { fields: { rated: 300, output } })
    expect(await doubts.ofLook(proof, [look(0)])).toBeNull()
    expect(await doubts.ofLook(proof, [look(0), look(0.5)])).toMatchObject({
      code: 'implausible-proof',
      message: expect.stringContaining('the sun is down'),
    })
  })
})

describe('the memory of readings', () => {
  const shown = (at: number): Sample & { evidence: null } => ({
    at,
    watts: 1,
    wattHours: at,
    most: 1,
    evidence: null,
  })

  test('is bounded, keeps the first and the last, and comes back from the store', async () => {
    const store = createMemoryStore()
    const history = new MeasurementHistory()
    for (let i = 0; i < 10 * samplesMax; i++) {
      await store.write(history.note('solar:test:x1', shown(i * hour)), { sync: false })
    }
    const samples = history.of('solar:test:x1')
    expect(samples).toHaveLength(samplesMax)
    expect(samples.at(0)?.at).toBe(0)
    expect(samples.at(-1)?.at).toBe((10 * samplesMax - 1) * hour)
    const again = new MeasurementHistory()
    await again.load(store)
    expect(again.of('solar:test:x1')).toEqual(samples)
  })

  test('forgets the source that was measured longest ago', async () => {
    const store = createMemoryStore()
    const history = new MeasurementHistory()
    const note = (i: number): Promise<void> =>
      store.write(history.note(`solar:test:x${i}`, shown(i)), { sync: false })
    for (let i = 0; i < measuredSourcesMax; i++) await note(i)
    await note(0)
    await note(measuredSourcesMax)
    expect(history.of('solar:test:x1')).toEqual([])
    expect(history.of('solar:test:x0')).toHaveLength(1)
    const again = new MeasurementHistory()
    await again.load(store)
    expect([...again.entries()]).toHaveLength(measuredSourcesMax)
  })
})

describe('two series (C11)', () => {
  const counters = (...marks: readonly number[]): readonly Sample[] =>
    marks.map((wattHours, i) => ({ at: i, watts: null, wattHours, most: null }))
  const outputs = (...watts: readonly number[]): readonly Sample[] =>
    watts.map((each, i) => ({ at: i, watts: each, wattHours: null, most: null }))

  test('are one where their counters stood at three same marks', () => {
    expect(isSameSeries(counters(7, 8, 11), counters(5, 7, 8, 9, 11))).toBe(true)
    expect(isSameSeries(counters(7, 8, 11), counters(5, 7, 8, 9))).toBe(false)
    expect(isSameSeries(counters(7, 7, 7, 7), counters(7, 7, 7, 7))).toBe(false)
    expect(isSameSeries(counters(0, 0, 0), counters(0, 0, 0))).toBe(false)
  })

  test('are one where five different outputs follow each other in both', () => {
    expect(isSameSeries(outputs(1, 2, 3, 4, 5), outputs(9, 1, 2, 3, 4, 5))).toBe(true)
    expect(isSameSeries(outputs(1, 2, 3, 4), outputs(1, 2, 3, 4))).toBe(false)
    expect(isSameSeries(outputs(1, 2, 3, 4, 5), outputs(5, 4, 3, 2, 1))).toBe(false)
    // Two households at the limit of their inverters, and at night.
    expect(isSameSeries(outputs(5, 5, 5, 5, 5, 5), outputs(5, 5, 5, 5, 5, 5))).toBe(false)
    expect(isSameSeries(outputs(0, 0, 0, 0, 0), outputs(0, 0, 0, 0, 0))).toBe(false)
  })

  test('are two where outputs differ at the same marks', () => {
    const a = counters(7, 8, 11).map((each, i) => ({ ...each, watts: i + 1 }))
    const b = a.map((each) => ({ ...each, watts: each.watts + 1 }))
    expect(isSameSeries(a, a)).toBe(true)
    expect(isSameSeries(a, b)).toBe(false)
  })
})
