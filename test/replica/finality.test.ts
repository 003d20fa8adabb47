import { describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { chainOf, forgeChange } from '../../node/simulate/forger.ts'
import { SeededRandom } from '../../node/simulate/random.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { World } from '../../node/simulate/world.ts'
import {
  acknowledgementMessage,
  actorOf,
  bytesOfKey,
  decodeCertificate,
  decodeSyncRequest,
  didOf,
  encodeCertificate,
  encodeGossip,
  encodeTermPlaced,
  isCertifiedBy,
  keyOfBytes,
  peekChange,
  quorumOf,
  type ChangeHash,
  type SocietyKey,
  type TermPlaced,
} from '../../protocol/index.ts'
import { Failure, markRestored, type StoreWrite } from '../../src/index.ts'
import { poolTopic } from '../../src/gossip.ts'
import { decodeJson, encodeJson, keys } from '../../src/ledger/layout.ts'
import { protocols } from '../../src/protocols.ts'
import { silentLog } from '../../node/silent-log.ts'

const startMs = Date.UTC(2026, 5, 21, 12)
const names = ['w1', 'w2', 'w3', 'w4']
const keyOf = (name: string): SocietyKey => keyOfBytes(signerOf(name).publicKey)
const verifier = createVerifier()
const sage = keyOf('sage')
const actor = actorOf('pool', sage)
const verify = (signature: Uint8Array, message: Uint8Array, key: SocietyKey): boolean =>
  verifier.verify(signature, message, bytesOfKey(key))

async function worldOf(seed: number): Promise<World> {
  const world = new World({ startMs, seed, verifier, log: silentLog, localSigners: new Map() })
  const policy = { admission: 'open' }
  for (const name of ['sage', ...names]) {
    const witnesses = name === 'sage' ? names.map((each) => didOf(keyOf(each))) : []
    await world.add(name, { name, federation: 'test-world', adp: 10, policy, witnesses }, true)
  }
  return world
}

/** Asks a witness as any node would. */
async function ask(world: World, witness: string, placed: TermPlaced): Promise<Uint8Array> {
  const network = world.wires.node('sage')
  const body = Uint8Array.of(1, ...encodeTermPlaced(placed))
  if (network === undefined) throw new TypeError('sage runs')
  return world.settled(network.request(witness, protocols.acknowledge, body))
}

const isSigned = (answer: Uint8Array, witness: string, placed: TermPlaced): boolean =>
  answer[0] === 1 &&
  verifier.verify(answer.slice(1), acknowledgementMessage(placed), signerOf(witness).publicKey)

describe('a certificate (F4)', () => {
  const placed: TermPlaced = { actor, seq: 7, hash: 'ab'.repeat(32) as ChangeHash, term: 0 }
  const sign = (name: string, message = acknowledgementMessage(placed)) => ({
    witness: keyOf(name),
    signature: signerOf(name).sign(message),
  })
  const of = (...acknowledgements: ReturnType<typeof sign>[]) => ({
    ...placed,
    acknowledgements: acknowledgements.toSorted((a, b) => (a.witness < b.witness ? -1 : 1)),
  })
  const witnesses = names.map(keyOf)
  const holds = (certificate: ReturnType<typeof of>): boolean =>
    isCertifiedBy(certificate, witnesses, verify)

  test.each([
    [1, 1],
    [4, 3],
    [7, 5],
    [10, 7],
    [31, 21],
  ])('of %i witnesses needs %i', (count, quorum) => {
    expect(quorumOf(count)).toBe(quorum)
  })

  test('holds from 2f + 1 signatures of witnesses on', () => {
    expect(holds(of(sign('w1'), sign('w2'), sign('w3')))).toBe(true)
    expect(holds(of(sign('w1'), sign('w2')))).toBe(false)
    expect(holds(of(sign('w1'), sign('w2'), sign('stranger')))).toBe(false)
    const other = acknowledgementMessage({ ...placed, seq: 8 })
    expect(holds(of(sign('w1'), sign('w2'), sign('w3', other)))).toBe(false)
    expect(isCertifiedBy(of(), [], () => true)).toBe(false)
  })

  test('is read in one spelling, each witness once (F1)', () => {
    const bytes = encodeCertificate(of(sign('w1'), sign('w2'), sign('w3')))
    const read = decodeCertificate(bytes)
    expect(read.ok && encodeCertificate(read.value)).toEqual(bytes)
    expect(decodeCertificate(bytes.slice(0, -1)).ok).toBe(false)
    expect(decodeCertificate(Uint8Array.of(...bytes, 0)).ok).toBe(false)
    const twice = { ...placed, acknowledgements: [sign('w1'), sign('w1')] }
    expect(decodeCertificate(encodeCertificate(twice)).ok).toBe(false)
  })
})

/** A change that sage signed on top of its pool, and the message that shows it. */
type Branch = { readonly placed: TermPlaced; readonly message: Uint8Array }

/** Two different changes at one place of sage's pool; its own node knows of neither. */
async function twoPasts(world: World): Promise<readonly [Branch, Branch]> {
  const chain = chainOf('pool', signerOf('sage'), await world.replica('sage').changes('pool', sage))
  const branch = (text: string): Branch => {
    const record = new Map([['kind', text]])
    const forged = forgeChange(signerOf('sage'), chain, [record], world.clock.now())
    const frame = { actor, changes: [forged.bytes], signature: forged.signature }
    const placed = { actor, seq: chain.seq + 1, hash: forged.hash, term: 0 }
    return { placed, message: encodeGossip({ type: 'changes', frame }) }
  }
  return [branch('no.such'), branch('nor.such')]
}

const show = async (world: World, witness: string, { message }: Branch): Promise<void> => {
  const topic = poolTopic('test-world', sage)
  await world.wires.node(witness)?.handlers?.gossip('sage', topic, message)
}

describe('witnesses (F2, F3)', () => {
  test('acknowledge what they hold, and nothing else at that place', async () => {
    const world = await worldOf(1)
    const [one, other] = await twoPasts(world)
    expect(isSigned(await ask(world, 'w1', one.placed), 'w1', one.placed)).toBe(false)
    await show(world, 'w1', one)
    expect(isSigned(await ask(world, 'w1', other.placed), 'w1', other.placed)).toBe(false)
    expect(isSigned(await ask(world, 'w1', one.placed), 'w1', one.placed)).toBe(true)
    // The same bytes again, however often they are asked for.
    expect(isSigned(await ask(world, 'w1', one.placed), 'w1', one.placed)).toBe(true)
    expect(isSigned(await ask(world, 'w1', other.placed), 'w1', other.placed)).toBe(false)
  })

  test('do not forget what they acknowledged when they lose the change itself', async () => {
    const world = await worldOf(2)
    const [one, other] = await twoPasts(world)
    await world.stop('w1')
    const store = world.resident('w1').disk.open()
    const { seq, hash } = one.placed
    const value = encodeJson({ acknowledged: { seq, hash }, ended: 0, signed: null })
    await store.write([{ key: keys.acknowledged(actor), value }], { sync: true })
    await store.close()
    await world.start('w1')
    await show(world, 'w1', other)
    expect(isSigned(await ask(world, 'w1', other.placed), 'w1', other.placed)).toBe(false)
  })

  test('have it on disk before the signature leaves', async () => {
    const world = await worldOf(3)
    const [one] = await twoPasts(world)
    await show(world, 'w1', one)
    await ask(world, 'w1', one.placed)
    const { disk } = world.resident('w1')
    disk.cutPower()
    const stored = await disk.open().get(keys.acknowledged(actor))
    const { seq, hash } = one.placed
    expect(decodeJson(stored ?? new Uint8Array())).toMatchObject({ acknowledged: { seq, hash } })
  })

  test('acknowledge nothing any more of whom they know for two pasts', async () => {
    const world = await worldOf(5)
    const [one, other] = await twoPasts(world)
    const chain = await world.replica('w1').changes('pool', sage)
    const peeked = peekChange(chain.at(-1) ?? new Uint8Array())
    if (!peeked.ok) throw new TypeError('unreadable')
    // Before the place where they part: it is held, and nobody doubts it.
    const before = { actor, term: 0, seq: chain.length, hash: peeked.value.hash }
    expect(isSigned(await ask(world, 'w1', before), 'w1', before)).toBe(true)
    await show(world, 'w1', one)
    await show(world, 'w1', other)
    await world.advance(1_000)
    expect(world.replica('w1').society(sage).standing).not.toBe('good')
    expect(isSigned(await ask(world, 'w1', before), 'w1', before)).toBe(false)
  })

  test('are asked by members alone about societies that appointed them (F6)', async () => {
    const world = await worldOf(4)
    const chain = await world.replica('w2').changes('pool', keyOf('w2'))
    const peeked = peekChange(chain.at(-1) ?? new Uint8Array())
    if (!peeked.ok) throw new TypeError('unreadable')
    const pool = actorOf('pool', keyOf('w2'))
    const placed = { actor: pool, seq: chain.length, hash: peeked.value.hash, term: 0 }
    expect(isSigned(await ask(world, 'w1', placed), 'w1', placed)).toBe(false)
  })

  test('sign nothing after a backup before they hold what others hold (E10, F3)', async () => {
    const world = await worldOf(6)
    const [one, other] = await twoPasts(world)
    const backup = await entriesOf(world, 'w2')
    for (const witness of ['w1', 'w2']) {
      await show(world, witness, one)
      expect(isSigned(await ask(world, witness, one.placed), witness, one.placed)).toBe(true)
    }
    await putBack(world, 'w2', backup)
    // Whoever has what it acknowledged tells so, and is slow.
    const hurry = delayChanges(world, 'w1')
    await world.start('w2')
    await show(world, 'w2', other)
    expect(isSigned(await ask(world, 'w2', other.placed), 'w2', other.placed)).toBe(false)
    expect(world.replica('w2').restoration.pending).toBe(true)
    hurry()
    await world.advance(2 * 3_600_000)
    expect(world.replica('w2').restoration.pending).toBe(false)
    expect(isSigned(await ask(world, 'w2', other.placed), 'w2', other.placed)).toBe(false)
  })

  // f = 1 of 4: w4 signs whatever it is asked to.
  test.each(Array.from({ length: 24 }, (_, seed) => seed))(
    'never certify two pasts with one liar among them, order %i (F5)',
    async (seed) => {
      const world = await worldOf(seed)
      const random = new SeededRandom(seed)
      const branches = await twoPasts(world)
      const signed = branches.map(() => new Set(['w4']))
      const steps = names.slice(0, 3).flatMap((witness) =>
        branches.flatMap((branch, at) => [
          { witness, at, run: () => show(world, witness, branch) },
          {
            witness,
            at,
            run: async () => {
              const answer = await ask(world, witness, branch.placed)
              if (isSigned(answer, witness, branch.placed)) signed[at]?.add(witness)
            },
          },
        ]),
      )
      // Twice each, so that what was refused is asked for again.
      for (const step of shuffled([...steps, ...steps], random)) await step.run()
      expect(signed.filter((by) => by.size >= quorumOf(4)).length).toBeLessThan(2)
      const byHonest = names.slice(0, 3).map((name) => signed.filter((set) => set.has(name)).length)
      expect(byHonest.every((count) => count < 2)).toBe(true)
    },
  )
})

/** What a node has on its disk. */
async function entriesOf(world: World, name: string): Promise<readonly StoreWrite[]> {
  const entries: StoreWrite[] = []
  for await (const [key, value] of world.resident(name).disk.open().range({ gte: '', lt: '~' })) {
    entries.push({ key, value: value.slice() })
  }
  return entries
}

/** Stops a node and has on its disk what was there before. */
async function putBack(world: World, name: string, backup: readonly StoreWrite[]): Promise<void> {
  await world.stop(name)
  const store = world.resident(name).disk.open()
  const gone = (await entriesOf(world, name)).map(({ key }) => ({ key }))
  await store.write([...gone, ...backup], { sync: true })
  await markRestored(store)
  await store.close()
}

/** Has a node tell what it holds, and not give it, until what is answered is called. */
function delayChanges(world: World, name: string): () => void {
  const network = world.wires.node(name)
  const honest = network?.serving.get(protocols.sync)
  if (network === undefined || honest === undefined) throw new TypeError(`${name} runs`)
  network.serve(protocols.sync, async (peer, body) => {
    const asked = decodeSyncRequest(body)
    if (asked.ok && asked.value.type === 'frontier') return honest(peer, body)
    throw new Failure('peer-unavailable', 'not now')
  })
  return () => network.serve(protocols.sync, honest)
}

function shuffled<T>(list: readonly T[], random: SeededRandom): readonly T[] {
  return list
    .map((item) => ({ item, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
