import { describe, expect, test } from 'vitest'
import { createVerifier } from '../node/keys/zip215-verifier.ts'
import { World } from '../node/simulate/world.ts'
import { didOf } from '../protocol/index.ts'
import { silentLog } from '../node/silent-log.ts'

const day = 86_400_000

async function worldOf(names: readonly string[]): Promise<World> {
  const startMs = Date.UTC(2026, 5, 21, 12)
  const verifier = createVerifier()
  const world = new World({ startMs, seed: 1, verifier, log: silentLog, localSigners: new Map() })
  const policy = { admission: 'open', vouchInteractions: 0, vouchBondDays: 0, vouchTrust: 0 }
  for (const name of names) {
    const founding = { name, federation: 'test-world', adp: 0, policy, witnesses: [] }
    await world.add(name, founding, false)
  }
  return world
}

const write = (world: World, by: string, kind: string, given: object): Promise<string> =>
  world.settled(world.replica(by).write(kind, given))

const prove = (world: World, by: string, watts: number): Promise<string> =>
  world.settled(
    world.replica(by).prove({
      source: `grid:test:${by}`,
      fields: { allocated: watts },
      measuredAt: world.clock.now(),
      method: 'test',
      transcript: new TextEncoder().encode(JSON.stringify({ by, watts, at: world.clock.now() })),
      simulated: false,
    }),
  )

describe('what a replica tells of trust', () => {
  test('names every term, path and record behind it (T15)', async () => {
    const world = await worldOf(['ada', 'bo', 'cy'])
    const id = (name: string): string => didOf(world.resident(name).key)
    const first = await write(world, 'ada', 'trust.observe', {
      subject: 'bo',
      success: true,
      count: 30,
    })
    const second = await write(world, 'bo', 'trust.observe', {
      subject: 'cy',
      success: true,
      count: 20,
    })
    await prove(world, 'cy', 100)
    const bond = await write(world, 'cy', 'bond.commit', { sources: ['grid:test:cy'] })
    const view = world.replica('ada').trust(world.resident('cy').key)
    expect(view).toEqual({
      observer: id('ada'),
      subject: id('cy'),
      time: '2026-06-21T12:00:00.000Z',
      trust: 0.234774,
      terms: {
        direct: {
          value: 0.5,
          weight: 0.4,
          records: [],
          interactions: 0,
          successes: 0,
          failures: 0,
          lastSuccess: null,
          vouched: false,
        },
        transitive: { value: 0.176959, weight: 0.2, records: [first, second] },
        bond: { value: 0.5, weight: 0.2, records: [bond], state: 'active' },
        reputation: { value: 0, weight: 0.2, records: [], jobs: 0 },
        experience: { value: 0.3, factor: 0.7, records: [], goodJobs: 0 },
        anomaly: { value: 0, factor: 1, records: [] },
        penalties: { value: 1, factor: 1, records: [], items: [] },
      },
      paths: [
        {
          strength: 0.176959,
          through: [id('bo')],
          hops: [
            { from: id('ada'), to: id('bo'), weight: 0.580645, records: [first] },
            { from: id('bo'), to: id('cy'), weight: 0.380952, records: [second] },
          ],
        },
      ],
      records: [first, second, bond],
    })
  })
})

describe('how a vouch came out (V7)', () => {
  const news = (world: World, name: string): readonly string[] =>
    world
      .replica(name)
      .events.after(0)
      .events.filter(({ type }) => type.startsWith('vouch-'))
      .map(({ type, time }) => `${type} ${time.slice(0, 13)}`)

  test('is told to both sides, once, though no record says it', async () => {
    const world = await worldOf(['sage', 'ada', 'bo', 'oak'])
    await prove(world, 'sage', 1_000)
    for (const newcomer of ['ada', 'bo']) {
      const vouch = await write(world, 'sage', 'vouch.give', { to: newcomer, watts: 100, days: 2 })
      await write(world, newcomer, 'vouch.accept', { vouch })
    }
    await world.advance(day)
    await prove(world, 'bo', 100)
    expect([news(world, 'sage'), news(world, 'ada'), news(world, 'bo')]).toEqual([
      ['vouch-succeeded 2026-06-22T12'],
      [],
      ['vouch-succeeded 2026-06-22T12'],
    ])
    await world.advance(day + 3_600_000)
    expect(news(world, 'sage')[1]).toBe('vouch-failed 2026-06-23T12')
    expect(news(world, 'ada')).toEqual(['vouch-failed 2026-06-23T12'])
    await world.stop('sage')
    await world.start('sage')
    await world.advance(day)
    expect(news(world, 'sage')).toEqual([])
    expect([news(world, 'bo').length, news(world, 'oak')]).toEqual([1, []])
  })
})
