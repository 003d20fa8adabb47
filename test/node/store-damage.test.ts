import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Failure } from '../../src/index.ts'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { openLevelStore } from '../../node/store/level-store.ts'
import { killedStore, markReaches, outcomeOf } from './killed-store.ts'
import {
  contentOf,
  copyAsKilled,
  failureOf,
  filesByKind,
  flipBit,
  numbersOf,
  someWrites,
  withDirectory,
  withStore,
} from './store-fixture.ts'

const value = Uint8Array.of(1, 2, 3)

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const { code, message } = await failureOf(promise)
  return `${code}: ${message}`
}

const flipsByKind: Record<string, number> = { log: 40, ldb: 40, MANIFEST: 20 }

/** How many flips of one bit were noticed, by kind of file; the others had no effect. */
async function flipEveryKind(directory: string): Promise<Record<string, number>> {
  const expected = await killedStore(directory)
  const killed = join(directory, 'killed')
  const copy = join(directory, 'copy')
  const random = numbersOf(11)
  const noticed: Record<string, number> = {}
  for (const [kind, names] of await filesByKind(killed)) {
    noticed[kind] = 0
    for (let flip = 0; flip < (flipsByKind[kind] ?? 4); flip += 1) {
      const name = names[random(names.length)]!
      await copyAsKilled(killed, copy)
      await flipBit(join(copy, name), random)
      const outcome = await outcomeOf(copy, expected)
      expect(`${name}: ${outcome}`).toMatch(/: (noticed|without effect)$/)
      if (outcome === 'noticed') noticed[kind] += 1
      await rm(copy, { recursive: true })
    }
  }
  return noticed
}

test('flipped bits in any file are noticed or without effect', async () => {
  const { ldb, MANIFEST, json, ...rest } = await withDirectory(flipEveryKind)
  expect(rest).toEqual({ CURRENT: 4, log: 40, mark: 4, LOG: 0, 'LOG.old': 0 })
  // Of these a few bytes are padding, or free text.
  expect(ldb).toBeGreaterThanOrEqual(39)
  expect(MANIFEST).toBeGreaterThanOrEqual(18)
  expect(json).toBeGreaterThanOrEqual(1)
})

async function logOf(directory: string): Promise<string> {
  return join(directory, (await filesByKind(directory)).get('log')?.[0] ?? 'no log')
}

test('a file that is missing or cut short is noticed', () =>
  withDirectory(async (directory) => {
    const expected = await killedStore(directory)
    const killed = join(directory, 'killed')
    const copy = join(directory, 'copy')
    const outcomes: string[] = []
    for (const [kind, names] of await filesByKind(killed)) {
      if (kind.startsWith('LOG')) continue
      for (const name of names) {
        for (const damage of ['missing', 'cut'] as const) {
          await copyAsKilled(killed, copy)
          const path = join(copy, name)
          if (damage === 'missing') await rm(path)
          else await truncate(path, Math.floor((await stat(path)).size * 0.6))
          outcomes.push(`${kind} ${damage}: ${await outcomeOf(copy, expected)}`)
          await rm(copy, { recursive: true })
        }
      }
    }
    // The mark guards the others; without it everything else must be, and is, whole.
    expect(outcomes.filter((outcome) => !outcome.endsWith(' noticed'))).toEqual([
      'mark missing: without effect',
    ])
  }))

const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

async function largestTable(directory: string): Promise<string> {
  const tables = ((await filesByKind(directory)).get('ldb') ?? []).map((name) =>
    join(directory, name),
  )
  const sizes = await Promise.all(tables.map(async (path) => (await stat(path)).size))
  return tables[sizes.indexOf(Math.max(...sizes))]!
}

test('what was synced and is damaged in the log is refused, and left as it is', () =>
  withDirectory(async (directory) => {
    await killedStore(directory)
    const killed = join(directory, 'killed')
    const log = await logOf(killed)
    const whole = await readFile(log)
    const firstDamaged = Buffer.from(whole).fill(1, 0, 20)
    for (const left of [firstDamaged, whole.subarray(0, -1), whole.subarray(0, 9_000)]) {
      await writeFile(log, left)
      expect(await refusalOf(withStore(killed, contentOf))).toMatch(/^store-damaged: .*\.log /)
      expect((await readFile(log)).equals(left)).toBe(true)
    }
    // A log with no batch left says nothing of the newest: the database itself does.
    for (const left of [whole.subarray(0, 1_000), '']) {
      await writeFile(log, left)
      expect(await refusalOf(withStore(killed, contentOf))).toMatch(/^store-damaged: .*was synced/)
    }
  }))

test('without the mark the store opens only if nothing at all is broken', () =>
  withDirectory(async (directory) => {
    const expected = await killedStore(directory)
    const killed = join(directory, 'killed')
    const copy = join(directory, 'copy')
    await rm(join(killed, 'store.mark'))
    await copyAsKilled(killed, copy)
    expect(await outcomeOf(copy, expected)).toBe('without effect')
    const log = await logOf(killed)
    await truncate(log, (await stat(log)).size - 1)
    expect(await refusalOf(withStore(killed, contentOf))).toMatch(/^store-damaged: .*from byte/)
    await rm(log)
    expect(await refusalOf(withStore(killed, contentOf))).toMatch(/^store-damaged: .*is missing/)
  }))

test('while the store is open, damage in a table is never served and the scrub finds it', () =>
  withDirectory(async (directory) => {
    // One table, so that nothing is compacted: LevelDB aborts the process on keys out of order.
    const original = join(directory, 'original')
    await mkdir(original)
    await withStore(original, (store) => store.write(someWrites(1, 800), { sync: true }), true)
    const expected = await withStore(original, contentOf)
    const random = numbersOf(5)
    for (let flip = 0; flip < 12; flip += 1) {
      const copy = join(directory, `copy${flip}`)
      await copyAsKilled(original, copy)
      await withStore(copy, async (store) => {
        await expect(store.scrub()).resolves.toBeUndefined()
        await flipBit(await largestTable(copy), random)
        for (const [key, hex] of expected) {
          const found = await store.get(key).catch((error: unknown) => error)
          const part = `'${key.split('/')[0]}'`
          const honest =
            found instanceof Failure
              ? found.message.includes(part)
              : found === undefined || isDeepStrictEqual(found, fromHex(hex))
          expect(honest, `${key}: ${String(found)}`).toBe(true)
        }
        await expect(store.scrub()).rejects.toMatchObject({ code: 'store-damaged' })
      })
    }
  }))

test('a torn end of what was not synced is dropped, wherever it is, and writing goes on', () =>
  withDirectory(async (directory) => {
    const live = join(directory, 'live')
    const killed = join(directory, 'killed')
    const copy = join(directory, 'copy')
    const names = Array.from({ length: 30 }, (_, index) => `key${index + 10}`)
    await mkdir(live)
    const syncedBytes = await withStore(
      live,
      async (store) => {
        await store.write([{ key: 'a synced key', value }], { sync: true })
        await markReaches(live, 2)
        const bytes = (await stat(await logOf(live))).size
        for (const key of names) await store.write([{ key, value }], { sync: false })
        await copyAsKilled(live, killed)
        return bytes
      },
      true,
    )
    const random = numbersOf(2)
    const whole = await readFile(await logOf(killed))
    for (let round = 0; round < 30; round += 1) {
      await copyAsKilled(killed, copy)
      const end = syncedBytes + random(whole.length - syncedBytes)
      // Behind the cut nothing, zeros, or what the disk held before.
      const rest = new Uint8Array(round % 3 === 0 ? 0 : random(300)).fill(round % 3 === 1 ? 0 : 165)
      await writeFile(await logOf(copy), Buffer.concat([whole.subarray(0, end), rest]))
      const left = await withStore(copy, async (store) => {
        const keys = [...(await contentOf(store)).keys()]
        await store.write([{ key: 'later', value }], { sync: true })
        return keys
      })
      expect(left).toEqual(['a synced key', ...names.slice(0, left.length - 1)])
      const again = await withStore(copy, contentOf)
      expect([...again.keys()]).toEqual([...left, 'later'])
      await rm(copy, { recursive: true })
    }
  }))

test('after a power cut that spared later blocks of the log, no hole remains', () =>
  withDirectory(async (directory) => {
    const live = join(directory, 'live')
    const killed = join(directory, 'killed')
    await mkdir(live)
    await withStore(
      live,
      async (store) => {
        await store.write([{ key: 'synced', value }], { sync: true })
        await markReaches(live, 2)
        for (let index = 10; index < 50; index += 1) {
          const large = new Uint8Array(4_000).fill(index)
          await store.write([{ key: `key${index}`, value: large }], { sync: false })
        }
        await copyAsKilled(live, killed)
      },
      true,
    )
    const log = await logOf(killed)
    await writeFile(log, (await readFile(log)).fill(0, 40_000, 48_000))
    const left = await withStore(killed, async (store) => [...(await contentOf(store)).keys()])
    // LevelDB alone would have taken up the blocks behind the damage again.
    const whole = Array.from({ length: left.length - 1 }, (_, index) => `key${index + 10}`)
    expect(left).toEqual([...whole, 'synced'])
    expect(whole.length).toBeGreaterThan(5)
    expect(whole.length).toBeLessThan(12)
  }))

test('a batch missing between two logs ends what is taken, too', () =>
  withDirectory(async (directory) => {
    const live = join(directory, 'live')
    const killed = join(directory, 'killed')
    await mkdir(live)
    await withStore(
      live,
      async (store) => {
        await store.write([{ key: 'a', value }], { sync: true })
        await markReaches(live, 2)
        await store.write([{ key: 'b', value }], { sync: false })
        await copyAsKilled(live, killed)
      },
      true,
    )
    // Closing wrote one more batch, the one that the copy lacks before the next log.
    await withStore(live, async (store) => {
      await store.write([{ key: 'c', value }], { sync: false })
      const next = await logOf(live)
      await copyAsKilled(next, join(killed, 'store', basename(next)))
    })
    expect([...(await withStore(killed, contentOf)).keys()]).toEqual(['a', 'b'])
  }))

test('a store is made at init only, and an older copy of its database is noticed', () =>
  withDirectory(async (directory) => {
    expect(await refusalOf(withStore(directory, async () => undefined))).toMatch(
      /^store-damaged: .*store.json is missing/,
    )
    await withStore(directory, (store) => store.write([{ key: 'a', value }], { sync: true }), true)
    const older = join(directory, 'older')
    await copyAsKilled(join(directory, 'store'), older)
    await withStore(directory, (store) => store.write([{ key: 'b', value }], { sync: true }), true)
    await rm(join(directory, 'store'), { recursive: true })
    expect(await refusalOf(withStore(directory, contentOf, true))).toMatch(/^store-damaged: .*/)
    await copyAsKilled(older, join(directory, 'store'))
    expect(await refusalOf(withStore(directory, contentOf, true))).toMatch(
      /^store-damaged: .*was synced/,
    )
    await rm(join(directory, 'store.json'))
    expect(await refusalOf(withStore(directory, contentOf, true))).toMatch(
      /^store-damaged: .*holds data/,
    )
  }))

test('a newer format is refused, naming both', () =>
  withDirectory(async (directory) => {
    await withStore(directory, async () => undefined, true)
    await writeFile(join(directory, 'store.json'), '{"format":2,"created":"later"}')
    expect(await refusalOf(withStore(directory, contentOf))).toMatch(
      /^unsupported-version: .*format 2; this program reads format 1/,
    )
  }))

test('a second open is refused and leaves the first one its lock', () =>
  withDirectory(async (directory) => {
    const lock = await lockDirectory(directory)
    const store = await openLevelStore(directory, { lock, create: true })
    await store.write([{ key: 'a', value }], { sync: true })
    const refused = { code: 'directory-in-use' }
    await expect(openLevelStore(directory, { lock })).rejects.toMatchObject(refused)
    await expect(lockDirectory(directory)).rejects.toMatchObject(refused)
    // Another process that goes past our lock still meets LevelDB's.
    const script = `import { Level } from 'level'
      await new Level(${JSON.stringify(join(directory, 'store'))}).open()
        .catch((error) => console.log(error.cause.code))`
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      `--eval=${script}`,
    ])
    expect(stdout.trim()).toBe('LEVEL_LOCKED')
    expect(await store.get('a')).toEqual(value)
    await store.close()
    await openLevelStore(directory, { lock }).then((again) => again.close())
    await lock.release()
  }))

test('after a failed write nothing more is written, and what was answered is there', () =>
  withDirectory(async (directory) => {
    // A limit on the size of files makes the real write fail, as a full disk does.
    const program = join(import.meta.dirname, 'fill-disk.ts')
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      `trap '' XFSZ; ulimit -f 1500; exec "$0" "$1" "$2"`,
      process.execPath,
      program,
      directory,
    ])
    const { written, codes }: { written: number; codes: string[] } = JSON.parse(stdout)
    expect(codes).toEqual(['store-damaged', 'store-damaged', 'store-damaged'])
    expect(written).toBeGreaterThan(10)
    const keys = await withStore(directory, async (store) => [...(await contentOf(store)).keys()])
    const names = Array.from({ length: keys.length }, (_, index) => `key${index + 1_000}`)
    expect(keys).toEqual(names)
    // The one that failed may be there or not; nothing behind it is.
    expect([written, written + 1]).toContain(keys.length)
  }))

test('a process killed while it writes leaves a store that opens with all it answered', () =>
  withDirectory(async (directory) => {
    await withStore(directory, async () => undefined, true)
    const random = numbersOf(7)
    const program = join(import.meta.dirname, 'write-until-killed.ts')
    for (let round = 0; round < 4; round += 1) {
      const child = spawn(process.execPath, [program, directory, String(round)])
      let answered = ''
      child.stdout.on('data', (part: Buffer) => {
        answered += part.toString()
      })
      await once(child.stdout, 'data')
      await new Promise((done) => setTimeout(done, random(200)))
      child.kill('SIGKILL')
      await once(child, 'close')
      const last = Number(answered.trimEnd().split('\n').at(-1))
      const count = await withStore(directory, async (store) => {
        let found = 0
        for await (const [key] of store.range({ gte: `${round}/`, lt: `${round}0` })) {
          expect(Number(key.split('/')[1])).toBe(found)
          found += 1
        }
        await store.scrub()
        return found
      })
      expect(count).toBeGreaterThan(last)
    }
  }))
