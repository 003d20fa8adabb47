import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { canonicalJson, type Fields, type SocietyKey } from '../../protocol/index.ts'
import { createMemoryStore } from '../../src/index.ts'
import { allOf, keys } from '../../src/ledger/layout.ts'
import { readSnapshot } from '../../src/ledger/snapshots.ts'
import {
  entryBytes,
  milestoneOperations,
  operationsJudgedInATurn,
  largeStateEntries,
  snapshotEveryChanges,
  turnBytes,
} from '../../src/limits.ts'
import { atOnce } from '../../src/turns.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor, type Signed } from '../support/chain-author.ts'
import { openLedger } from '../support/open-ledger.ts'

const start = Date.parse('2026-06-21T12:00:00Z')
const liar = new ChainAuthor('liar', 'trust')
const { actor } = liar.chain

/** An observation of the nth society that nobody has ever heard of. */
const observe = (nth: number): Fields => {
  const subject = bytesToHex(sha256(new TextEncoder().encode(`${nth}`))) as SocietyKey
  return fieldsOf('trust.observe', { subject, success: true, count: 1 })
}

const framesOf = (signed: readonly Signed[], changesMax: number) =>
  Array.from({ length: Math.ceil(signed.length / changesMax) }, (_, nth) => {
    const some = signed.slice(nth * changesMax, (nth + 1) * changesMax)
    return liar.frame(
      some.map(({ bytes }) => bytes),
      (some.at(-1) as Signed).hash,
    )
  })

test('a state that its author made large is written in turns, not more often (P8)', async () => {
  let turns = 0
  const snapshots: Uint8Array[] = []
  const store = createMemoryStore()
  const write = store.write.bind(store)
  store.write = (writes, options) => {
    for (const { key, value } of writes) {
      if (key === keys.snapshot(actor) && value !== undefined) snapshots.push(value)
    }
    return write(writes, options)
  }
  const ledger = await openLedger({
    store,
    verifier: createVerifier(),
    clock: new VirtualClock(start),
    signer: signerOf('reader'),
    breathe: async () => void (turns += 1),
  })
  const found = fieldsOf('society.found', {
    name: 'liar',
    federation: 'test-x',
    adp: 0,
    witnesses: [],
  })
  const founding = liar.write([found], start)
  const entries = 25 * 250
  expect(entries).toBeGreaterThan(largeStateEntries)
  const large = Array.from({ length: 25 }, (_, nth) =>
    liar.write(
      Array.from({ length: 250 }, (__, each) => observe(nth * 250 + each)),
      start,
    ),
  )
  const small = (count: number): readonly Signed[] =>
    Array.from({ length: count }, () => liar.write([observe(0)], start))
  const first = [...large, ...small(snapshotEveryChanges - large.length - 1)]
  expect(await ledger.ingest(founding.frame, 'peer')).toMatchObject({ verdict: 'accept' })
  for (const frame of framesOf(first, 10)) {
    expect(await ledger.ingest(frame, 'peer')).toMatchObject({ verdict: 'accept' })
  }
  await ledger.exclusively(async () => {})
  const state = ledger.held.trust(liar.key)
  expect([state.chain.seq, state.observed.size]).toEqual([snapshotEveryChanges, entries])
  expect(snapshots).toHaveLength(1)
  const [snapshot = new Uint8Array()] = snapshots
  expect(canonicalJson(await readSnapshot(snapshot, atOnce))).toBe(canonicalJson(state))
  expect(turns).toBeGreaterThanOrEqual(Math.floor(snapshot.length / turnBytes) * 2)
  // A milestone takes a copy, which is not made in turns: there is that of the small state alone.
  const milestones: string[] = []
  for await (const [key] of store.range(allOf('milestone', actor))) milestones.push(key)
  expect(state.chain.nextOperation).toBeGreaterThan(2 * milestoneOperations)
  expect(milestones).toEqual([keys.milestone(actor, 1)])

  const more = small(snapshotEveryChanges)
  const bytes = more.reduce((sum, each) => sum + each.bytes.length, 0)
  expect(bytes).toBeLessThan(entries * entryBytes)
  for (const frame of framesOf(more, 64)) await ledger.ingest(frame, 'peer')
  await ledger.exclusively(async () => {})
  expect(snapshots).toHaveLength(1)
  const rest = small(Math.ceil((entries * entryBytes - bytes) / (bytes / more.length)) + 1)
  for (const frame of framesOf(rest, 64)) await ledger.ingest(frame, 'peer')
  await ledger.exclusively(async () => {})
  expect(snapshots).toHaveLength(2)
})

test('a frame of many changes is judged in turns (P8)', async () => {
  let turns = 0
  const ledger = await openLedger({
    verifier: createVerifier(),
    clock: new VirtualClock(start),
    signer: signerOf('reader'),
    breathe: async () => void (turns += 1),
  })
  const writer = new ChainAuthor('writer', 'trust')
  const found = { name: 'writer', federation: 'test-x', adp: 0, witnesses: [] }
  const changes = [writer.write([fieldsOf('society.found', found)], start)]
  const ten = Array.from({ length: 10 }, (_, nth) => observe(nth))
  while (writer.chain.nextOperation < 3 * operationsJudgedInATurn) {
    changes.push(writer.write(ten, start))
  }
  const bytes = changes.map((each) => each.bytes)
  const frame = writer.frame(bytes, (changes.at(-1) as Signed).hash)
  expect(await ledger.ingest(frame, 'peer')).toMatchObject({ verdict: 'accept' })
  expect(turns).toBeGreaterThanOrEqual(2)
})
