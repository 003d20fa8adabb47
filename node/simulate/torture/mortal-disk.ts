import { createMemoryDisk, Failure, type MemoryDisk, type Store } from '../../../src/index.ts'
import type { StoreRange, StoreWrite } from '../../../src/index.ts'
import type { EventClock } from './event-clock.ts'

/** Calls back when the disk has done what was asked for. */
type Delay = () => number

/**
 * A simulated disk on which syncing takes time, that can be full, and whose node can die at any
 * moment. What a node has asked for when it dies is never answered. Of a torn tail nothing is left:
 * a store writes all or nothing, for its log tells a write that is not whole.
 */
export class MortalDisk {
  readonly #clock: EventClock
  #disk: MemoryDisk = createMemoryDisk()
  #open: MortalStore | undefined
  #tear: (() => void) | undefined
  /** While true every write fails. */
  full = false

  constructor(clock: EventClock) {
    this.#clock = clock
  }

  /** Opens the store for the next run of the node. `syncMs` draws how long a sync takes. */
  open(syncMs: Delay): Store {
    this.#open = new MortalStore(this.#disk.open(), this.#clock, {
      syncMs,
      full: () => this.full,
      beginSync: (ms) => {
        this.#tearWithin(ms)
        return this.#disk.beginSync()
      },
    })
    return this.#open
  }

  /** Calls back once, in the middle of the next write that is being synced. */
  tearNext(tear: () => void): void {
    this.#tear = tear
  }

  #tearWithin(ms: number): void {
    const tear = this.#tear
    this.#tear = undefined
    if (tear !== undefined) this.#clock.after(ms / 2, tear)
  }

  /** The node dies, the machine runs on: everything that was written stays. */
  kill(): void {
    this.#tear = undefined
    this.#open?.die()
  }

  /** The power is cut: of what was not synced only the first `kept` writes stay. */
  cutPower(kept: number): void {
    this.kill()
    this.#disk.cutPower(kept)
  }

  /** Writes that a cut would lose. */
  unsynced(): number {
    return this.#disk.unsynced()
  }

  /** A look at what is on the disk now, past everything in between. */
  look(): Store {
    return this.#disk.open()
  }

  /** What is on the disk now, to be put back later. */
  async copy(): Promise<readonly StoreWrite[]> {
    const entries: StoreWrite[] = []
    for await (const [key, value] of this.look().range({ gte: ' ', lt: '~' })) {
      entries.push({ key, value })
    }
    return entries
  }

  /** Puts an older copy in the place of everything. */
  async restore(entries: readonly StoreWrite[]): Promise<void> {
    this.kill()
    this.#disk = createMemoryDisk()
    await this.#disk.open().write(entries, { sync: true })
  }
}

/** How a disk behaves towards the store that is open on it. */
type Manners = {
  readonly syncMs: Delay
  readonly full: () => boolean
  /** A sync begins that takes so many ms; the returned function ends it. */
  readonly beginSync: (ms: number) => () => void
}

/** The store of one run of a node. */
class MortalStore implements Store {
  readonly #store: Store
  readonly #clock: EventClock
  readonly #manners: Manners
  #dead = false

  constructor(store: Store, clock: EventClock, manners: Manners) {
    this.#store = store
    this.#clock = clock
    this.#manners = manners
  }

  die(): void {
    this.#dead = true
  }

  async write(writes: readonly StoreWrite[], options: { readonly sync: boolean }): Promise<void> {
    await this.#alive()
    const { full, syncMs, beginSync } = this.#manners
    if (full()) throw new Failure('store-damaged', 'no space is left on the simulated disk')
    await this.#store.write(writes, { sync: false })
    const ms = syncMs()
    if (!options.sync) return
    const endSync = beginSync(ms)
    await new Promise<void>((resolve) => {
      this.#clock.after(ms, resolve)
    })
    await this.#alive()
    // Whatever was written before a sync began is on the disk with it.
    endSync()
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.#alive()
    return this.#store.get(key)
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    await this.#alive()
    return this.#store.getMany(keys)
  }

  async *range(range: StoreRange): AsyncGenerator<readonly [string, Uint8Array]> {
    await this.#alive()
    for await (const entry of this.#store.range(range)) {
      await this.#alive()
      yield entry
    }
  }

  async close(): Promise<void> {
    await this.#alive()
  }

  /** Resolves at once while the node lives, never after. */
  #alive(): Promise<void> {
    return this.#dead ? new Promise<void>(() => {}) : Promise.resolve()
  }
}
