import { describe, expect, it } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import { silentLog } from '../../node/silent-log.ts'

const hour = 3_600_000

async function worldOf(...names: readonly string[]): Promise<World> {
  const parts = { startMs: Date.UTC(2026, 5, 21, 12), seed: 1, log: silentLog }
  const world = new World({ ...parts, verifier: createVerifier(), localSigners: new Map() })
  const policy = { admission: 'open', minimumOccupancy: 0 }
  for (const name of names) {
    await world.add(
      name,
      { name, federation: 'test-world', adp: 1_000, policy, witnesses: [] },
      false,
    )
  }
  const source = 'grid:test:m1'
  await world.settled(world.replica('sage').write('energy.prove', { source, allocated: 100 }))
  const measured = { measuredAt: world.clock.now(), method: 'test', simulated: false }
  const transcript = new Uint8Array([123, 125])
  const proof = { source, fields: { allocated: 100 }, ...measured, transcript }
  await world.settled(world.replica('sage').prove(proof))
  return world
}

/** What a node has told of requests. */
const newsOf = (world: World, name: string): readonly string[] =>
  world
    .replica(name)
    .events.after(0)
    .events.filter(({ type }) => type.startsWith('request-'))
    .map(({ type, data }) => `${type} ${String(data['code'])}`)

describe('the parties of a request are told (Q7, Q8)', () => {
  it('both when it is dropped past its deadline, nobody else', async () => {
    const world = await worldOf('sage', 'ada', 'bo')
    const given = { to: 'sage', amount: 10, deadlineHours: 1 }
    await world.settled(world.replica('ada').write('work.request', given))
    await world.advance(hour)
    expect(newsOf(world, 'sage')).toEqual([])
    await world.advance(1_000)
    for (const name of ['sage', 'ada'])
      expect(newsOf(world, name)).toEqual(['request-dropped expired'])
    expect(newsOf(world, 'bo')).toEqual([])
  })

  it('when the receiver knows better than who asked', async () => {
    const world = await worldOf('sage', 'ada')
    world.wires.partition([['sage'], ['ada']])
    await world.settled(world.replica('sage').write('energy.retire', { source: 'grid:test:m1' }))
    await world.settled(world.replica('ada').write('work.request', { to: 'sage', amount: 10 }))
    world.wires.heal()
    await world.quiet()
    expect(newsOf(world, 'sage')).toEqual(['request-refused impossible-request'])
    expect(world.replica('sage').society().work.queued).toBe(0)
  })
})
