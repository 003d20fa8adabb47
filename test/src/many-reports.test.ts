import { expect, test, vi } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { encodeEvidence, evidenceDigest } from '../../protocol/index.ts'
import { createMemoryStore } from '../../src/index.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from '../support/chain-author.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const founding = { name: 'some', federation: 'test-x', adp: 0, witnesses: [] }

/** Two first changes of a liar, and the digest of what they prove. */
function lie(): { readonly evidence: Uint8Array; readonly digest: string } {
  const runs = [1, 2].map((adp) => {
    const { bytes, frame } = liarAuthor().write(
      [fieldsOf('society.found', { ...founding, adp })],
      start,
    )
    return { type: 'run', changes: [bytes], signature: frame.signature } as const
  })
  const evidence = encodeEvidence({ actor: liarAuthor().chain.actor, statements: runs })
  return { evidence, digest: evidenceDigest(evidence) }
}

const liarAuthor = (): ChainAuthor => new ChainAuthor('liar', 'trust')

test('evidence that many reports name is read once (E8)', async () => {
  const store = createMemoryStore()
  const parts = { store, verifier: createVerifier(), signer: signerOf('reader') }
  const ledger = await openLedger({ ...parts, clock: new VirtualClock(start) })
  const { evidence, digest } = lie()
  const get = vi.spyOn(store, 'get')
  const readings = (): number => get.mock.calls.filter(([key]) => key.startsWith('y/')).length
  await ledger.keepEvidence(evidence)
  const report = fieldsOf('equivocation.report', { evidence: [], digest })
  for (const name of ['ada', 'bea', 'cy']) {
    const author = new ChainAuthor(name, 'trust')
    const records = [
      fieldsOf('society.found', founding),
      ...Array.from({ length: 50 }, () => report),
    ]
    const { frame } = author.write(records, start)
    expect(await ledger.ingest(frame, 'peer')).toMatchObject({ verdict: 'accept' })
    await ledger.exclusively(async () => {})
    expect(ledger.held.trust(author.key).reports.size).toBe(1)
  }
  expect(ledger.forks.placeOf(liarAuthor().chain.actor)).toBe(1)
  // To judge the first report, and to end the document by it.
  expect(readings()).toBe(2)
})
