import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { nodeIdentityOf, signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { nodeMessage } from '../../protocol/index.ts'
import type { Fields } from '../../protocol/index.ts'
import { signaturesInATurn } from '../../src/limits.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from '../support/chain-author.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const founding = { name: 'some', federation: 'test-x', adp: 0, witnesses: [] }
const node = nodeIdentityOf('node')

/** A certificate of a node, signed by it or not. */
function certificate(author: ChainAuthor, nth: number, isSigned: boolean): Fields {
  const until = start + nth
  const signature = node.sign(nodeMessage(author.key, until))
  if (!isSigned) signature[40] = (signature[40] ?? 0) ^ 1
  return fieldsOf('node.certify', { peerId: node.peerId, until, signature })
}

test('the many signatures of a change are checked in turns, each as it holds (P8)', async () => {
  const real = createVerifier()
  let since = 0
  let most = 0
  const verifier: typeof real = {
    ...real,
    verify(...signed) {
      since += 1
      most = Math.max(most, since)
      return real.verify(...signed)
    },
  }
  const breathe = async (): Promise<void> => {
    since = 0
  }
  const clock = new VirtualClock(start)
  const ledger = await openLedger({ verifier, signer: signerOf('reader'), clock, breathe })
  const author = new ChainAuthor('author', 'trust')
  await ledger.ingest(author.write([fieldsOf('society.found', founding)], start).frame, 'peer')
  const records = Array.from({ length: 60 }, (_, nth) => certificate(author, nth, nth % 3 === 0))
  const { frame, hash } = author.write(records, start)
  since = 0
  expect(await ledger.ingest(frame, 'peer')).toMatchObject({ verdict: 'accept' })
  const { voids = {} } = (await ledger.index.facts(hash)) ?? {}
  expect(Object.keys(voids).length).toBe(40)
  expect(Object.values(voids).every((code) => code === 'bad-signature')).toBe(true)
  // One more is that of the frame.
  expect(most).toBeLessThanOrEqual(signaturesInATurn + 1)
})
