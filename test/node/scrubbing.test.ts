import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import type { LevelStore } from '../../node/store/level-store.ts'
import { scrubFirstMs, scrubIntervalMs } from '../../node/store/limits.ts'
import { Scrubbing, type ScrubView } from '../../node/store/scrubbing.ts'
import {
  contentOf,
  filesByKind,
  flipBit,
  numbersOf,
  someWrites,
  withDirectory,
  withStore,
} from './store-fixture.ts'
import { silentLog } from '../../node/silent-log.ts'

const startMs = Date.UTC(2026, 5, 21)

/** Everything about a store that is looked through on a clock of the test's own. */
function watched(store: Pick<LevelStore, 'scrub'>) {
  const clock = new VirtualClock(startMs)
  const events: (readonly [string, Readonly<Record<string, unknown>>])[] = []
  const emit = (type: string, data: Readonly<Record<string, unknown>>): void => {
    events.push([type, data])
  }
  const scrubbing = new Scrubbing({ store, clock, log: silentLog, emit })
  /** Lets time pass until it was looked through once more. */
  const pass = async (ms: number, done: () => boolean): Promise<ScrubView> => {
    clock.step(clock.now() + ms)
    while (!done()) {
      clock.runSoon()
      await setImmediate()
    }
    return scrubbing.view()
  }
  return { clock, events, scrubbing, pass }
}

/** A store with a table on disk. */
async function withTable(use: (store: LevelStore, table: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    await withStore(directory, (store) => store.write(someWrites(1, 800), { sync: true }), true)
    // LevelDB makes a table of its log when it opens.
    await withStore(directory, contentOf)
    await withStore(directory, async (store) => {
      const [table] = (await filesByKind(directory)).get('ldb') ?? []
      if (table === undefined) throw new TypeError('there is no table')
      await use(store, join(directory, table))
    })
  })
}

test('the store is looked through in the background, and damage told once, with its part', () =>
  withTable(async (store, table) => {
    const { clock, events, scrubbing, pass } = watched(store)
    scrubbing.start()
    const sound = await pass(scrubFirstMs, () => scrubbing.view().soundAt !== null)
    expect([sound, events]).toEqual([{ soundAt: clock.now(), damage: null }, []])
    await flipBit(table, numbersOf(3))
    const { soundAt } = sound
    const found = await pass(scrubIntervalMs, () => scrubbing.view().damage !== null)
    expect(found).toEqual({ soundAt, damage: expect.stringContaining(table) })
    expect(events).toEqual([['store-damaged', { message: found.damage }]])
    const looks = countLooks(store)
    await pass(scrubIntervalMs, () => looks.ended === 1)
    expect(events.length).toBe(1)
    await scrubbing.stop()
  }))

/** How often a store has been looked through from now on. */
function countLooks(store: LevelStore): { ended: number } {
  const looks = { ended: 0 }
  const scrub = store.scrub.bind(store)
  store.scrub = async (goOn) => {
    try {
      await scrub(goOn)
    } finally {
      looks.ended++
    }
  }
  return looks
}

test('it rests between the parts, and ends in the middle where the node stops', () =>
  withTable(async (store) => {
    const { clock, scrubbing } = watched(store)
    scrubbing.start()
    clock.step(clock.now() + scrubFirstMs)
    // It waits before the first part, and the clock does not move.
    for (let turn = 0; turn < 50; turn++) await setImmediate()
    expect(scrubbing.view().soundAt).toBeNull()
    await scrubbing.stop()
    expect(scrubbing.view().soundAt).toBeNull()
  }))

test('what is no damage is none: the disk may be busy', async () => {
  const looks = { count: 0 }
  const scrub = async (): Promise<void> => {
    looks.count++
    throw new TypeError('too many open files')
  }
  const { events, scrubbing, pass } = watched({ scrub })
  scrubbing.start()
  await pass(scrubFirstMs, () => looks.count === 1)
  await pass(scrubIntervalMs, () => looks.count === 2)
  expect([scrubbing.view().damage, events]).toEqual([null, []])
  await scrubbing.stop()
})
