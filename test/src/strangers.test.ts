import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { forgeChange, messageOf } from '../../node/simulate/forger.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { World } from '../../node/simulate/world.ts'
import { actorOf, didOf, documentName, emptyChain, encodeEvidence } from '../../protocol/index.ts'
import { encodeGossip, headMessage, keyOfBytes, recordKinds } from '../../protocol/index.ts'
import type { ChangesFrame, SignedHead } from '../../protocol/index.ts'
import { guestsMax, waitingFramesMax } from '../../src/limits.ts'
import { WaitingRoom } from '../../src/ledger/waiting.ts'
import type { Signer } from '../../src/index.ts'
import { trustTopic } from '../../src/gossip.ts'
import { silentLog } from '../../node/silent-log.ts'

const startMs = Date.parse('2026-06-21T12:00:00Z')
const federation = 'test-x'

async function alone(): Promise<World> {
  const parts = { startMs, seed: 1, verifier: createVerifier(), log: silentLog }
  const world = new World({ ...parts, localSigners: new Map() })
  await world.add('sage', { name: 'sage', federation, adp: 0, policy: {}, witnesses: [] }, true)
  await world.quiet()
  return world
}

/** The first change of a society that nobody knows. */
function founded(signer: Signer, adp: number): ChangesFrame {
  const key = keyOfBytes(signer.publicKey)
  const actor = actorOf('trust', key)
  const found = { name: 'stranger', federation, adp, witnesses: [] }
  const fields = recordKinds.get('society.found')?.write(found) ?? new Map()
  const chain = emptyChain(actor, documentName('trust', key))
  const { bytes, signature } = forgeChange(signer, chain, [fields], startMs)
  return { actor, changes: [bytes], signature }
}

const lieOf = (signer: Signer): Uint8Array => {
  const statements = [0, 1].map((adp) => {
    const { changes, signature } = founded(signer, adp)
    return { type: 'run', changes, signature } as const
  })
  const evidence = encodeEvidence({ actor: founded(signer, 0).actor, statements })
  return encodeGossip({ type: 'evidence', evidence })
}

const headOf = (signer: Signer): Uint8Array => {
  const author = keyOfBytes(signer.publicKey)
  const head = { author, document: 'trust', seq: 2, hash: 'a'.repeat(64), time: startMs } as const
  const signed: SignedHead = { head, signature: signer.sign(headMessage(head)) }
  return encodeGossip({ type: 'head', head: signed })
}

const strangers = (count: number): readonly Signer[] =>
  Array.from({ length: count }, (_, i) => signerOf(`stranger ${i}`))

async function tell(world: World, message: Uint8Array): Promise<string | undefined> {
  const verdict = world.wires.node('sage')?.hear('somebody', trustTopic(federation), message)
  await world.quiet()
  return verdict
}

const sizeOf = (world: World, what: string): number =>
  world
    .replica('sage')
    .burdens()
    .find((burden) => burden.what === what)?.size ?? -1

const reportsIn = async (world: World): Promise<number> =>
  (await world.replica('sage').records({ society: world.resident('sage').key })).filter(
    ({ kind }) => kind === 'equivocation.report',
  ).length

test('what is said of societies that nobody knows is not kept, however true it is', async () => {
  const world = await alone()
  const [heads, ended] = ['signed heads', 'ended documents']
  const before = [sizeOf(world, heads), sizeOf(world, ended)]
  for (const signer of strangers(20)) {
    expect(await tell(world, headOf(signer))).toBe('ignore')
    expect(await tell(world, lieOf(signer))).toBe('ignore')
  }
  await world.advance(1_000)
  expect([sizeOf(world, heads), sizeOf(world, ended)]).toEqual(before)
  expect(await reportsIn(world)).toBe(0)
})

test('of a society that has asked to be admitted, heads and lies are of interest', async () => {
  const world = await alone()
  const signer = signerOf('stranger')
  expect(await tell(world, messageOf(founded(signer, 0)))).toBe('accept')
  expect(await tell(world, headOf(signer))).toBe('accept')
  expect(await tell(world, lieOf(signer))).toBe('accept')
  await world.advance(1_000)
  const view = world.replica('sage').society(keyOfBytes(signer.publicKey))
  const id = didOf(keyOfBytes(signer.publicKey))
  expect(view).toMatchObject({ id, standing: 'equivocated' })
  // A report is for ever: of a guest whom no member names there is none.
  expect(await reportsIn(world)).toBe(0)
  const observed = { subject: id, success: false }
  await world.settled(world.replica('sage').write('trust.observe', observed))
  await world.advance(1_000)
  expect(await reportsIn(world)).toBe(1)
})

test('a crowd of strangers is heard up to a number, and no more', async () => {
  const world = await alone()
  for (const signer of strangers(guestsMax + 10)) await tell(world, messageOf(founded(signer, 0)))
  for (const { what, size, max } of world.replica('sage').burdens()) {
    expect([what, size <= max]).toEqual([what, true])
  }
  expect(sizeOf(world, 'trust documents')).toBe(guestsMax + 1)
})

test('what nobody has does not keep what is to be had from being asked for', () => {
  const room = new WaitingRoom()
  const frame = founded(signerOf('stranger'), 0)
  const hashes = Array.from({ length: 150 }, (_, i) => `hash ${i}`)
  for (const hash of hashes) room.add(hash, { frame, from: null, forMember: false })
  const asked = [room.missing(64), room.missing(64), room.missing(64)]
  expect(asked.map((some) => some.length)).toEqual([64, 64, 64])
  expect(new Set(asked.flat())).toEqual(new Set(hashes))
})

test('the waiting room has an end, and the oldest give way', () => {
  const room = new WaitingRoom()
  const frame = founded(signerOf('stranger'), 0)
  for (let i = 0; i < waitingFramesMax + 5; i++)
    room.add(`hash ${i}`, { frame, from: null, forMember: false })
  expect(room.size).toBe(waitingFramesMax)
  expect([room.has('hash 4'), room.has('hash 5')]).toEqual([false, true])
  const large = { ...frame, changes: Array.from({ length: 8 }, () => new Uint8Array(1_048_576)) }
  for (let i = 0; i < 5; i++) room.add(`large ${i}`, { frame: large, from: null, forMember: false })
  expect(room.bytes).toBeLessThanOrEqual(33_554_432)
  expect([room.has('large 0'), room.has('large 4')]).toEqual([false, true])
})
test('whom a member admitted is taken, however many others ask (R72)', async () => {
  const world = await alone()
  const founding = { federation, adp: 0, policy: {}, witnesses: [] }
  await world.add('oak', { name: 'oak', ...founding }, false)
  await world.quiet()
  const keyOf = (name: string): string => didOf(world.resident(name).key)
  await world.settled(world.replica('sage').write('federation.admit', { society: keyOf('oak') }))
  await world.quiet()
  world.wires.partition([['sage'], ['oak', 'late']])
  for (const signer of strangers(guestsMax)) await tell(world, messageOf(founded(signer, 0)))
  await world.add('late', { name: 'late', ...founding }, false)
  await world.quiet()
  await world.settled(world.replica('oak').write('federation.admit', { society: keyOf('late') }))
  await world.quiet()
  world.wires.heal()
  await world.advance(120_000)
  expect(world.replica('sage').membership().members).toContain(keyOf('late'))
})
