import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { contentDigest, emptyPool, emptyTrust } from '../../protocol/index.ts'
import type { ChangeHash, CheckpointContent, KeptChange } from '../../protocol/index.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from '../support/chain-author.ts'
import { contentText } from '../support/in-pieces.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const head = '7'.repeat(64) as ChangeHash
const founding = { name: 'honest', federation: 'test-x', adp: 0, witnesses: [] }

test('a checkpoint says nothing of changes of other documents (H7)', async () => {
  const clock = new VirtualClock(start)
  const signer = signerOf('reader')
  const ledger = await openLedger({ verifier: createVerifier(), signer, clock })
  const honest = new ChainAuthor('honest', 'trust')
  const { hash, frame } = honest.write([fieldsOf('society.found', founding)], start)
  await ledger.ingest(frame, 'peer')
  const before = await ledger.index.facts(hash)

  const state = emptyPool(new ChainAuthor('liar', 'pool').key)
  const { actor } = state.chain
  const kept: KeptChange = {
    hash,
    seq: 3,
    time: start,
    kinds: ['nothing'],
    voids: { 0: 'malformed' },
    outcomes: {},
    ended: {},
    borrowedUntil: 0,
  }
  const adopt = (changes: readonly KeptChange[]): Promise<boolean> => {
    const read: CheckpointContent = {
      state: { ...state, chain: { ...state.chain, seq: 5, head } },
      changes,
    }
    const bytes = new TextEncoder().encode(contentText(read))
    const terms = { size: bytes.length, digest: contentDigest(bytes), term: 0, signatures: [] }
    const checkpoint = { actor, seq: 5, hash: head, ...terms }
    const adopted = { checkpoint, content: bytes, read, pedigree: undefined }
    return ledger.adopt(adopted)
  }
  expect(await adopt([kept])).toBe(false)
  expect(await ledger.index.facts(hash)).toEqual(before)
  expect(await adopt([{ ...kept, hash: '8'.repeat(64) as ChangeHash }])).toBe(true)
})

test('who sends what does not fit a checkpoint is not to blame for it (R73)', async () => {
  const clock = new VirtualClock(start)
  const ledger = await openLedger({
    verifier: createVerifier(),
    signer: signerOf('reader'),
    clock,
  })
  const liar = new ChainAuthor('liar', 'trust')
  const { hash } = liar.write([fieldsOf('society.found', founding)], start)
  const { seq, actor } = liar.chain
  const read: CheckpointContent = {
    state: { ...emptyTrust(liar.key), chain: { ...liar.chain, nextOperation: 99 } },
    changes: [],
  }
  const bytes = new TextEncoder().encode(contentText(read))
  const terms = { size: bytes.length, digest: contentDigest(bytes), term: 0, signatures: [] }
  const checkpoint = { actor, seq, hash, ...terms }
  const adopted = { checkpoint, content: bytes, read, pedigree: undefined }
  expect(await ledger.adopt(adopted)).toBe(true)
  const { frame } = liar.write([fieldsOf('federation.join', {})], start)
  expect(await ledger.ingest(frame, 'peer')).toMatchObject({
    verdict: 'ignore',
    code: 'malformed',
  })
  expect(ledger.forks.count).toBe(0)
})
