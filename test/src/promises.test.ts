import { expect, test, vi } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { SeededRandom } from '../../node/simulate/random.ts'
import { SimulatedWires } from '../../node/simulate/simulated-network.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { World } from '../../node/simulate/world.ts'
import { actorOf, digestOf, encodeCompletion, keyOfBytes } from '../../protocol/index.ts'
import type { ChangesFrame, Completion, Fields, RecordId } from '../../protocol/index.ts'
import { Cosigner } from '../../src/cosign.ts'
import { Heads } from '../../src/heads.ts'
import { createMemoryDisk, createMemoryStore, markRestored } from '../../src/index.ts'
import type { Store } from '../../src/index.ts'
import { keys } from '../../src/ledger/layout.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { LedgerParts } from '../../src/ledger/ledger-parts.ts'
import { pipelineJobsMax } from '../../src/limits.ts'
import { Confirmations } from '../../src/work/confirmations.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from '../support/chain-author.ts'
import { silentLog } from '../../node/silent-log.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const signer = signerOf('reader')
const self = keyOfBytes(signer.publicKey)
const verifier = createVerifier()

const open = (changes: Partial<LedgerParts> = {}): Promise<Ledger> =>
  openLedger({ verifier, signer, clock: new VirtualClock(start), ...changes })

const found = (name = 'sage', adp = 5): Fields =>
  fieldsOf('society.found', { name, federation: 'test-x', adp, witnesses: [] })
const join = (federation = 'test-x'): Fields => fieldsOf('federation.join', { federation })

async function worldOf(...names: readonly string[]): Promise<World> {
  const parts = { startMs: start, seed: 1, verifier, log: silentLog, localSigners: new Map() }
  const world = new World(parts)
  for (const name of names) {
    const policy = { admission: 'open' }
    await world.add(name, { name, federation: 'test-x', adp: 1_000, policy, witnesses: [] }, true)
  }
  await world.quiet()
  return world
}

test('P1: what is answered or told to others would survive a power cut', async () => {
  const disk = createMemoryDisk()
  const store = disk.open()
  const unsynced: number[] = []
  const note = (): void => void unsynced.push(disk.unsynced())
  const clock = new VirtualClock(start)
  const ledger = await open({ store, clock, onAccepted: note })
  await ledger.append('trust', async () => found())
  note()
  const parts = {
    ledger,
    store,
    signer,
    verifier,
    clock,
    intervalMs: () => 60_000,
    heard: () => {},
  }
  await new Heads({ ...parts, publish: note }).signAll()
  expect(unsynced).toEqual([0, 0, 0])
})

test('P2: a restored node signs nothing before it has heard from others', async () => {
  const world = await worldOf('sage', 'leaf')
  await world.stop('leaf')
  await markRestored(world.resident('leaf').disk.open())
  world.wires.partition([['leaf']])
  await world.start('leaf')
  const seen = { subject: 'sage', success: true }
  const write = (): Promise<RecordId> =>
    world.settled(world.replica('leaf').write('trust.observe', seen))
  await expect(write()).rejects.toMatchObject({ code: 'out-of-order' })
  world.wires.heal()
  await world.advance(2_000)
  expect(await write()).toMatch(/:0$/)
})

test('after a failed write nothing more is taken, signed or answered', async () => {
  const store = createMemoryStore()
  const ledger = await open({ store })
  await ledger.append('trust', async () => found())
  await ledger.close()
  expect(ledger.settled).toBe(true)
  vi.spyOn(store, 'write').mockRejectedValueOnce(new TypeError('no space left'))
  const damaged = { code: 'store-damaged' }
  await expect(ledger.append('trust', async () => join())).rejects.toMatchObject(damaged)
  await expect(ledger.append('trust', async () => join())).rejects.toMatchObject(damaged)
  const { frame } = new ChainAuthor('author', 'trust').write([found('author')], start)
  expect(await ledger.ingest(frame, 'peer')).toMatchObject({ verdict: 'ignore', ...damaged })
  expect(ledger.broken?.message).toContain('no space left')
  // What failed to be written is folded all the same: it must not pass for what is on disk.
  await ledger.close()
  expect(ledger.settled).toBe(false)
})

test('a write that fails answers all that wait for it, also what was taken up', async () => {
  const store = createMemoryStore()
  const ledger = await open({ store })
  const author = new ChainAuthor('author', 'trust')
  const write = (record: Fields): ChangesFrame => author.write([record], start).frame
  const frames = [write(found('author')), ...Array.from({ length: 299 }, () => write(join()))]
  vi.spyOn(store, 'write').mockRejectedValueOnce(new TypeError('no space left'))
  const verdicts = await Promise.all(frames.map((frame) => ledger.ingest(frame, 'peer')))
  expect(new Set(verdicts.map(({ code }) => code))).toEqual(new Set(['store-damaged']))
  expect(ledger.load.jobs).toBe(0)
})

test('P3: what was void is void after a restart', async () => {
  const store = createMemoryStore()
  const ledger = await open({ store })
  const author = new ChainAuthor('author', 'trust')
  for (const record of [found('author'), join('elsewhere')]) {
    expect((await ledger.ingest(author.write([record], start).frame, 'peer')).verdict).toBe(
      'accept',
    )
  }
  const before = ledger.held.trust(author.key)
  expect(before).toMatchObject({ joined: null, chain: { seq: 2 } })
  const after = (await open({ store })).held.trust(author.key)
  expect(digestOf(after)).toBe(digestOf(before))
})

/** Puts another text in the place of one in a stored value. */
async function alter(store: Store, key: string, from: string, to: string): Promise<void> {
  const text = new TextDecoder().decode(await store.get(key))
  expect(text).toContain(from)
  const value = new TextEncoder().encode(text.replace(from, to))
  await store.write([{ key, value }], { sync: true })
}

test('a snapshot that was altered is made anew from the changes', async () => {
  const store = createMemoryStore()
  const ledger = await open({ store })
  await ledger.append('trust', async () => found('sage', 5))
  await ledger.close()
  await alter(store, keys.snapshot(actorOf('trust', self)), '"adp":5', '"adp":6')
  expect((await open({ store })).held.trust(self).founding).toMatchObject({ adp: 5 })
})

test('P6: who signed two pasts is known after a restart, and nobody deals with it', async () => {
  const store = createMemoryStore()
  const ledger = await open({ store })
  const pasts = [5, 6].map((adp) =>
    new ChainAuthor('liar', 'trust').write([found('liar', adp)], start),
  )
  const { key } = new ChainAuthor('liar', 'trust')
  for (const { frame } of pasts) await ledger.ingest(frame, 'peer')
  await vi.waitFor(() => expect(ledger.forks.convicted(key)).toBe(true))
  expect((await open({ store })).forks.convicted(key)).toBe(true)

  const world = await worldOf('sage', 'leaf', 'liar')
  await world.equivocate('liar', 'trust.observe', { subject: 'sage', success: true })
  await world.advance(2_000)
  const apply = world.replica('leaf').write('citizenship.apply', { parent: 'liar' })
  await expect(world.settled(apply)).rejects.toMatchObject({ code: 'equivocation' })
})

test('a beneficiary’s node signs the quality its operator confirmed and no other', async () => {
  const ledger = await open()
  const founding = await ledger.append('trust', async () => found('reader', 9_000))
  await ledger.append('pool', async () => fieldsOf('pool.open', { founding }))
  const proof = await ledger.append('trust', async () =>
    fieldsOf('energy.prove', {
      source: 'solar:test:x1',
      rated: 9_000,
      measuredAt: start,
      method: 'm',
      assurance: 1,
      evidence: 'ab'.repeat(32),
    }),
  )
  await ledger.append('pool', async () =>
    fieldsOf('atp.charge', { amount: 9_000, proof, supplies: [], lifetime: 86_400_000 }),
  )
  const ticket = await ledger.append('pool', async () =>
    fieldsOf('work.allocate', { amount: 10, worker: self, deadline: 1_000 }),
  )
  const network = new SimulatedWires(new SeededRandom(1)).join('reader')
  const { held, index } = ledger
  const clock = new VirtualClock(start)
  const confirmations = new Confirmations({ store: createMemoryStore(), held, index, clock })
  const cosigner = new Cosigner({
    self,
    signer,
    index: ledger.index,
    network,
    clock: new VirtualClock(start),
    policy: { worker: 'known', beneficiary: 'ask' },
    confirmations,
    hours: { note: async () => {} },
    localSigners: new Map(),
    peersOf: () => [],
    silence: () => undefined,
    endorsementRefusal: () => undefined,
  })
  cosigner.start()
  const ask = async (quality: number): Promise<string> => {
    const some = { consumed: undefined, outputDigest: undefined }
    const times = { started: undefined, finished: undefined }
    const parties = { worker: self, beneficiary: self }
    const completion: Completion = { ticket, quality, ...parties, ...some, ...times }
    const serve = network.serving.get('/society/cosign/1')
    const answer = await serve?.('peer', encodeCompletion(completion))
    return answer?.[0] === 1 ? 'signed' : new TextDecoder().decode(answer?.subarray(1)).slice(0, 14)
  }
  expect(await ask(900_000)).toBe('not-authorised')
  await confirmations.confirm(ticket, { quality: 900_000 })
  expect(await ask(900_000)).toBe('signed')
  expect(await ask(1_000_000)).toBe('not-authorised')
})

test('P8: what cannot be judged soon is not queued', async () => {
  const ledger = await open()
  const { frame } = new ChainAuthor('author', 'trust').write([found('author')], start)
  const over = 5
  const verdicts = await Promise.all(
    Array.from({ length: pipelineJobsMax + over }, () => ledger.ingest(frame, 'peer')),
  )
  expect(verdicts.filter(({ code }) => code === 'rate-limited')).toHaveLength(over)
  expect(verdicts.filter(({ verdict }) => verdict === 'accept')).toHaveLength(1)
})
