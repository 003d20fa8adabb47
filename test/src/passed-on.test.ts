import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import type { ChangesFrame, Fields } from '../../protocol/index.ts'
import { createMemoryStore, type Store } from '../../src/index.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from '../support/chain-author.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')

const founded = (name: string): Fields =>
  fieldsOf('society.found', { name, federation: 'test-x', adp: 5, witnesses: [] })

/** Has a store's writes wait until they are let through, and writes down what happens. */
function letWait(store: Store, story: string[]): () => void {
  const write = store.write.bind(store)
  const { promise, resolve } = Promise.withResolvers<void>()
  store.write = async (writes, options) => {
    story.push('writing')
    await promise
    await write(writes, options)
    story.push('written')
  }
  return resolve
}

async function ledgerOf(store: Store, story: string[]): Promise<Ledger> {
  const verifier = createVerifier()
  const signer = signerOf('reader')
  const clock = new VirtualClock(start)
  const onAccepted = (): void => void story.push('shown')
  return openLedger({ store, verifier, signer, clock, onAccepted })
}

test('a good frame is passed on before it is on disk, and shown only after (R73)', async () => {
  const story: string[] = []
  const store = createMemoryStore()
  const ledger = await ledgerOf(store, story)
  const letThrough = letWait(store, story)
  const { frame } = new ChainAuthor('author', 'trust').write([founded('author')], start)
  const passed = Promise.withResolvers<void>()
  const verdict = ledger.ingest(frame, 'peer', () => {
    story.push('passed on')
    passed.resolve()
  })
  await passed.promise
  letThrough()
  expect(await verdict).toMatchObject({ verdict: 'accept' })
  expect(story).toEqual(['passed on', 'writing', 'written', 'shown'])
})

test('what is forged, malformed, known, or waits is not passed on (R73)', async () => {
  const story: string[] = []
  const ledger = await ledgerOf(createMemoryStore(), story)
  const author = new ChainAuthor('author', 'trust')
  const first = author.write([founded('author')], start).frame
  const join = fieldsOf('federation.join', { federation: 'test-x' })
  const second = author.write([join], start).frame
  const third = author.write([join], start).frame
  const [change = new Uint8Array()] = second.changes
  const flipped = change.map((byte, at) => (at === change.length - 1 ? byte ^ 1 : byte))
  const take = async (frame: ChangesFrame): Promise<string> => {
    let passed = 'kept'
    const { verdict, code } = await ledger.ingest(frame, 'peer', () => (passed = 'passed on'))
    return `${verdict} ${code} ${passed}`
  }
  const forged = { ...first, signature: second.signature }
  expect(await take(forged)).toBe('reject bad-signature kept')
  expect(await take(first)).toBe('accept undefined passed on')
  expect(await take(first)).toBe('ignore out-of-order kept')
  expect(await take({ ...second, changes: [flipped] })).toMatch(/^reject .* kept$/)
  expect(await take(third)).toBe('ignore out-of-order kept')
  expect(await take(second)).toBe('accept undefined passed on')
})
