import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  record,
  type Arbitrary,
} from 'fast-check'
import { expect, test } from 'vitest'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { actorOf, keyOfBytes } from '../../protocol/index.ts'
import { JobQueue } from '../../src/ledger/job-queue.ts'
import type { Job } from '../../src/ledger/jobs.ts'

const keys = ['sage', 'leaf', 'loom', 'oak'].map((name) => keyOfBytes(signerOf(name).publicKey))
const nobody = (): void => {}

/** A frame of a society, by its place in `keys`; an own record; or a task. */
type Kind = { readonly of: number; readonly bytes: number; readonly pool: boolean }
type What = Kind | 'draft' | 'task'

function jobOf(what: What): Job {
  if (what === 'task') return { task: { run: async () => {}, done: nobody } }
  if (what === 'draft') {
    const prepare = async () => new Map()
    const done = { refusal: undefined, resolve: nobody, reject: nobody }
    return { draft: { document: 'pool', prepare, ...done } }
  }
  const actor = actorOf(what.pool ? 'pool' : 'trust', keys[what.of] ?? (keys[0] as never))
  const frame = { actor, changes: [], signature: new Uint8Array(64) }
  return { incoming: { frame, bytes: what.bytes, from: null, resolve: nobody } }
}

const writerOf = (what: What): string => (typeof what === 'string' ? what : `${what.of}`)

/** What a test does: has something wait, or takes so many. */
const steps = array(
  oneof(
    record({
      of: nat(2),
      bytes: integer({ min: 1, max: 300_000 }),
      pool: boolean(),
    }) as Arbitrary<What>,
    constantFrom<What>('draft', 'task'),
    integer({ min: 1, max: 5 }),
  ),
)

type Known = { readonly what: What; readonly nth: number; readonly ahead: readonly Job[] }

/** A queue after some steps, with what waits and what was taken. */
function after(all: readonly (What | number)[]) {
  const queue = new JobQueue()
  const known = new Map<Job, Known>()
  const waiting = new Set<Job>()
  const taken: Job[] = []
  const take = (count: number): void => {
    for (const job of queue.take(count)) {
      taken.push(job)
      waiting.delete(job)
    }
  }
  for (const [nth, step] of all.entries()) {
    if (typeof step === 'number') {
      take(step)
      continue
    }
    const job = jobOf(step)
    known.set(job, { what: step, nth, ahead: [...waiting] })
    waiting.add(job)
    queue.push(job)
  }
  return { queue, known, taken, take }
}

test('nothing is lost, each society’s stays in order, a task waits for all before it', () => {
  assert(
    property(steps, (all) => {
      const { queue, known, taken, take } = after(all)
      take(Infinity)
      expect(queue.length).toBe(0)
      expect(new Set(taken)).toEqual(new Set(known.keys()))
      const last = new Map<string, number>()
      const seen = new Set<Job>()
      for (const job of taken) {
        const { what, nth, ahead } = known.get(job) as Known
        expect(nth).toBeGreaterThan(last.get(writerOf(what)) ?? -1)
        last.set(writerOf(what), nth)
        if (what === 'task') expect(ahead.every((each) => seen.has(each))).toBe(true)
        seen.add(job)
      }
    }),
  )
})

test('whoever comes new waits for one job of each society, however much of theirs there is', () => {
  const newcomer = { of: 3, bytes: 300_000, pool: true } as const
  assert(
    property(steps, (all) => {
      const { queue, known } = after(all)
      const job = jobOf(newcomer)
      queue.push(job)
      const order = queue.take(Infinity)
      const writers = order
        .slice(0, order.indexOf(job))
        .map((each) => writerOf(known.get(each)?.what ?? 'task'))
        .filter((writer) => writer !== 'task')
      expect(writers).toEqual([...new Set(writers)])
    }),
  )
})

test('a society that writes more takes its turns by bytes, not by frames', () => {
  const queue = new JobQueue()
  const large = Array.from({ length: 4 }, () => jobOf({ of: 0, bytes: 60_000, pool: true }))
  const small = Array.from({ length: 12 }, () => jobOf({ of: 1, bytes: 20_000, pool: true }))
  for (const job of [...large, ...small]) queue.push(job)
  const order = queue.take(Infinity).map((job) => (large.includes(job) ? 'L' : 's'))
  expect(order.join('')).toBe('LsssLsssLsssLsss')
})
