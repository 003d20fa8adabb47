import { describe, expect, it } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import { didOf } from '../../protocol/index.ts'
import { silentLog } from '../../node/silent-log.ts'

const hour = 3_600_000
const source = 'solar:test:roof'
const battery = 'battery:test:cellar'

async function worldOf(acceptAssurance: number): Promise<World> {
  const world = new World({
    startMs: Date.UTC(2026, 5, 21, 12),
    seed: 1,
    verifier: createVerifier(),
    log: silentLog,
    localSigners: new Map(),
  })
  for (const name of ['sage', 'oak', 'elm', 'leaf']) {
    const policy = {
      admission: 'open',
      minimumOccupancy: 0,
      ...(name === 'leaf' ? { acceptAssurance } : {}),
    }
    const founding = { name, federation: 'test-levels', adp: 1_000, policy, witnesses: [] }
    await world.add(name, founding, false)
  }
  await write(world, 'leaf', 'citizenship.apply', { parent: 'sage' })
  await write(world, 'sage', 'citizenship.admit', { child: 'leaf' })
  return world
}

const write = (world: World, by: string, kind: string, given: object) =>
  world.settled(world.replica(by).write(kind, given))

const prove = (world: World, of: string, fields: Readonly<Record<string, string | number>>) =>
  world.settled(
    world.replica('sage').prove({
      source: of,
      fields,
      measuredAt: world.clock.now(),
      method: 'test',
      transcript: new TextEncoder().encode(`${of} at ${world.clock.now()}`),
      simulated: false,
    }),
  )

const attest = async (world: World, proof: string): Promise<void> => {
  for (const witness of ['oak', 'elm']) {
    await write(world, witness, 'energy.attest', { proof, level: 2 })
  }
}

const refusals = (world: World) =>
  world
    .replica('leaf')
    .events.after(0)
    .events.filter(({ type }) => type === 'grant-refused')
    .map(({ data }) => data)

const lentTo = (world: World) => world.replica('leaf').society().atp.borrowed

describe('a grant of ATP below what the policy accepts (K5)', () => {
  it('is left alone and told of once, and let go when it has expired', async () => {
    const world = await worldOf(2)
    const proof = await prove(world, source, { rated: 500 })
    await write(world, 'sage', 'atp.charge', { amount: 100, source, lifetimeDays: 1 })
    const grant = await write(world, 'sage', 'allocation.grant', { to: 'leaf', amount: 40 })
    await world.advance(hour)
    const sage = didOf(world.resident('sage').key)
    const told = { grant, from: sage, code: 'unverified-source', level: 1, acceptAssurance: 2 }
    expect(refusals(world)).toEqual([{ ...told, proof }])
    expect(lentTo(world)).toBe(0)
    expect(world.replica('leaf').agenda.items()).toHaveLength(1)
    await world.advance(24 * hour)
    await write(world, 'leaf', 'trust.observe', { subject: 'sage', success: false })
    await world.advance(hour)
    expect(world.replica('leaf').agenda.items()).toEqual([])
    expect(refusals(world)).toHaveLength(1)
  })

  it('is taken once a lower policy, or the word of witnesses, allows it', async () => {
    const world = await worldOf(2)
    const proof = await prove(world, source, { rated: 500 })
    await write(world, 'sage', 'atp.charge', { amount: 100, source })
    await write(world, 'sage', 'allocation.grant', { to: 'leaf', amount: 40 })
    expect(lentTo(world)).toBe(0)
    await attest(world, proof)
    expect(lentTo(world)).toBe(40)
    await prove(world, source, { rated: 500 })
    await write(world, 'sage', 'atp.charge', { amount: 100, source })
    await write(world, 'sage', 'allocation.grant', { to: 'leaf', amount: 100 })
    expect(lentTo(world)).toBe(40)
    await write(world, 'leaf', 'society.amend', { policy: { acceptAssurance: 1 } })
    expect(lentTo(world)).toBe(140)
  })

  it('counts as the least of what it was charged on', async () => {
    const world = await worldOf(2)
    const roof = await prove(world, source, { rated: 500 })
    await prove(world, source, { rated: 500 })
    const fields = { dischargeRate: 400, stored: 400, poweredBy: source }
    await attest(world, await prove(world, battery, fields))
    await write(world, 'sage', 'atp.charge', { amount: 50, source: battery })
    await write(world, 'sage', 'allocation.grant', { to: 'leaf', amount: 50 })
    expect(lentTo(world)).toBe(0)
    const view = await world.replica('leaf').backing(world.resident('sage').key)
    expect(view).toMatchObject({ claimed: 0, verdict: 'unbacked' })
    // The word about an earlier proof of the roof says nothing about the one that was charged on.
    await attest(world, roof)
    expect(lentTo(world)).toBe(0)
  })
})
