import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import type { ChangesFrame, Fields } from '../../protocol/index.ts'
import { createMemoryStore } from '../../src/index.ts'
import type { LedgerParts } from '../../src/ledger/ledger-parts.ts'
import { judgeMeanwhileMin } from '../../src/limits.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from '../support/chain-author.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const founding = fieldsOf('society.found', {
  name: 'author',
  federation: 'test-x',
  adp: 5,
  witnesses: [],
})
const join = fieldsOf('federation.join', { federation: 'test-x' })

/** A frame of so many changes, the first of them these records. */
function frameOf(author: ChainAuthor, count: number, records: readonly Fields[] = [join]) {
  const changes = Array.from({ length: count }, (_, at) =>
    author.write(at === 0 ? records : [join], start),
  )
  return author.frame(
    changes.map(({ bytes }) => bytes),
    author.chain.head as NonNullable<typeof author.chain.head>,
  )
}

/** A ledger whose writes wait until each is let through or fails, and what happens at it. */
async function made(parts: Partial<LedgerParts> = {}) {
  const store = createMemoryStore()
  const story: string[] = []
  const gates: PromiseWithResolvers<void>[] = []
  const write = store.write.bind(store)
  const signer = signerOf('reader')
  const world = { store, verifier: createVerifier(), signer, clock: new VirtualClock(start) }
  const onAccepted: LedgerParts['onAccepted'] = (accepted) =>
    void story.push(`shown ${accepted.length}`)
  const ledger = await openLedger({ ...world, onAccepted, ...parts })
  store.write = async (writes, options) => {
    const gate = Promise.withResolvers<void>()
    gates.push(gate)
    story.push('writing')
    await gate.promise
    await write(writes, options)
    story.push('written')
  }
  const author = new ChainAuthor('author', 'trust')
  const take = (frame: ChangesFrame): { passed: Promise<void>; verdict: Promise<unknown> } => {
    const { promise: passed, resolve } = Promise.withResolvers<void>()
    const good = (): void => {
      story.push('good')
      resolve()
    }
    return { passed, verdict: ledger.ingest(frame, 'peer', good).then((each) => each.verdict) }
  }
  const first = take(frameOf(author, 1, [founding]))
  await first.passed
  return { ledger, story, gates, author, take, first }
}

/** Lets all that can happen without a write happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('many changes are judged while others are written, and shown after them (R73)', async () => {
  const { story, gates, author, take, first } = await made()
  const second = take(frameOf(author, judgeMeanwhileMin))
  await second.passed
  await settle()
  expect(story).toEqual(['good', 'writing', 'good'])
  gates[0]?.resolve()
  expect(await first.verdict).toBe('accept')
  await settle()
  gates[1]?.resolve()
  expect(await second.verdict).toBe('accept')
  expect(story.slice(3)).toEqual(['written', 'shown 1', 'writing', 'written', 'shown 16'])
})

test('few changes wait for the write, and share the next', async () => {
  const { story, gates, author, take } = await made()
  const others = [take(frameOf(author, 1)), take(frameOf(author, 1))]
  await settle()
  expect(story).toEqual(['good', 'writing'])
  gates[0]?.resolve()
  await others[1]?.passed
  await settle()
  gates[1]?.resolve()
  expect(await others[1]?.verdict).toBe('accept')
  expect(story.slice(2)).toEqual([
    'written',
    'shown 1',
    'good',
    'good',
    'writing',
    'written',
    'shown 2',
  ])
})

test('whose records say who is taken is told of before more is judged (R72)', async () => {
  const { story, gates, author, take } = await made({
    admits: ({ kind }) => kind === 'society.found',
  })
  const second = take(frameOf(author, judgeMeanwhileMin))
  await settle()
  expect(story).toEqual(['good', 'writing'])
  gates[0]?.resolve()
  await second.passed
  expect(story.slice(2, 5)).toEqual(['written', 'shown 1', 'good'])
})

test('own records are judged on what is on disk, and nothing meanwhile (R73)', async () => {
  const { ledger, story, gates, author, take } = await made()
  const prepare = async (): Promise<Fields> => {
    story.push('own')
    return fieldsOf('society.found', {
      name: 'reader',
      federation: 'test-x',
      adp: 5,
      witnesses: [],
    })
  }
  const own = ledger.append('trust', prepare)
  await settle()
  expect(story).toEqual(['good', 'writing'])
  gates[0]?.resolve()
  await settle()
  expect(story.slice(2)).toEqual(['written', 'shown 1', 'own', 'writing'])
  const second = take(frameOf(author, judgeMeanwhileMin))
  const task = ledger.exclusively(async () => void story.push('task'))
  await settle()
  expect(story.at(-1)).toBe('writing')
  gates[1]?.resolve()
  await own
  await second.passed
  await settle()
  expect(story.at(-1)).toBe('writing')
  gates[2]?.resolve()
  expect(await second.verdict).toBe('accept')
  await task
  expect(story.at(-1)).toBe('task')
})

test('what was judged on a write that fails is neither written nor accepted', async () => {
  const { ledger, story, gates, author, take, first } = await made()
  const second = take(frameOf(author, judgeMeanwhileMin))
  await second.passed
  gates[0]?.reject(new TypeError('the disk is full'))
  expect(await first.verdict).toBe('ignore')
  expect(await second.verdict).toBe('ignore')
  expect(ledger.broken?.code).toBe('store-damaged')
  expect(story).toEqual(['good', 'writing', 'good'])
})
