import { describe, expect, it } from 'vitest'
import { didOf, encodeBackingFile } from '../../protocol/index.ts'
import type { BackingView } from '../../src/index.ts'
import { BackingWorld } from '../support/backing-world.ts'
import { foundAgain, readContent, replayed } from '../support/found-again.ts'
import { panel, RogueSociety } from '../support/rogue-society.ts'

const hour = 3_600_000
const said = '{"exchanges":["300 W"]}'

/** A rogue in a world in which elm looks on. */
async function withRogue(): Promise<{ made: BackingWorld; rogue: RogueSociety }> {
  const made = await BackingWorld.of(['elm', 'oak'])
  return { made, rogue: await RogueSociety.found(made.world, 'rogue') }
}

/** What elm says of a rogue, which is found again from its file. */
async function viewOf(made: BackingWorld, { key }: RogueSociety): Promise<BackingView> {
  const { world } = made
  const { view, content } = await world.settled(world.replica('elm').exportBacking(key))
  expect((await replayed(content)).view).toEqual(view)
  return view
}

describe('a proof (K3, K4)', () => {
  it('counts for nothing without its transcript', async () => {
    const { made, rogue } = await withRogue()
    const proof = await rogue.prove(300, said)
    await rogue.charge(100, proof)
    const problems = [{ code: 'unverified-source', record: proof, amount: 100 }]
    expect(await viewOf(made, rogue)).toMatchObject({ verdict: 'unbacked', problems })
    await rogue.tell(proof, 'something else')
    expect(await viewOf(made, rogue)).toMatchObject({ verdict: 'unbacked', problems })
    const transcript = await rogue.tell(proof, said)
    const backed = await viewOf(made, rogue)
    expect(backed).toMatchObject({ verdict: 'backed', proven: 100, problems: [] })
    expect(backed.batches[0]?.chain.slice(1)).toEqual([proof, transcript])
  })

  it('counts for nothing that is charged after its source was retired', async () => {
    const { made, rogue } = await withRogue()
    const proof = await rogue.prove(300, said)
    await rogue.tell(proof, said)
    await rogue.charge(100, proof)
    await made.world.advance(hour)
    const value = { source: panel, occupied: [], until: [] }
    const retired = await rogue.write('trust', 'energy.retire', value)
    await made.world.advance(1)
    await rogue.charge(50, proof)
    const problems = [{ code: 'already-ended', record: retired, amount: 50 }]
    const partly = { verdict: 'partly', claimed: 150, proven: 100, problems }
    expect(await viewOf(made, rogue)).toMatchObject(partly)
    // Proving it anew does not mend what was charged in between.
    await rogue.tell(await rogue.prove(300, said), said)
    expect(await viewOf(made, rogue)).toMatchObject(partly)
  })

  it('counts for nothing that is charged on it after a smaller one', async () => {
    const { made, rogue } = await withRogue()
    const large = await rogue.prove(300, said)
    await rogue.tell(large, said)
    await made.world.advance(hour)
    const larger = await rogue.prove(400, said)
    await made.world.advance(hour)
    await rogue.charge(40, large)
    expect(await viewOf(made, rogue)).toMatchObject({ verdict: 'backed', proven: 40 })
    const small = await rogue.prove(100, said)
    await made.world.advance(hour)
    await rogue.charge(60, large)
    const problems = [{ code: 'proof-stale', record: small, amount: 60 }]
    expect(await viewOf(made, rogue)).toMatchObject({ claimed: 100, proven: 40, problems })
    expect(larger).not.toBe(small)
  })

  it('that has become stale says nothing against what was charged before', async () => {
    const made = await BackingWorld.of(['sage', 'elm'])
    await made.prove('sage', 500, { source: 'battery:test:cellar' })
    await made.charge('sage', 50, 'battery:test:cellar')
    await made.world.advance(2 * hour)
    const { view } = await made.export('elm', 'sage')
    expect(view).toMatchObject({ verdict: 'backed', sources: [{ state: 'stale', occupied: 50 }] })
  })

  it('is of the level that this node accepts, or counts for nothing here', async () => {
    const made = await BackingWorld.of(['sage', 'oak', 'elm'])
    const proof = await made.prove('sage')
    await made.charge('sage', 100)
    await made.write('elm', 'society.amend', { policy: { acceptAssurance: 2 } })
    const { view } = await made.export('elm', 'sage')
    const problems = [{ code: 'unverified-source', record: proof, amount: 100 }]
    expect(view).toMatchObject({ acceptAssurance: 2, byAssurance: {}, problems })
    expect(view.claimedByAssurance).toEqual({ 1: 100 })
    expect((await made.export('oak', 'sage')).view).toMatchObject({ verdict: 'backed' })
    await foundAgain(made.world)
  })

  it('of what powers a source counts as well', async () => {
    const made = await BackingWorld.of(['sage', 'oak', 'elm'])
    const battery = 'battery:test:cellar'
    const roof = await made.prove('sage', 800)
    const cellar = await made.prove('sage', 500, { source: battery, poweredBy: 'solar:test:roof' })
    await made.charge('sage', 50, battery)
    const before = (await made.export('elm', 'sage')).view
    expect(before).toMatchObject({ verdict: 'backed', sources: [{ proven: 50 }, { proven: 50 }] })
    expect(before.batches[0]?.chain).toEqual(expect.arrayContaining([roof, cellar]))
    for (const witness of ['oak', 'elm']) {
      await made.write(witness, 'energy.attest', { proof: roof, verdict: 'refuted' })
    }
    const { view } = await made.export('elm', 'sage')
    expect(view).toMatchObject({ verdict: 'unbacked', problems: [{ code: 'implausible-proof' }] })
    await foundAgain(made.world)
  })

  it('that is simulated counts in test federations only', async () => {
    const made = await BackingWorld.of(['sage', 'elm'])
    const proof = await made.prove('sage', 500, { simulated: true })
    await made.charge('sage', 50)
    const { view, content } = await made.export('elm', 'sage')
    expect(view).toMatchObject({ verdict: 'backed', batches: [{ simulated: true }] })
    const elsewhere = encodeBackingFile({ ...readContent(content), federation: 'street' })
    const { problems } = (await replayed(elsewhere)).view
    const found = problems.map(({ code, record }) => [code, record])
    expect(found).toContainEqual(['not-authorised', proof])
  })
})

describe('a liar (K3)', () => {
  it('is named with what it forged, offline too', async () => {
    const made = await BackingWorld.of(['sage', 'loom', 'oak', 'elm'])
    const { world } = made
    await made.prove('sage')
    await made.charge('sage', 100)
    const offer = await made.write('sage', 'trade.offer', { amount: 100, price: 1 })
    world.wires.partition([
      ['sage', 'oak'],
      ['loom', 'elm'],
    ])
    const second = await made.write('loom', 'trade.accept', { offer, amount: 100 })
    await made.write('oak', 'trade.accept', { offer, amount: 100 })
    await world.equivocate('sage', 'trade.settle', { acceptance: second })
    await world.quiet()
    expect((await made.export('elm', 'loom')).view).toMatchObject({ verdict: 'backed' })
    world.wires.heal()
    await world.quiet()
    for (const buyer of ['loom', 'oak']) {
      const { view, content } = await made.export('elm', buyer)
      expect(view).toMatchObject({ verdict: 'unbacked', claimed: 100, proven: 0 })
      const [problem] = view.problems
      const forged = await world.replica('elm').record(problem?.record as never)
      expect(problem?.message).toContain(didOf(world.resident('sage').key))
      expect({ code: problem?.code, kind: forged?.kind }).toEqual({
        code: 'equivocation',
        kind: 'trade.settle',
      })
      expect((await replayed(content)).view).toEqual(view)
      expect(readContent(content).branches.length).toBeGreaterThan(0)
    }
    await foundAgain(world)
  })
})

describe('what witnesses acknowledged of a liar (K3, F9)', () => {
  /** A liar that sold to oak with its witness’s word, and to loom without. */
  async function soldTwice(made: BackingWorld): Promise<void> {
    const { world } = made
    await made.write('sage', 'society.amend', { witnesses: ['hazel'] })
    await made.prove('sage')
    await made.charge('sage', 100)
    const offer = await made.write('sage', 'trade.offer', { amount: 100, price: 1 })
    world.wires.partition([
      ['sage', 'oak', 'hazel'],
      ['loom', 'elm'],
    ])
    const second = await made.write('loom', 'trade.accept', { offer, amount: 100 })
    await made.write('oak', 'trade.accept', { offer, amount: 100 })
    await world.advance(1_000)
    await world.equivocate('sage', 'trade.settle', { acceptance: second })
    await world.quiet()
  }

  it('is proven past the end of its document, offline too', async () => {
    const made = await BackingWorld.of(['sage', 'loom', 'oak', 'elm', 'hazel'])
    await soldTwice(made)
    made.world.wires.heal()
    await made.world.advance(1_000)
    for (const viewer of ['elm', 'loom', 'oak']) {
      const { view, content } = await made.export(viewer, 'oak')
      expect(view).toMatchObject({ verdict: 'backed', claimed: 100, proven: 100, problems: [] })
      expect(readContent(content).certificates.length).toBe(1)
      expect((await replayed(content)).view).toEqual(view)
      const without = encodeBackingFile({ ...readContent(content), certificates: [] })
      expect((await replayed(without)).view).toMatchObject({ verdict: 'unbacked', proven: 0 })
    }
    // Nobody acknowledged the other past: what was not certified was not claimed.
    expect((await made.export('elm', 'loom')).view).toMatchObject({ claimed: 0 })
    await foundAgain(made.world)
  })
})

describe('members (K1, K8)', () => {
  const names = ['sage', 'oak', 'elm']

  /** Founders of a federation by invitation who have admitted one another. */
  async function invited(): Promise<BackingWorld> {
    const made = await BackingWorld.of(names, { policy: { admission: 'invited' } })
    for (const host of names) {
      for (const society of names) {
        if (host !== society) await made.write(host, 'federation.admit', { society })
      }
    }
    return made
  }

  it('alone can refute a proof, or raise its level', async () => {
    const made = await invited()
    const proof = await made.prove('sage')
    await made.charge('sage', 100)
    for (const name of ['guest', 'stranger']) {
      const guest = await RogueSociety.found(made.world, name)
      const word = { proof, verdict: false, level: 4, samples: 1 }
      await guest.write('trust', 'energy.attest', word)
    }
    expect((await made.export('elm', 'sage')).view).toMatchObject({ byAssurance: { 1: 100 } })
    await foundAgain(made.world)
    for (const witness of ['oak', 'elm']) {
      await made.write(witness, 'energy.attest', { proof, level: 3 })
    }
    expect((await made.export('elm', 'sage')).view).toMatchObject({ byAssurance: { 3: 100 } })
    await foundAgain(made.world)
  })

  it('are told by whom they were admitted by, as far as a reader asks', async () => {
    const made = await invited()
    await made.prove('sage')
    await made.charge('sage', 100)
    const { content } = await made.export('elm', 'sage')
    const file = readContent(content)
    const by = async (name: string): Promise<string> => {
      const from = made.world.resident(name).key
      return (await replayed(encodeBackingFile(file), from)).view.verdict
    }
    expect([await by('elm'), await by('sage')]).toEqual(['backed', 'backed'])
    const stranger = await RogueSociety.found(made.world, 'stranger')
    expect((await replayed(content, stranger.key)).view.verdict).toBe('unbacked')
  })
})
