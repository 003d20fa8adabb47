import { describe, expect, test } from 'vitest'
import type { World } from '../../node/simulate/world.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { actorOf, appointingMessage, didOf, noChange, type RecordId } from '../../protocol/index.ts'
import { createMemoryStore } from '../../src/index.ts'
import { rememberedOf } from '../../src/finality/remembered.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from '../support/chain-author.ts'
import { openLedger } from '../support/open-ledger.ts'
import { keyOf, successionWorld } from '../support/succession-world.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const verifier = createVerifier()

const old = ['w1', 'w2', 'w3', 'w4']
const next = ['w1', 'n1', 'n2', 'n3']
const founding = { federation: 'test-world', adp: 500, witnesses: [] }

/** What loom was sold by sage, and how it did. */
type Sold = { readonly world: World; readonly settlement: RecordId }

async function write(world: World, name: string, kind: string, given: object): Promise<RecordId> {
  return world.settled(world.replica(name).write(kind, given))
}

/** Sage sells to loom with the word of witnesses that it appointed a moment before. */
async function sold(seed: number): Promise<Sold> {
  const world = await successionWorld(seed, old, next.slice(1))
  const policy = { admission: 'open' }
  await world.add('loom', { name: 'loom', ...founding, policy }, true)
  const proof = {
    source: 'grid:test:m1',
    fields: { allocated: 1_000 },
    measuredAt: world.clock.now(),
    method: 'test',
    transcript: new TextEncoder().encode('m1'),
    simulated: false,
  }
  await world.settled(world.replica('sage').prove(proof))
  await write(world, 'sage', 'atp.charge', { amount: 10, source: 'grid:test:m1' })
  const offer = await write(world, 'sage', 'trade.offer', { amount: 10, price: 1 })
  const witnesses = next.map((name) => didOf(keyOf(name)))
  await write(world, 'sage', 'society.amend', { witnesses })
  const acceptance = await write(world, 'loom', 'trade.accept', { offer, amount: 10 })
  await world.advance(1_000)
  const settlement = await write(world, 'sage', 'trade.settle', { acceptance })
  await world.advance(1_000)
  return { world, settlement }
}

/** Sage signs another past of its trust document, in which its witnesses were never changed. */
async function lie(world: World): Promise<void> {
  const observed = { subject: didOf(keyOf('w1')), success: true }
  await world.equivocate('sage', 'trust.observe', observed)
  await world.quiet()
  await world.advance(1_000)
  const { standing } = world.replica('loom').society(keyOf('sage'))
  expect(standing).toBe('equivocated')
  const trust = [...world.replica('loom').states().trusts].find(
    (one) => one.society === keyOf('sage'),
  )
  expect(trust?.appointments.length).toBe(1)
}

/** Claims what was sold; the code where that is refused. */
async function claim({ world, settlement }: Sold): Promise<string> {
  const claiming = world.replica('loom').write('trade.claim', { settlement })
  return world.settled(
    claiming.then(
      () => 'done',
      (error: { readonly code: string }) => error.code,
    ),
  )
}

const atpOf = ({ world }: Sold): unknown => world.replica('loom').society(keyOf('loom')).atp

/** A society that changes its witnesses from some to others, as one of two pasts has it. */
async function changing(before: readonly string[], after: readonly string[]) {
  const store = createMemoryStore()
  const clock = new VirtualClock(start)
  const ledger = await openLedger({ store, verifier, signer: signerOf('one'), clock })
  const liar = new ChainAuthor('liar', 'trust')
  const names = { name: 'liar', federation: 'test-x', adp: 0 }
  const witnesses = before.map(keyOf)
  const first = liar.write([fieldsOf('society.found', { ...names, witnesses })], start)
  const fork = { ...liar.chain }
  const place = { actor: actorOf('pool', liar.key), seq: 0, hash: noChange, term: 1 }
  const message = appointingMessage({ ...place, witnesses: after.map(keyOf) })
  const acknowledgements = before
    .map((name) => ({ witness: keyOf(name), signature: signerOf(name).sign(message) }))
    .toSorted((a, b) => (a.witness < b.witness ? -1 : 1))
  const handover = { ...place, acknowledgements }
  const given = { witnesses: after.map(keyOf), replaceWitnesses: true, handover }
  const change = liar.write([fieldsOf('society.amend', given)], start)
  liar.chain = fork
  const other = liar.write([fieldsOf('federation.join', { federation: 'test-x' })], start)
  for (const { frame } of [first, change, other]) await ledger.ingest(frame, 'peer')
  await ledger.exclusively(async () => {})
  expect(ledger.held.trust(liar.key).appointments.length).toBe(1)
  return rememberedOf({ ledger, store, verifier }, liar.key)
}

describe('what a liar appointed past the end of its document (F9)', () => {
  test('is remembered where those before signed for it', async () => {
    const sets = await changing(['w1'], ['n1', 'n2', 'n3', 'n4'])
    expect(sets.map(({ witnesses }) => witnesses.length)).toEqual([1, 4])
  })

  test('is nothing where there were none to sign', async () => {
    const sets = await changing([], ['n1'])
    expect(sets.map(({ witnesses }) => witnesses.length)).toEqual([0])
  })
})

describe('a liar that denies having changed its witnesses (F9)', () => {
  test('has sold all the same what the new ones had certified', async () => {
    const trade = await sold(1)
    await lie(trade.world)
    expect(await claim(trade)).toBe('done')
    expect(atpOf(trade)).toMatchObject({ available: 10 })
  })

  test('has done so for whoever starts anew as well', async () => {
    const trade = await sold(2)
    await lie(trade.world)
    await trade.world.stop('loom')
    await trade.world.start('loom')
    await trade.world.quiet()
    expect(await claim(trade)).toBe('done')
  })
})
