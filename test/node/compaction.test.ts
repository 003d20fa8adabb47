import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { silentLog } from '../../node/silent-log.ts'
import { actorOf, canonicalJson } from '../../protocol/index.ts'
import type { Store, StoreWrite } from '../../src/index.ts'
import { readBase } from '../../src/ledger/base.ts'
import { DocumentsHeld } from '../../src/ledger/documents-held.ts'
import { Forks } from '../../src/ledger/forks.ts'
import { Index } from '../../src/ledger/index-of-facts.ts'
import { loadDocuments } from '../../src/ledger/load.ts'
import { checkpointWorld, keyOf, liveDays, statesOf } from '../support/checkpoint-world.ts'
import { withDirectory, withStore } from './store-fixture.ts'

const dayMs = 86_400_000
const pool = actorOf('pool', keyOf('sage'))
const child = join(import.meta.dirname, 'compact-until-killed.ts')
let entries: StoreWrite[] = []
let states: ReadonlyMap<string, string>
/** When all of the checkpoints that are there are old enough. */
let laterMs = 0

// A real history, of which a window would drop something a little later.
beforeAll(async () => {
  const world = await checkpointWorld(1, ['w1'])
  await liveDays(world, 55)
  states = statesOf(world, 'w1')
  laterMs = world.clock.now() + 90 * dayMs
  for await (const [key, value] of world
    .resident('w1')
    .disk.open()
    .range({ gte: ' ', lt: '\x7f' })) {
    entries.push({ key, value })
  }
  // Something that takes space, of the kind that goes: changes as large as a transcript.
  expect(entries.length).toBeGreaterThan(200)
}, 120_000)

/** Runs the program; it is killed at its n-th write. Answers whether it came to its end. */
async function compactUntil(directory: string, writes: number): Promise<boolean> {
  const running = spawn(process.execPath, [child, directory, String(laterMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = once(running, 'exit')
  let seen = 0
  let isDone = false
  // Whoever has been killed, or is done, reads no more.
  running.stdin.on('error', () => {})
  for await (const line of createInterface({ input: running.stdout })) {
    if (line === 'done') isDone = true
    seen += 1
    if (seen === writes) running.kill('SIGKILL')
    else running.stdin.write('\n')
  }
  // Its lock is whose process is still there.
  await gone
  return isDone
}

async function loaded(store: Store): Promise<ReadonlyMap<string, string>> {
  const held = new DocumentsHeld()
  const forks = new Forks(store)
  await loadDocuments(store, held, new Index(store, createVerifier(), forks), silentLog)
  const all = [...held.trusts(), ...held.pools()]
  const entriesOf = all.map((state) => [state.chain.actor, canonicalJson(state)] as const)
  return new Map(entriesOf.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const keysOf = async (store: Store, beginning: string): Promise<readonly string[]> => {
  const keys: string[] = []
  const range = { gte: beginning, lt: `${beginning}\x7f` }
  for await (const [key] of store.range(range)) keys.push(key)
  return keys
}

async function bytesIn(directory: string): Promise<number> {
  const folder = join(directory, 'store')
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

test('what is old is dropped however often it is killed; its space comes back (H6)', async () => {
  await withDirectory(async (directory) => {
    const big = [...entries]
    await withStore(directory, (store) => store.write(big, { sync: true }), true)
    // Its table is written when the store is opened again.
    await withStore(directory, async () => {})
    const before = await bytesIn(directory)
    let kills = 0
    for (let at = 1; !(await compactUntil(directory, at)); at += 1) {
      kills += 1
      // Whenever it was killed, what is there can be loaded, and comes to the same states.
      await withStore(directory, async (store) => expect(await loaded(store)).toEqual(states))
    }
    expect(kills).toBeGreaterThan(3)
    await withStore(directory, async (store) => {
      const { checkpoint } = (await readBase(store, pool)) ?? {}
      expect(checkpoint?.seq).toBeGreaterThan(5)
      const last = `c/${pool}/${(checkpoint?.seq ?? 0).toString(16).padStart(12, '0')}`
      const left = await keysOf(store, `c/${pool}/`)
      expect(left.filter((key) => key <= last)).toEqual([])
      expect(await keysOf(store, `zc/${pool}/`)).toEqual([])
      expect(await loaded(store)).toEqual(states)
    })
    expect(await bytesIn(directory)).toBeLessThan(before)
  })
}, 120_000)
