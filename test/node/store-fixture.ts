import { cp, mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { openLevelStore, type LevelStore } from '../../node/store/level-store.ts'
import { Failure, type Store, type StoreWrite } from '../../src/index.ts'

/** Runs with a new directory below the system's temporary one, and removes it. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'society-test-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** The failure that a promise ends with; any other end is an error. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const outcome = await promise.catch((error: unknown) => error)
  if (outcome instanceof Failure) return outcome
  throw new TypeError(`a Failure was expected, not ${inspect(outcome)}`)
}

/** Runs with the store of a directory open under its lock, and closes both. */
export async function withStore<T>(
  directory: string,
  use: (store: LevelStore) => Promise<T>,
  create = false,
): Promise<T> {
  const lock = await lockDirectory(directory)
  try {
    const store = await openLevelStore(directory, { lock, create })
    try {
      return await use(store)
    } finally {
      await store.close()
    }
  } finally {
    await lock.release()
  }
}

/** Every entry of a store, values in hex. */
export async function contentOf(store: Store): Promise<Map<string, string>> {
  const content = new Map<string, string>()
  for await (const [key, value] of store.range({ gte: '', lt: '\x7f' })) {
    content.set(key, Buffer.from(value).toString('hex'))
  }
  return content
}

/** Integers from 0 below `end`, the same for the same seed. */
export function numbersOf(seed: number): (end: number) => number {
  let state = seed >>> 0
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
}

/** Writes that set some keys, replace some and delete some; half of the values compress well. */
export function someWrites(round: number, count: number): StoreWrite[] {
  const random = numbersOf(round)
  return Array.from({ length: count }, (_, index) => {
    const key = `part${index % 3}/${String(random(count * 2)).padStart(6, '0')}`
    if (index % 10 === 0) return { key }
    const noise = Uint8Array.from({ length: 40 + random(100) }, () => random(256))
    const plain = Buffer.from(`${round} ${key} `.repeat(5 + random(5)))
    return { key, value: index % 2 === 0 ? noise : plain }
  })
}

/**
 * Copies a directory whose store is open, as a killed process would leave it. Not the file LOCK:
 * opening and closing that would take the lock from LevelDB.
 */
export async function copyAsKilled(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    filter: (path) => !path.endsWith('/LOCK') && !path.endsWith('/node.lock'),
  })
}

/** Paths of the store's files in a directory by kind: the ending or the name. */
export async function filesByKind(directory: string): Promise<Map<string, string[]>> {
  const kinds = new Map<string, string[]>()
  for (const name of [
    'store.json',
    'store.mark',
    ...(await readdir(join(directory, 'store'))).map((file) => join('store', file)),
  ]) {
    const kind = /\.(log|ldb|json|mark)$/.exec(name)?.[1] ?? name.replace(/^store\/|-\d+$/g, '')
    kinds.set(kind, [...(kinds.get(kind) ?? []), name])
  }
  return kinds
}

/** Flips one bit of a file where it lies, for LevelDB may have it mapped; none of an empty file. */
export async function flipBit(path: string, random: (end: number) => number): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    const at = random((await handle.stat()).size)
    const { buffer, bytesRead } = await handle.read(new Uint8Array(1), 0, 1, at)
    buffer[0]! ^= 1 << random(8)
    await handle.write(buffer, 0, bytesRead, at)
  } finally {
    await handle.close()
  }
}
