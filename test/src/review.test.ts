import { expect, test, vi } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import {
  actorOf,
  didOf,
  encodeSyncResponse,
  keyOfBytes,
  type Fields,
  type HeadStatement,
  type SignedHead,
} from '../../protocol/index.ts'
import { findSociety } from '../../src/find.ts'
import { Heads } from '../../src/heads.ts'
import { createMemoryStore, type Clock, type Store } from '../../src/index.ts'
import { keys } from '../../src/ledger/layout.ts'
import { framesFrom } from '../../src/ledger/serve.ts'
import { syncAnswerBytes } from '../../src/limits.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import type { LedgerParts } from '../../src/ledger/ledger-parts.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from '../support/chain-author.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const signer = signerOf('reader')
const self = keyOfBytes(signer.publicKey)
const verifier = createVerifier()

const open = (changes: Partial<LedgerParts> = {}): Promise<Ledger> =>
  openLedger({ verifier, signer, clock: new VirtualClock(start), ...changes })

const found = (name = 'sage', adp = 5): Fields =>
  fieldsOf('society.found', { name, federation: 'test-x', adp, witnesses: [] })
const join = async (): Promise<Fields> => fieldsOf('federation.join', { federation: 'test-x' })

function headsOf(ledger: Ledger, store: Store, clock: Clock, sent: HeadStatement[]): Heads {
  const publish = ({ head }: SignedHead): void => void sent.push(head)
  const rest = { intervalMs: () => 60_000, heard: () => {}, publish }
  return new Heads({ ledger, store, signer, verifier, clock, ...rest })
}

test('text that no change can carry is refused, and the ledger goes on', async () => {
  const ledger = await open()
  const half = ledger.append('trust', async () => found('a\ud800b'))
  await expect(half).rejects.toMatchObject({ code: 'malformed' })
  await ledger.append('trust', async () => found())
  expect(ledger.broken).toBe(undefined)
})

test('a head is not signed for a change before it is on disk (R75, E10)', async () => {
  const store = createMemoryStore()
  const clock = new VirtualClock(start)
  const ledger = await open({ store, clock })
  await ledger.append('trust', async () => found())
  const sent: HeadStatement[] = []
  const heads = headsOf(ledger, store, clock, sent)
  const held = Promise.withResolvers<void>()
  const write = store.write.bind(store)
  vi.spyOn(store, 'write').mockImplementationOnce(async (writes, options) => {
    await held.promise
    return write(writes, options)
  })
  const joined = ledger.append('trust', join)
  await vi.waitFor(() => expect(ledger.held.trust(self).chain.seq).toBe(2))
  const signed = heads.signAll()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(sent).toEqual([])
  held.resolve()
  await Promise.all([joined, signed])
  expect(sent.map(({ seq }) => seq)).toEqual([2])
  expect(await store.get(keys.change(actorOf('trust', self), 2))).toBeDefined()
})

test('no record is dated before a signed head, though the clock goes back (R62, R75)', async () => {
  let now = start
  const clock: Clock = { now: () => now, elapsed: () => now, after: () => () => {} }
  const store = createMemoryStore()
  const ledger = await open({ clock, store })
  await ledger.append('trust', async () => found())
  const sent: HeadStatement[] = []
  now += 60_000
  await headsOf(ledger, store, clock, sent).signAll()
  now -= 5_000
  await ledger.append('trust', join)
  expect(ledger.held.trust(self).chain.time).toBe(sent[0]?.time)
})

test('a head dated more than 120 s ahead is not taken (R75)', async () => {
  const clock = new VirtualClock(start)
  const other = new ChainAuthor('author', 'trust')
  const ahead = signerOf('author')
  const sent: SignedHead[] = []
  const store = createMemoryStore()
  const theirs = await open({ signer: ahead, clock: new VirtualClock(start + 120_001) })
  await theirs.append('trust', async () => found())
  const parts = { signer: ahead, verifier, store: createMemoryStore(), intervalMs: () => 60_000 }
  const late = { ...parts, ledger: theirs, clock: new VirtualClock(start + 120_001) }
  await new Heads({
    ...late,
    heard: () => {},
    publish: (signed) => void sent.push(signed),
  }).signAll()
  const heads = headsOf(await open({ clock, store }), store, clock, [])
  expect(await heads.take(sent[0] as SignedHead)).toBe('early')
  expect(heads.newest('trust', other.key)).toBe(undefined)
})

test('a listener that throws does not stop the pipeline', async () => {
  const ledger = await open({
    onAccepted: () => {
      throw new TypeError('a bug of the listener')
    },
  })
  await ledger.append('trust', async () => found())
  expect(await ledger.append('trust', join)).toMatch(/:0$/)
})

test('a fork is seen though both of its changes share one write (E1)', async () => {
  const lies: string[] = []
  const ledger = await open({ onConvicted: ({ society }) => lies.push(society) })
  const [one, other] = [5, 6].map((adp) =>
    new ChainAuthor('author', 'trust').write([found('liar', adp)], start),
  )
  const frames = [one, other].flatMap((signed) => (signed === undefined ? [] : [signed.frame]))
  const verdicts = await Promise.all(frames.map((frame) => ledger.ingest(frame, 'peer')))
  expect(verdicts.map(({ verdict }) => verdict)).toEqual(['accept', 'ignore'])
  await vi.waitFor(() => expect(lies).toHaveLength(1))
  expect(lies).toEqual([new ChainAuthor('author', 'trust').key])
})

test('a request is served once, however many changes a burst of records makes', async () => {
  const ledger = await open()
  await ledger.append('trust', async () => found('sage', 9_000))
  const founding = ledger.held.trust(self).founding?.id
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
  const ask = async (): Promise<Fields> =>
    fieldsOf('work.request', { to: self, amount: 10, description: 'x'.repeat(1_000) })
  const request = await ledger.append('pool', ask)
  const serve = async (): Promise<Fields> =>
    fieldsOf('work.allocate', { amount: 10, worker: self, deadline: 1_000, request })
  const drafts = [serve, ...Array.from({ length: 30 }, () => ask), serve]
  const settled = await Promise.allSettled(drafts.map((draft) => ledger.append('pool', draft)))
  expect(settled.at(0)?.status).toBe('fulfilled')
  expect(settled.at(-1)).toMatchObject({ reason: { code: 'already-ended' } })
  expect(ledger.held.pool(self).tickets.size).toBe(1)
})

test('nobody becomes another society by taking its prefix for a name', async () => {
  const ledger = await open()
  const victim = new ChainAuthor('victim', 'trust')
  await ledger.ingest(victim.write([found('victim')], start).frame, 'peer')
  const prefix = didOf(victim.key).slice(8, 20)
  expect(findSociety(ledger.held, prefix)).toBe(victim.key)
  const thief = new ChainAuthor('thief', 'trust')
  await ledger.ingest(thief.write([found(prefix)], start).frame, 'peer')
  expect(() => findSociety(ledger.held, prefix)).toThrow('fits 2 societies')
})

test('an answer fits a message though an author signs only every megabyte (R74)', async () => {
  const store = createMemoryStore()
  const actor = actorOf('pool', self)
  const write = (key: string, length: number): Promise<void> =>
    store.write([{ key, value: new Uint8Array(length) }], { sync: false })
  for (let seq = 1; seq <= 27; seq++) await write(keys.change(actor, seq), 60_000)
  for (const seq of [12, 27]) await write(keys.signature(actor, seq), 64)
  const frames = await framesFrom(store, actor, 1, syncAnswerBytes)
  expect(frames.map(({ changes }) => changes.length)).toEqual([12])
  expect(encodeSyncResponse({ type: 'changes', frames }).length).toBeLessThan(1_048_576)
  const rest = await framesFrom(store, actor, 13, syncAnswerBytes)
  expect(rest.map(({ changes }) => changes.length)).toEqual([15])
  expect(encodeSyncResponse({ type: 'changes', frames: rest }).length).toBeLessThan(1_048_576)
})
