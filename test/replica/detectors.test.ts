import { describe, expect, it } from 'vitest'
import type { Judged, Outcome, RecordId, SocietyKey } from '../../protocol/index.ts'
import { Claims } from '../../src/claims/claims.ts'
import { Flags } from '../../src/detectors/flags.ts'
import { HistoryIndex } from '../../src/detectors/history-index.ts'
import { createMemoryDisk, type MemoryDisk } from '../../src/index.ts'
import { DocumentsHeld } from '../../src/ledger/documents-held.ts'

const day = 86_400_000
const start = Date.UTC(2026, 5, 21, 12)
const worker = 'a'.repeat(64) as SocietyKey
const judge = 'b'.repeat(64) as SocietyKey

type Node = { readonly index: HistoryIndex; readonly flags: Flags; readonly disk: MemoryDisk }

/** The index of a node on a disk, at an instant that a test sets. */
async function nodeOn(disk: MemoryDisk, clock: { now: number }): Promise<Node> {
  const held = new DocumentsHeld()
  const members = new Map([worker, judge].map((society) => [society, 0]))
  const claims = new Claims({ held: () => held, members: () => members, isCaught: () => false })
  const index = new HistoryIndex({
    held: () => held,
    claims: () => claims,
    now: () => clock.now,
    memberSince: () => 0,
    equivocationOf: () => undefined,
  })
  await index.load(disk.open(), clock.now)
  return { index, flags: new Flags(index), disk }
}

let records = 0
const judged = (author: SocietyKey, time: number, outcome: Outcome): Judged => ({
  id: `${(++records).toString(16).padStart(64, '0')}:0` as RecordId,
  author,
  document: 'pool',
  seq: 1,
  time,
  kind: 'test',
  void: null,
  outcome,
  fault: null,
  ended: [],
})

async function take({ index, disk }: Node, record: Judged): Promise<void> {
  const store = disk.open()
  await store.write(index.consider(record), { sync: true })
  await store.close()
}

const job = (time: number, quality: number): Judged =>
  judged(judge, time, {
    type: 'completion',
    ticket: 'ticket:0' as RecordId,
    worker,
    beneficiary: judge,
    consumed: 1,
    quality,
    slices: [],
  })

async function keysOn(disk: MemoryDisk): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const [key] of disk.open().range({ gte: 'd/', lt: 'd0' })) keys.push(key)
  return keys
}

describe('the history of a node (D1, D2)', () => {
  it('is the same after a restart, and ends after thirteen weeks on disk as well', async () => {
    const disk = createMemoryDisk()
    const clock = { now: start + 8 * day }
    const node = await nodeOn(disk, clock)
    for (let i = 0; i < 10; i++) await take(node, job(start, 0))
    for (let i = 0; i < 10; i++) await take(node, job(start + 8 * day, 1_000_000))
    const found = node.flags.findings(worker, clock.now)
    expect(found).toMatchObject([{ name: 'uneven-honesty', severity: 1_000_000 }])
    expect(await keysOn(disk)).toHaveLength(2)
    const again = await nodeOn(disk, clock)
    expect(again.flags.findings(worker, clock.now)).toEqual(found)

    clock.now = start + 91 * day
    await take(again, job(clock.now, 1_000_000))
    expect(again.flags.findings(worker, clock.now)).toEqual([])
    expect(await keysOn(disk)).toHaveLength(2)
    // What comes late counts as long as it is within the time.
    await take(again, job(start + day, 0))
    await take(again, job(start, 0))
    expect(await keysOn(disk)).toHaveLength(3)
    clock.now = start + 200 * day
    await nodeOn(disk, clock)
    expect(await keysOn(disk)).toEqual([])
  })

  it('keeps one tally for however many jobs of a day', async () => {
    const node = await nodeOn(createMemoryDisk(), { now: start })
    for (let i = 0; i < 500; i++) await take(node, job(start + i, i % 2 === 0 ? 1_000_000 : 0))
    const [tally, ...others] = node.index.jobsAsWorker(worker)
    expect(others).toEqual([])
    expect(tally).toMatchObject({ jobs: 500, failures: 250 })
    expect(tally?.failed).toHaveLength(4)
    expect(await keysOn(node.disk)).toHaveLength(1)
  })

  it('is looked at again when something has come, or a minute has passed', async () => {
    const node = await nodeOn(createMemoryDisk(), { now: start })
    const first = node.flags.findings(worker, start)
    expect(node.flags.findings(worker, start + 59_999)).toBe(first)
    expect(node.flags.findings(worker, start + 60_000)).not.toBe(first)
    const second = node.flags.findings(worker, start + 60_000)
    await take(node, job(start, 0))
    expect(node.flags.findings(worker, start + 60_000)).not.toBe(second)
  })

  it('is taken by trust as the worst that was found', async () => {
    const clock = { now: start + 8 * day }
    const node = await nodeOn(createMemoryDisk(), clock)
    expect(node.flags.anomalyOf(worker, clock.now)).toEqual({ severity: 0, records: [] })
    for (let i = 0; i < 10; i++) await take(node, job(start, 0))
    for (let i = 0; i < 10; i++) await take(node, job(start + 8 * day, 1_000_000))
    const { severity, records: evidence } = node.flags.anomalyOf(worker, clock.now)
    expect([severity, evidence.length]).toEqual([1_000_000, 4])
  })
})
