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
  readonly #keys: string[] = []

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key)
  }

  /** Sets or, without a value, deletes; returns what was there. */
  set(key: string, value: Uint8Array | undefined): Uint8Array | undefined {
    const before = this.#values.get(key)
    if (value === undefined) {
      if (this.#values.delete(key)) this.#keys.splice(place(this.#keys, key), 1)
    } else {
      this.#values.set(key, value)
      if (before === undefined) this.#insert(key)
    }
    return before
  }

  /** The entries of a range as they are now. */
  slice(range: StoreRange): (readonly [string, Uint8Array])[] {
    const keys = this.#keys.slice(place(this.#keys, range.gte), place(this.#keys, range.lt))
    if (range.reverse === true) keys.reverse()
    if (range.limit !== undefined) keys.length = Math.min(keys.length, range.limit)
    return keys.map((key) => [key, this.#values.get(key)!])
  }

  #insert(key: string): void {
    const last = this.#keys.at(-1)
    // Most keys come in order; only the others move their followers.
    if (last === undefined || last < key) this.#keys.push(key)
    else this.#keys.splice(place(this.#keys, key), 0, key)
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
