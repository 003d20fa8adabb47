import { expect, test, vi } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { bytesOfKey, changeMessage, peekChange, recordId } from '../../protocol/index.ts'
import type { ChangesFrame, Fields, SocietyKey } from '../../protocol/index.ts'
import { createMemoryStore, type Store } from '../../src/index.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { framesNamed } from '../../src/ledger/serve.ts'
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
  const pair = liar.frame([second.bytes, third.bytes], third.hash)
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
