import { expect, test, vi } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { bytesOfKey, changeMessage, peekChange, recordId } from '../../protocol/index.ts'
import type { ChangesFrame, Fields, SocietyKey } from '../../protocol/index.ts'
import { createMemoryStore, type Store } from '../../src/index.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { framesFrom, framesNamed } from '../../src/ledger/serve.ts'
import { voucherOf } from '../../src/backing/vouched-run.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor, type Signed } from '../support/chain-author.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const verifier = createVerifier()

type Node = { readonly ledger: Ledger; readonly store: Store }

async function nodeOf(name: string): Promise<Node> {
  const store = createMemoryStore()
  const clock = new VirtualClock(start)
  const ledger = await openLedger({ store, verifier, signer: signerOf(name), clock })
  return { ledger, store }
}

const found = (name: string): Fields =>
  fieldsOf('society.found', { name, federation: 'test-x', adp: 0, witnesses: [] })
const join = fieldsOf('federation.join', { federation: 'test-x' })
const observe = (subject: SocietyKey): Fields =>
  fieldsOf('trust.observe', { subject, success: true, count: 1 })
const admit = (society: SocietyKey, hash: string): Fields =>
  fieldsOf('federation.admit', { society, join: recordId(hash, 0) })

/** Changes under the signature of the last. */
function frameOf(author: ChainAuthor, signed: readonly Signed[]): ChangesFrame {
  const changes = signed.map(({ bytes }) => bytes)
  return author.frame(changes, (signed.at(-1) as Signed).hash)
}

/** What a node serves of a change by its hash. */
const served = ({ ledger, store }: Node, hash: string): Promise<readonly ChangesFrame[]> =>
  framesNamed({ store, index: ledger.index, forks: ledger.forks }, hash, 1_000_000)

/** Whether the frames bring a change under a signature that fits. */
function bring(frames: readonly ChangesFrame[], hash: string, by: SocietyKey): boolean {
  return frames.some(({ changes, signature }) => {
    const hashes = changes.map((bytes) => peekChange(bytes)).map((p) => p.ok && p.value.hash)
    const last = hashes.at(-1)
    if (!hashes.includes(hash as Signed['hash']) || !last) return false
    return verifier.verify(signature, changeMessage(last), bytesOfKey(by))
  })
}

test('what a liar signed together with what nobody has is served after its end', async () => {
  const liar = new ChainAuthor('liar', 'trust')
  const first = liar.write([found('liar')], start)
  const fork = { ...liar.chain }
  const second = liar.write([join], start)
  const third = liar.write([admit(liar.key, 'f'.repeat(64))], start)
  const pair = frameOf(liar, [second, third])
  liar.chain = fork
  const other = liar.write([observe(new ChainAuthor('sage', 'trust').key)], start)

  // It takes the second change, whose signature is that of the third, which names what is missing.
  const one = await nodeOf('one')
  await one.ledger.ingest(first.frame, 'peer')
  const verdict = await one.ledger.ingest(pair, 'peer')
  expect(verdict).toMatchObject({ accepted: 2, code: 'unknown-reference' })
  await one.ledger.ingest(other.frame, 'peer')
  await vi.waitFor(() => expect(one.ledger.forks.placeOf(liar.chain.actor)).toBe(2))
  expect(bring(await served(one, second.hash), second.hash, liar.key)).toBe(true)

  // Another has only heard of the lie, and waits for what an honest society did with the change.
  const two = await nodeOf('two')
  await two.ledger.ingest(first.frame, 'peer')
  const evidence = one.ledger.forks.of(liar.chain.actor)?.evidence ?? new Uint8Array()
  expect(await two.ledger.takeEvidence(evidence)).toBe('accept')
  const sage = new ChainAuthor('sage', 'trust')
  await two.ledger.ingest(sage.write([found('sage')], start).frame, 'peer')
  const dealt = sage.write([admit(liar.key, second.hash)], start)
  expect(await two.ledger.ingest(dealt.frame, 'peer')).toMatchObject({ missing: second.hash })
  for (const frame of await served(one, second.hash)) await two.ledger.ingest(frame, 'peer')
  await vi.waitFor(() => expect(two.ledger.held.trust(sage.key).chain.seq).toBe(2))
  // And from now on serves it itself.
  expect(bring(await served(two, second.hash), second.hash, liar.key)).toBe(true)
})

/** A node that knows where a liar's document ends, and what of it was told before. */
async function toldOf(evidence: Uint8Array, before: readonly Signed[]): Promise<Node> {
  const node = await nodeOf('told')
  for (const { frame } of before) await node.ledger.ingest(frame, 'peer')
  expect(await node.ledger.takeEvidence(evidence)).toBe('accept')
  return node
}

/** Evidence that a liar signed two changes after those that are told. */
async function evidenceOf(
  liar: ChainAuthor,
  told: readonly Signed[],
  two: readonly Signed[],
): Promise<Uint8Array> {
  const { ledger } = await nodeOf('finder')
  for (const { frame } of [...told, ...two]) await ledger.ingest(frame, 'peer')
  const forkOf = () => ledger.forks.of(liar.chain.actor)
  await vi.waitFor(() => expect(forkOf()?.place).toBe(told.length + 1))
  return forkOf()?.evidence ?? new Uint8Array()
}

/** What vouches for a document up to its end is stored, and found by whoever serves it. */
async function expectVouched({ store }: Node, liar: ChainAuthor, last: Signed): Promise<void> {
  const { actor } = liar.chain
  const end = peekChange(last.bytes)
  const seq = end.ok ? end.value.header.seq : 0
  expect(await voucherOf(store, actor, seq, Infinity)).toBeDefined()
  const frames = await framesFrom(store, actor, 1, 1_000_000, seq + 1)
  expect(bring(frames, last.hash, liar.key)).toBe(true)
}

test('what comes with changes past the end that none can judge is vouched for', async () => {
  const liar = new ChainAuthor('liar', 'trust')
  const first = liar.write([found('liar')], start)
  const second = liar.write([join], start)
  const fork = { ...liar.chain }
  const thirds = [join, observe(new ChainAuthor('sage', 'trust').key)].map((record) => {
    liar.chain = fork
    return liar.write([record], start)
  })
  liar.chain = fork
  const unknown = liar.write([admit(liar.key, 'f'.repeat(64))], start)
  const evidence = await evidenceOf(liar, [first, second], thirds)

  const node = await toldOf(evidence, [first])
  const both = frameOf(liar, [second, unknown])
  await node.ledger.ingest(both, 'peer')
  expect(node.ledger.held.trust(liar.key).chain.seq).toBe(2)
  await expectVouched(node, liar, second)
})

test('what vouches for a branch is not replaced by what was signed on another', async () => {
  const liar = new ChainAuthor('liar', 'trust')
  const first = liar.write([found('liar')], start)
  const second = liar.write([join], start)
  const fork = { ...liar.chain }
  const missing = admit(liar.key, 'f'.repeat(64))
  const unknown = [liar.write([missing], start), liar.write([join], start)]
  const one = frameOf(liar, [second, ...unknown])
  liar.chain = fork
  const third = liar.write([observe(new ChainAuthor('sage', 'trust').key)], start)
  const after = [third, liar.write([missing], start), liar.write([join], start)]
  const other = frameOf(liar, [...after, liar.write([join], start)])

  const node = await nodeOf('both')
  await node.ledger.ingest(first.frame, 'peer')
  expect(await node.ledger.ingest(one, 'peer')).toMatchObject({ accepted: 2 })
  expect(await node.ledger.ingest(other, 'peer')).toMatchObject({ accepted: 3 })
  await vi.waitFor(() => expect(node.ledger.forks.placeOf(liar.chain.actor)).toBe(3))
  await expectVouched(node, liar, second)
})
