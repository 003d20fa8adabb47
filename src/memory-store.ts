import type { Store, StoreRange, StoreWrite } from './ports.ts'
import { assertStoreKey } from './store-key.ts'

/**
 * A simulated disk that keeps a store in memory. Writes that were not synced are on it until the
 * power is cut, as in the page cache of a real machine.
 */
export type MemoryDisk = {
  /** Opens the store with what is on the disk. Several may be open; only tests want that. */
  open(): Store
  /** Forgets the newest writes that were not synced, all but the first `kept` of them. */
  cutPower(kept?: number): void
  /** Writes since the last synced one. */
  unsynced(): number
  /**
   * Begins to sync what was written so far; it survives a power cut once the returned function was
   * called. What is written in between does not.
   */
  beginSync(): () => void
}

/** How to take back one write: the values its keys had before, in the order of writing. */
type Undo = readonly (readonly [key: string, before: Uint8Array | undefined])[]

/** Keys in one chunk of an ordered map: putting one in its place moves no more than these. */
const chunkKeysMax = 512

/** Index of the first key that is not before `key`. */
function place(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}

/** A map in key order. Values are never changed in place, so that a reader may keep them. */
class OrderedMap {
  readonly #values = new Map<string, Uint8Array>()
  /** Keys in order, in chunks none of which is empty. */
  readonly #chunks: string[][] = []

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key)
  }

  /** Sets or, without a value, deletes; returns what was there. */
  set(key: string, value: Uint8Array | undefined): Uint8Array | undefined {
    const before = this.#values.get(key)
    if (value === undefined) {
      if (this.#values.delete(key)) this.#remove(key)
    } else {
      this.#values.set(key, value)
      if (before === undefined) this.#insert(key)
    }
    return before
  }

  /** The entries of a range as they are now. */
  slice(range: StoreRange): (readonly [string, Uint8Array])[] {
    const keys: string[] = []
    for (let at = this.#chunkOf(range.gte); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at]!
      const end = place(chunk, range.lt)
      keys.push(...chunk.slice(place(chunk, range.gte), end))
      if (end < chunk.length) break
    }
    if (range.reverse === true) keys.reverse()
    if (range.limit !== undefined) keys.length = Math.min(keys.length, range.limit)
    return keys.map((key) => [key, this.#values.get(key)!])
  }

  /** Index of the last chunk that does not begin after a key; 0 where all do. */
  #chunkOf(key: string): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#chunks[middle]![0]! <= key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  #insert(key: string): void {
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]
    if (chunk === undefined) {
      this.#chunks.push([key])
      return
    }
    chunk.splice(place(chunk, key), 0, key)
    if (chunk.length <= chunkKeysMax) return
    this.#chunks.splice(at + 1, 0, chunk.splice(chunkKeysMax / 2))
  }

  #remove(key: string): void {
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]!
    chunk.splice(place(chunk, key), 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
  }
}

/** One opening of the disk. */
class MemoryStore implements Store {
  readonly #map: OrderedMap
  readonly #unsynced: Undo[] | undefined
  #closed = false

  /** Without `unsynced` nothing is noted for a power cut. */
  constructor(map: OrderedMap, unsynced?: Undo[]) {
    this.#map = map
    this.#unsynced = unsynced
  }

  async write(writes: readonly StoreWrite[], options: { readonly sync: boolean }): Promise<void> {
    this.#assertOpen()
    for (const { key } of writes) assertStoreKey(key)
    const undo: (readonly [string, Uint8Array | undefined])[] = []
    for (const { key, value } of writes) undo.push([key, this.#map.set(key, value?.slice())])
    if (options.sync) this.#unsynced?.splice(0)
    else if (writes.length > 0) this.#unsynced?.push(undo)
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#assertOpen()
    return this.#map.get(key)?.slice()
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen()
    return keys.map((key) => this.#map.get(key)?.slice())
  }

  async *range(range: StoreRange): AsyncGenerator<readonly [string, Uint8Array]> {
    this.#assertOpen()
    for (const [key, value] of this.#map.slice(range)) {
      yield [key, value.slice()]
      this.#assertOpen()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #assertOpen(): void {
    if (this.#closed) throw new TypeError('the store is closed')
  }
}

/**
 * Makes an empty simulated disk. Keys in order, writes atomic and in the order of their calls,
 * values copied in and out; a range shows the store as it was when its iteration began.
 */
export function createMemoryDisk(): MemoryDisk {
  const map = new OrderedMap()
  const unsynced: Undo[] = []
  return {
    open: () => new MemoryStore(map, unsynced),
    cutPower(kept = 0) {
      for (const undo of unsynced.splice(kept).toReversed()) {
        for (const [key, before] of undo.toReversed()) map.set(key, before)
      }
      unsynced.length = 0
    },
    unsynced: () => unsynced.length,
    beginSync() {
      const newest = unsynced.at(-1)
      return () => {
        // Another sync may have had it already.
        if (newest !== undefined) unsynced.splice(0, unsynced.indexOf(newest) + 1)
      }
    },
  }
}

/** Makes an empty store in memory, for whoever needs no disk that outlives it. */
export function createMemoryStore(): Store {
  return new MemoryStore(new OrderedMap())
}
