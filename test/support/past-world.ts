import { expect } from 'vitest'
import { silentLog } from '../../node/silent-log.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'
import { VirtualClock } from '../../node/simulate/virtual-clock.ts'
import {
  canonicalJson,
  checkpointMessage,
  keyOfBytes,
  type Actor,
  type ChangesFrame,
  type Checkpoint,
  type Fields,
  type SocietyKey,
} from '../../protocol/index.ts'
import { createMemoryStore, type Store, type Verifier } from '../../src/index.ts'
import { Compaction } from '../../src/checkpoint/compaction.ts'
import { stateAt } from '../../src/ledger/at-time.ts'
import { contentOf } from '../../src/ledger/content.ts'
import { Index } from '../../src/ledger/index-of-facts.ts'
import { keys } from '../../src/ledger/layout.ts'
import { readSnapshot, snapshotOf } from '../../src/ledger/snapshots.ts'
import { atOnce } from '../../src/turns.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { stateUpTo } from '../../src/ledger/load.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor } from './chain-author.ts'
import { openLedger } from './open-ledger.ts'

const startMs = Date.UTC(2026, 0, 1)
const dayMs = 86_400_000
/** When all is asked: what is written is by then so old that it may be dropped. */
const nowMs: number = startMs + 1_000 * dayMs
const witnesses = ['w1', 'w2', 'w3', 'w4']
const recordsInAChange = 380

/** What becomes of a milestone on the disk. */
export type Spoiling = 'deleted' | 'flipped' | 'of another format' | 'of another past'

/** Keys of a store that begin so. */
export async function keysUnder(store: Store, beginning: string): Promise<readonly string[]> {
  const found: string[] = []
  for await (const [key] of store.range({ gte: beginning, lt: `${beginning}\x7f` })) found.push(key)
  return found
}

/** A document that is written by hand, and what a node's state was after each change of it. */
type Written = { readonly author: ChainAuthor; readonly after: Map<number, string>; ends: number }

const subjects = Array.from({ length: 40 }, (_, at) => keyOfBytes(signerOf(`s${at}`).publicKey))

/** Large changes: they reach milestones soon. */
const observations = (seq: number): readonly Fields[] =>
  Array.from({ length: recordsInAChange }, (_, at) => {
    const subject = subjects[(seq * 7 + at) % subjects.length]
    return fieldsOf('trust.observe', { subject, success: (seq + at) % 3 > 0, count: 1 + (at % 9) })
  })

/** Two documents on a real ledger, of one of which history is dropped; the other one is forked. */
export class PastWorld {
  readonly store: Store
  readonly #verifier: Verifier
  readonly #inner: Store = createMemoryStore()
  readonly #clock: VirtualClock = new VirtualClock(nowMs)
  readonly #documents: ReadonlyMap<string, Written>
  #ledger: Ledger | undefined
  #changesRead = 0
  #keptFrom = 0

  private constructor(verifier: Verifier) {
    this.#verifier = verifier
    this.store = this.#counting(() => true)
    this.#documents = new Map(
      ['sage', 'liar'].map((name) => {
        const author = new ChainAuthor(name, 'trust')
        return [name, { author, after: new Map<number, string>(), ends: Infinity }]
      }),
    )
  }

  /** Opens it with two societies that were founded on the first day. */
  static async open(verifier: Verifier): Promise<PastWorld> {
    const world = new PastWorld(verifier)
    world.#ledger = await world.#open()
    for (const [name, { author }] of world.#documents) {
      const named = { name, federation: 'test-past', adp: 0 }
      const founding = fieldsOf('society.found', { ...named, witnesses: witnesses.map(keyNamed) })
      await world.#feed(name, [founding, fieldsOf('federation.join', { federation: 'test-past' })])
      expect(author.chain.seq).toBe(1)
    }
    return world
  }

  /** The same store, of which some keys are not seen. */
  #counting(isSeen: (key: string) => boolean): Store {
    const inner = this.#inner
    const count = (key: string): boolean => {
      if (key.startsWith('c/')) this.#changesRead += 1
      return isSeen(key)
    }
    return {
      write: (writes, options) => inner.write(writes, options),
      get: async (key) => (count(key) ? inner.get(key) : undefined),
      getMany: (some) => inner.getMany(some),
      async *range(range) {
        for await (const entry of inner.range(range)) if (count(entry[0])) yield entry
      },
      close: () => inner.close(),
    }
  }

  #open(): Promise<Ledger> {
    const parts = { verifier: this.#verifier, signer: signerOf('own'), clock: this.#clock }
    return openLedger({ store: this.store, ...parts })
  }

  get #node(): Ledger {
    if (this.#ledger === undefined) throw new TypeError('not open')
    return this.#ledger
  }

  #document(name: string): Written {
    const written = this.#documents.get(name)
    if (written === undefined) throw new TypeError(`no document of ${name}`)
    return written
  }

  async #feed(name: string, records: readonly Fields[]): Promise<void> {
    const { author, after, ends } = this.#document(name)
    const { frame } = author.write(records, timeOf(author.chain.seq + 1))
    await this.#node.ingest(frame, 'peer')
    if (author.chain.seq >= ends) return
    const state = this.#node.held.trust(author.key)
    expect(state.chain.seq).toBe(author.chain.seq)
    after.set(state.chain.seq, canonicalJson(state))
  }

  /** Writes so many large changes, a day apart. */
  async write(name: string, changes: number): Promise<void> {
    for (let nth = 0; nth < changes; nth++) {
      await this.#feed(name, observations(this.#document(name).author.chain.seq))
    }
  }

  /** The same, but they come late: the newest first, and what was asked before is asked again. */
  async writeLate(name: string, changes: number): Promise<void> {
    const { author, ends } = this.#document(name)
    const frames: ChangesFrame[] = []
    for (let nth = 0; nth < changes; nth++) {
      const { seq } = author.chain
      frames.push(author.write(observations(seq), timeOf(seq + 1)).frame)
    }
    await this.compare(0.5)
    for (const frame of frames.toReversed()) await this.#node.ingest(frame, 'peer')
    await this.compare(0.5)
    for (const frame of frames) await this.#node.ingest(frame, 'peer')
    await this.#node.exclusively(async () => {})
    const { seq } = this.#node.held.trust(author.key).chain
    expect(seq).toBe(Math.min(author.chain.seq, ends - 1))
  }

  /** Ends the node and opens it again; unless it ends cleanly it has no newest snapshots. */
  async restart(clean: boolean): Promise<void> {
    if (clean) await this.#node.close()
    this.#ledger = await this.#open()
  }

  /** Has the second document end at a place: its author signed another past from there on. */
  async lie(part: number): Promise<void> {
    const written = this.#document('liar')
    const { author, ends } = written
    if (ends !== Infinity) return
    const place = 2 + Math.floor(part * (author.chain.seq - 2))
    const held = await this.#inner.get(keys.change(author.chain.actor, place - 1))
    expect(held).toBeDefined()
    const whole = this.#node.held.trust(author.key).chain
    const before = await this.#whole(author.chain.actor, place - 1)
    author.chain = before.chain
    const other = author.write([observations(place)[1] as Fields], timeOf(place) + 1)
    author.chain = whole
    await this.#node.ingest(other.frame, 'peer')
    await this.#node.exclusively(async () => {})
    expect(this.#node.forks.placeOf(author.chain.actor)).toBe(place)
    written.ends = place
  }

  /** Writes a checkpoint of the first document, old enough to drop what is before it. */
  async drop(): Promise<void> {
    const { author } = this.#document('sage')
    const { actor } = author.chain
    const place = Math.floor((this.#keptFrom + author.chain.seq) / 2)
    const { breathe } = this.#parts()
    const ledger = this.#node
    const parts = { store: this.store, index: ledger.index, log: silentLog, ledger, breathe }
    const { statement } = await contentOf(parts, await this.#whole(actor, place))
    const checkpoint: Omit<Checkpoint, 'signatures'> = { ...statement, term: 0 }
    const message = checkpointMessage(checkpoint)
    const signatures = witnesses
      .slice(0, 3)
      .map((each) => ({
        witness: keyNamed(each),
        signature: signerOf(each).sign(message),
      }))
      .toSorted((a, b) => (a.witness < b.witness ? -1 : 1))
    const signed: Checkpoint = { ...checkpoint, signatures }
    await this.#feed('sage', [fieldsOf('society.checkpoint', { checkpoint: signed })])
    const besides = { clock: this.#clock, verifier: this.#verifier, observers: [] }
    const kept = await this.#kept()
    await new Compaction({ ...parts, ...besides }).look()
    const left = await keysUnder(this.store, 'na/')
    expect(left.filter((key) => key.includes(actor)).length).toBeLessThanOrEqual(kept.length)
    // A question that went on meanwhile may leave behind what it had kept.
    for (const [key, value] of kept) await this.#inner.write([{ key, value }], { sync: false })
    this.#keptFrom = place
    expect(await keysUnder(this.store, `c/${actor}/`)).toHaveLength(author.chain.seq - place)
  }

  /** Spoils every milestone that there is. */
  async spoil(how: Spoiling): Promise<void> {
    for (const [key, bytes] of await this.#kept()) {
      await this.#inner.write([{ key, ...(await spoilt(bytes, how)) }], { sync: false })
    }
  }

  /** Keys and bytes of states that are kept. */
  async #kept(): Promise<readonly (readonly [string, Uint8Array])[]> {
    const kept: (readonly [string, Uint8Array])[] = []
    for await (const entry of this.#inner.range({ gte: 'na/', lt: 'na0' })) kept.push(entry)
    return kept
  }

  /** Everything that a past is asked of. */
  #parts() {
    const { held, forks } = this.#node
    const index = new Index(this.store, this.#verifier, forks)
    return {
      store: this.store,
      log: silentLog,
      index,
      held,
      breathe: async (): Promise<void> => {},
      note: (writes: Parameters<Ledger['note']>[0]): Promise<void> => this.#node.note(writes),
    }
  }

  /** A state folded from where the document begins here, without what is kept of it on the way. */
  #whole(actor: Actor, seq: number): ReturnType<typeof stateUpTo> {
    const store = this.#counting((key) => !/^na?\//u.test(key))
    return stateUpTo({ ...this.#parts(), store }, actor, seq)
  }

  /** Changes that are read while something is done. */
  async readBy(run: () => Promise<void>): Promise<number> {
    const before = this.#changesRead
    await run()
    return this.#changesRead - before
  }

  /**
   * Asks how each document stood at a part of its time, and compares with what was seen then, else
   * with what is folded from the beginning.
   */
  async compare(part: number): Promise<void> {
    for (const { author, after, ends } of this.#documents.values()) {
      const { actor } = author.chain
      const { seq } = this.#node.held.trust(author.key).chain
      const asked = Math.max(1, Math.round(part * seq))
      const answer = stateAt(this.#parts(), 'trust', author.key, timeOf(asked) + 5)
      if (asked < (author === this.#document('sage').author ? this.#keptFrom : 0)) {
        await expect(answer).rejects.toMatchObject({ code: 'history-dropped' })
        continue
      }
      const state = await answer
      const place = Math.min(asked, ends - 1)
      expect([actor, state.chain.seq]).toEqual([actor, place])
      const seen = after.get(place) ?? canonicalJson(await this.#whole(actor, place))
      expect(canonicalJson(state) === seen).toBe(true)
    }
  }
}

const timeOf = (seq: number): number => startMs + seq * dayMs

const keyNamed = (name: string): SocietyKey => keyOfBytes(signerOf(name).publicKey)

/** A milestone's bytes after something has become of them. */
async function spoilt(bytes: Uint8Array, how: Spoiling): Promise<{ readonly value?: Uint8Array }> {
  if (how === 'deleted') return {}
  const value = Uint8Array.from(bytes)
  if (how === 'flipped') value[value.length - 9]! ^= 1
  if (how === 'of another format') value[6]! ^= 1
  const state = how === 'of another past' ? await readSnapshot(bytes, atOnce) : undefined
  if (state === undefined) return { value }
  // As whole as can be, and of changes that nobody has.
  const chain = { ...state.chain, head: 'f'.repeat(64) as never }
  return { value: await snapshotOf({ ...state, chain }, atOnce) }
}
