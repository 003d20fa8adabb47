import { beforeAll, describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import type { Draw, RecordId } from '../../protocol/index.ts'
import { silentLog } from '../../node/silent-log.ts'

const names = ['sage', 'oak', 'elm', 'ash', 'fir', 'bay', 'yew', 'hop', 'ivy', 'fig'] as const
const source = 'grid:test:m1'

let world: World
let proof: RecordId

const replica = (name: string) => world.replica(name)
const nameOf = (key: string) =>
  [...world.residents.values()].find((resident) => resident.key === key)?.name ?? ''
const level = (viewer: string) =>
  replica(viewer).society(world.resident('sage').key).energy.sources[source]?.assurance
const attest = (by: string, draw: Draw | null, given: object = {}) =>
  world.settled(
    replica(by).write('energy.attest', {
      proof,
      level: 2,
      ...(draw === null ? {} : { drawnBy: draw.by, draw: draw.signature }),
      ...given,
    }),
  )

async function drawnBy(name: string): Promise<Draw> {
  const bytes = await replica(name).witnessing.draw(proof)
  return { by: world.resident(name).key, signature: Buffer.from(bytes).toString('hex') }
}

beforeAll(async () => {
  world = new World({
    startMs: Date.UTC(2026, 5, 21, 12),
    seed: 1,
    verifier: createVerifier(),
    log: silentLog,
    localSigners: new Map(),
  })
  for (const name of names) {
    const policy = { admission: 'open' }
    await world.add(name, { name, federation: 'test-w', adp: 0, policy, witnesses: [] }, true)
  }
  const measured = {
    source,
    fields: { allocated: 1_000 },
    measuredAt: world.clock.now(),
    method: 'test',
    transcript: new TextEncoder().encode('{}'),
    simulated: false,
  }
  proof = await world.settled(replica('sage').prove(measured))
})

describe('in a federation of ten (C9, C14)', () => {
  test('everybody knows the same three who may draw, and the draw is one', async () => {
    const { drawers, chosen } = await replica('sage').witnessing.choice(proof, null)
    expect(drawers).toHaveLength(3)
    expect(chosen).toEqual([])
    for (const name of names) {
      expect((await replica(name).witnessing.choice(proof, null)).drawers).toEqual(drawers)
    }
    const others = names.filter((name) => !drawers.includes(world.resident(name).key))
    for (const name of others) {
      const drawing = replica(name).witnessing.draw(proof)
      await expect(drawing).rejects.toMatchObject({ code: 'not-authorised' })
    }
    const [first = ''] = drawers.map(nameOf)
    expect(await drawnBy(first)).toEqual(await drawnBy(first))
  })

  test('only the word of those counts who were drawn, and with the draw', async () => {
    const { drawers } = await replica('sage').witnessing.choice(proof, null)
    const draw = await drawnBy(nameOf(drawers[0] ?? ''))
    const { chosen } = await replica('elm').witnessing.choice(proof, draw)
    expect(chosen).toHaveLength(6)
    const drawn = chosen.map(nameOf)
    const others = names.filter((name) => name !== 'sage' && !drawn.includes(name))
    for (const name of others) await attest(name, draw)
    expect(others).toHaveLength(3)
    expect(level('elm')).toBe(1)
    const [one = '', two = '', three = ''] = drawn
    await attest(one, null)
    await attest(two, null)
    expect(level('elm')).toBe(1)
    await attest(one, draw)
    await attest(three, draw)
    expect(names.map(level)).toEqual(names.map(() => 2))
  })

  test('whoever was not drawn cannot refute either', async () => {
    const { drawers } = await replica('sage').witnessing.choice(proof, null)
    const draw = await drawnBy(nameOf(drawers[0] ?? ''))
    const { chosen } = await replica('sage').witnessing.choice(proof, draw)
    const others = names.filter(
      (name) => name !== 'sage' && !chosen.includes(world.resident(name).key),
    )
    for (const name of others) await attest(name, draw, { verdict: false })
    expect(level('elm')).toBe(2)
  })
})
