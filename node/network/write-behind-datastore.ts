import { setTimeout as pause } from 'node:timers/promises'
import { LevelDatastore } from 'datastore-level'
import type { Level } from 'level'
import type { Log } from '../../src/index.ts'

type Key = Parameters<LevelDatastore['put']>[0]
type Options = Parameters<LevelDatastore['put']>[2]
type Asked = Parameters<LevelDatastore['query']>
type Answer = AsyncGenerator<{ key: Key; value: Uint8Array }>

/** Time that what is put waits for more, in ms: a crash may lose so much of what was learnt. */
const waitMs = 100

/**
 * A datastore of LevelDB that writes behind, what comes within a moment together: of itself, and of
 * each peer that it meets, libp2p reads and writes the same entry a dozen times, one after another.
 * A write that fails is logged, and what it held is forgotten.
 */
export class WriteBehindDatastore extends LevelDatastore {
  readonly #level: Level<string, Uint8Array>
  readonly #log: Log
  /** Values by key, still to be written, and being written. */
  #unwritten: Map<string, Uint8Array> = new Map()
  #underWay: ReadonlyMap<string, Uint8Array> = new Map()
  #writing: Promise<void> | undefined
  #hurry = new AbortController()

  constructor(level: Level<string, Uint8Array>, log: Log) {
    super(level)
    this.#level = level
    this.#log = log
  }

  override async put(key: Key, value: Uint8Array): Promise<Key> {
    this.#unwritten.set(key.toString(), value)
    this.#writing ??= this.#write()
    return key
  }

  override async get(key: Key, options?: Options): Promise<Uint8Array> {
    return this.#newest(key) ?? super.get(key, options)
  }

  override async has(key: Key, options?: Options): Promise<boolean> {
    return this.#newest(key) !== undefined || super.has(key, options)
  }

  override async delete(key: Key, options?: Options): Promise<void> {
    await this.#written()
    await super.delete(key, options)
  }

  override async *query(...asked: Asked): Answer {
    await this.#written()
    yield* super.query(...asked)
  }

  override async close(): Promise<void> {
    await this.#written()
    await super.close()
  }

  #newest(key: Key): Uint8Array | undefined {
    const name = key.toString()
    return this.#unwritten.get(name) ?? this.#underWay.get(name)
  }

  /** Waits until all that was put is written, which is done at once. */
  async #written(): Promise<void> {
    if (this.#writing === undefined) return
    this.#hurry.abort()
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#unwritten.size > 0) {
      // Ends early where somebody cannot wait.
      await pause(waitMs, undefined, { signal: this.#hurry.signal, ref: false }).catch(() => {})
      this.#underWay = this.#unwritten
      this.#unwritten = new Map()
      const entries = [...this.#underWay].map(
        ([key, value]) => ({ type: 'put', key, value }) as const,
      )
      await this.#level.batch(entries).catch((error: unknown) => {
        this.#log.warn('peers-not-written', { error: String(error) })
      })
    }
    this.#underWay = new Map()
    this.#hurry = new AbortController()
    this.#writing = undefined
  }
}
