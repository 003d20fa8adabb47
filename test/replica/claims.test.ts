import { describe, expect, it } from 'vitest'
import { actorOf, emptyPool, emptyTrust, partsOfRecordId, recordId } from '../../protocol/index.ts'
import type { Lot, Outcome, RecordId, Source, SocietyKey } from '../../protocol/index.ts'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import { Claims } from '../../src/claims/claims.ts'
import { ProofIndex } from '../../src/claims/proof-index.ts'
import { createMemoryStore } from '../../src/index.ts'
import { DocumentsHeld } from '../../src/ledger/documents-held.ts'
import { Forks } from '../../src/ledger/forks.ts'
import { Index } from '../../src/ledger/index-of-facts.ts'
import { Doubts } from '../../src/energy/doubts.ts'
import { ProofReader } from '../../src/view/backing-proof.ts'
import { silentLog } from '../../node/silent-log.ts'

const hour = 3_600_000
const day = 24 * hour
const source = 'grid:test:m1'

async function worldOf(...names: readonly string[]): Promise<World> {
  const world = new World({
    startMs: Date.UTC(2026, 5, 21, 12),
    seed: 1,
    verifier: createVerifier(),
    log: silentLog,
    localSigners: new Map(),
  })
  for (const name of names) {
    const policy = { admission: 'open', minimumOccupancy: 0 }
    const founding = { name, federation: 'test-claims', adp: 1_000, policy, witnesses: [] }
    await world.add(name, founding, false)
  }
  return world
}

const write = (world: World, by: string, kind: string, given: object) =>
  world.settled(world.replica(by).write(kind, given))

/** A proof with a transcript of its own, as a meter would bring it. */
const prove = (world: World, by: string, watts = 1_000) =>
  world.settled(
    world.replica(by).prove({
      source,
      fields: { allocated: watts },
      measuredAt: world.clock.now(),
      method: 'test',
      transcript: new TextEncoder().encode(`${by} at ${world.clock.now()}`),
      simulated: false,
    }),
  )

const charge = (world: World, by: string, amount: number) =>
  write(world, by, 'atp.charge', { amount, source })

const backingOf = (world: World, viewer: string, of: string) =>
  world.replica(viewer).backing(world.resident(of).key)

const before = 'b'.repeat(64) as SocietyKey
const after = 'a'.repeat(64) as SocietyKey
const id = (name: string): RecordId => recordId(name.padEnd(64, '0'), 0)

/** A source that one society gave up with so much left, and another has proven after it. */
function heldOnce(held: DocumentsHeld, left: number, told = 0, chargedAt = 5): Lot {
  const claimed: Source = {
    id: source,
    type: 'grid',
    proof: id('proof'),
    capacity: 1_000,
    measuredAt: 0,
    staleAt: 7 * day,
    assurance: 1,
    poweredBy: null,
    simulated: false,
    method: 'test',
    evidence: null,
    site: null,
    claimedAt: 10,
    retired: null,
    retiredAt: null,
    inherited: told === 0 ? [] : [{ amount: told, until: 7 * day }],
  }
  const earlier = { ...claimed, claimedAt: 0, retired: id('gone'), retiredAt: 10, inherited: [] }
  const occupation = {
    batch: id('charge'),
    sources: [source],
    amount: 400,
    discharged: 400 - left,
    chargedAt,
    expiresAt: 7 * day,
    minimumOver: true,
    expired: false,
  }
  held.put({ ...emptyTrust(before), sources: new Map([[source, earlier]]) })
  held.put({ ...emptyPool(before), occupations: new Map([[id('charge'), occupation]]) })
  held.put({ ...emptyTrust(after), sources: new Map([[source, claimed]]) })
  const batch = { batch: id('batch'), charger: after, source, proof: id('proof') }
  const uses = { available: 1, reserved: 0, escrowed: 0, lent: 0 }
  const whose = { owner: after, path: [], via: null }
  return {
    ...batch,
    chargedAt: 20,
    expiresAt: day,
    key: `${id('batch')}/0`,
    broughtAt: 20,
    ...whose,
    ...uses,
  }
}

const proven: Outcome = {
  type: 'proof',
  source,
  capacity: 1_000,
  measuredAt: 0,
  staleAt: 7 * day,
  assurance: 1,
  inherited: [],
  unmeasured: false,
  poweredBy: null,
  dailyEnergy: null,
  policy: { minimumOccupancyMs: 0 },
  number: 0,
  evidence: null,
  simulated: false,
  replaces: null,
}

/** What backing finds about a proof that is known by itself, but for its missing transcript. */
async function problemsOf(held: DocumentsHeld, proof: RecordId, now: number) {
  const store = createMemoryStore()
  const forks = new Forks(store)
  const index = new Index(store, createVerifier(), forks)
  index.remember(partsOfRecordId(proof).hash, {
    actor: actorOf('trust', after),
    seq: 1,
    time: 10,
    kinds: ['energy.prove'],
    voids: {},
    outcomes: { 0: proven },
    ended: {},
    borrowedUntil: 0,
  })
  const members = new Map([before, after].map((society) => [society, 0]))
  const claims = new Claims({ held: () => held, members: () => members, isCaught: () => false })
  claims.load()
  const proofs = new ProofIndex(store)
  const doubts = new Doubts({ store, index, plausibility: undefined })
  const eyes = { viewer: after, federation: 'test-claims', now }
  const reader = new ProofReader({ held, index, claims, forks, proofs, doubts, ...eyes })
  const { problems = [] } = (await reader.read(proof)) ?? {}
  return problems.filter(({ code }) => code !== 'unverified-source')
}

describe('what is charged on a source that two claim (C5)', () => {
  it('is proven for neither, but for what was charged before, until one gives it up', async () => {
    const world = await worldOf('sage', 'oak', 'elm')
    world.wires.partition([['sage'], ['oak', 'elm']])
    await prove(world, 'sage')
    await charge(world, 'sage', 100)
    await world.advance(hour)
    const rival = await prove(world, 'oak')
    await charge(world, 'oak', 10)
    await charge(world, 'sage', 200)
    expect(await backingOf(world, 'elm', 'oak')).toMatchObject({ proven: 10, verdict: 'backed' })
    world.wires.heal()
    await world.quiet()
    const sage = await backingOf(world, 'elm', 'sage')
    expect(sage).toMatchObject({ claimed: 300, proven: 100, verdict: 'partly' })
    expect(sage.problems).toMatchObject([{ code: 'source-contested', record: rival }])
    expect(await backingOf(world, 'elm', 'oak')).toMatchObject({ proven: 0, verdict: 'unbacked' })
    await write(world, 'oak', 'energy.retire', { source })
    expect(await backingOf(world, 'elm', 'sage')).toMatchObject({ proven: 300, verdict: 'backed' })
    // Who gave it up has conceded what it charged meanwhile.
    expect(await backingOf(world, 'elm', 'oak')).toMatchObject({ proven: 0, verdict: 'unbacked' })
  })

  it('is proven by level with the word of witnesses (C9)', async () => {
    const world = await worldOf('sage', 'oak', 'elm')
    const proof = await prove(world, 'sage')
    await charge(world, 'sage', 100)
    expect(await backingOf(world, 'oak', 'sage')).toMatchObject({ byAssurance: { 1: 100 } })
    await write(world, 'oak', 'energy.attest', { proof, level: 2 })
    await write(world, 'elm', 'energy.attest', { proof, level: 2 })
    expect(await backingOf(world, 'oak', 'sage')).toMatchObject({ byAssurance: { 2: 100 } })
    await prove(world, 'sage')
    await charge(world, 'sage', 50)
    const mixed = { byAssurance: { 1: 50, 2: 100 }, verdict: 'backed' }
    expect(await backingOf(world, 'oak', 'sage')).toMatchObject(mixed)
    for (const witness of ['oak', 'elm']) {
      await write(world, witness, 'energy.attest', { proof, verdict: 'refuted' })
    }
    const refuted = await backingOf(world, 'oak', 'sage')
    const code = 'implausible-proof'
    const contrary = { code, message: expect.stringContaining('the contrary') }
    expect(refuted).toMatchObject({ proven: 50, problems: [{ code }, contrary, contrary] })
  })

  it('survives the restart of the node that judges it', async () => {
    const world = await worldOf('sage', 'oak', 'elm')
    world.wires.partition([['sage'], ['oak', 'elm']])
    await prove(world, 'sage')
    await prove(world, 'oak')
    await world.stop('elm')
    world.wires.heal()
    await world.start('elm')
    await world.stop('elm')
    await world.start('elm')
    for (const name of ['sage', 'oak']) {
      const { energy } = world.replica('elm').society(world.resident(name).key)
      expect(energy).toMatchObject({ capacity: 0, sources: { [source]: { state: 'contested' } } })
    }
  })
})

describe('a retirement (C6)', () => {
  it('hands a source on without a doubt, and what occupies it with it', async () => {
    const world = await worldOf('sage', 'oak', 'elm')
    await prove(world, 'sage')
    await charge(world, 'sage', 700)
    await write(world, 'sage', 'energy.retire', { source })
    await prove(world, 'oak')
    await charge(world, 'oak', 300)
    await expect(charge(world, 'oak', 1)).rejects.toThrow('0 W free')
    expect(await backingOf(world, 'elm', 'oak')).toMatchObject({ verdict: 'backed', proven: 300 })
    expect(await backingOf(world, 'elm', 'sage')).toMatchObject({ verdict: 'backed', proven: 700 })
  })

  it('that tells less than is left is seen through (C7)', async () => {
    const held = new DocumentsHeld()
    const { proof } = heldOnce(held, 400)
    const problems = (now: number) => problemsOf(held, proof, now)
    expect(await problems(day)).toMatchObject([
      { code: 'insufficient-capacity', record: id('gone') },
    ])
    expect(await problems(7 * day + 1)).toEqual([])
    heldOnce(held, 399)
    expect(await problems(day)).toHaveLength(1)
    heldOnce(held, 400, 400)
    expect(await problems(day)).toEqual([])
    // What it charged after it had given the source up is its own doubt, not that of the next.
    heldOnce(held, 400, 0, 11)
    expect(await problems(day)).toEqual([])
  })
})
