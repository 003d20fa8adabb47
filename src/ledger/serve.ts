import {
  decodeGossip,
  frameChangesBytesMax,
  peekChange,
  type Actor,
  type ChangesFrame,
} from '../../protocol/index.ts'
import { frameBytes } from '../limits.ts'
import type { Store } from '../ports.ts'
import { readBase } from './base.ts'
import type { ChangePlace, Forks } from './forks.ts'
import type { Index } from './index-of-facts.ts'
import { allOf, keys, seqOfKey } from './layout.ts'

/** Bytes that reading ahead for one frame may hold before it gives up to find a signature. */
const unsignedBytesMax = 4 * 1_048_576
/** Bytes of changes that surely fit an answer of 1 MiB, with a length before each of them. */
const fittingBytes = 1_000_000

/**
 * Frames of a document from a place on, together about `bytesMax`: runs of changes, each ending at
 * one that has a signature of its own. Reads signatures and changes side by side, in order. A
 * document that has ended before `end` is served up to the first signature that vouches for it all.
 */
export async function framesFrom(
  store: Store,
  actor: Actor,
  from: number,
  bytesMax: number,
  end: number = Infinity,
): Promise<readonly ChangesFrame[]> {
  const base = await readBase(store, actor)
  // Dropped here: whoever asks has to ask another.
  if (base !== undefined && from <= base.checkpoint.seq) return []
  const signatures = new Signatures(store, actor, from)
  try {
    return await framesWith(signatures, store, actor, { from, bytesMax, end })
  } finally {
    await signatures.close()
  }
}

async function framesWith(
  signatures: Signatures,
  store: Store,
  actor: Actor,
  { from, bytesMax, end }: Readonly<Record<'from' | 'bytesMax' | 'end', number>>,
): Promise<readonly ChangesFrame[]> {
  const made = new FrameMaker(actor)
  let total = 0
  const range = { ...allOf('change', actor), gte: keys.change(actor, from) }
  for await (const [key, bytes] of store.range(range)) {
    const seq = seqOfKey(key)
    const signature = await signatures.of(seq)
    made.add(bytes, signature)
    total += bytes.length
    // Whoever signs seldom must not make an answer that nobody takes: its run comes by itself.
    if (made.frames.length > 0 && total > fittingBytes) return made.frames
    const isLast = signatures.ended || seq >= end - 1
    if (signature !== undefined && (made.isFull || total >= bytesMax || isLast)) {
      made.close()
      if (total >= bytesMax || seq >= end - 1) return made.frames
    }
    if (made.runBytes > unsignedBytesMax) return made.frames
  }
  return withTail(store, actor, made)
}

/** Puts changes into frames that end at a signature, none of them longer than is taken. */
class FrameMaker {
  readonly frames: ChangesFrame[] = []
  readonly #actor: Actor
  #run: Uint8Array[] = []
  #runBytes = 0
  /** How much of the run its newest signature vouches for. */
  #signed: { readonly count: number; readonly signature: Uint8Array } | undefined

  constructor(actor: Actor) {
    this.#actor = actor
  }

  /** Bytes that are in no frame yet. */
  get runBytes(): number {
    return this.#runBytes
  }

  /** Whether these are enough for a frame. */
  get isFull(): boolean {
    return this.#runBytes >= frameBytes
  }

  /** The newest change that is in no frame. */
  get newest(): Uint8Array | undefined {
    return this.#run.at(-1)
  }

  /** Adds the next change, with its signature where it has one of its own. */
  add(bytes: Uint8Array, signature: Uint8Array | undefined): void {
    if (this.#runBytes + bytes.length > frameChangesBytesMax) this.close()
    this.#run.push(bytes)
    this.#runBytes += bytes.length
    if (signature !== undefined) this.#signed = { count: this.#run.length, signature }
  }

  /** Makes a frame of what there is up to its newest signature. */
  close(): void {
    if (this.#signed === undefined) return
    const { count, signature } = this.#signed
    const changes = this.#run.splice(0, count)
    this.frames.push({ actor: this.#actor, changes, signature })
    this.#runBytes = this.#run.reduce((sum, { length }) => sum + length, 0)
    this.#signed = undefined
  }

  /** The frames, and a last one of what only a tail vouches for. */
  endedBy({ changes, signature }: ChangesFrame): readonly ChangesFrame[] {
    return [...this.frames, { actor: this.#actor, changes: [...this.#run, ...changes], signature }]
  }
}

/** Frames and, last, a run that only what could not be judged yet vouches for. */
async function withTail(
  store: Store,
  actor: Actor,
  made: FrameMaker,
): Promise<readonly ChangesFrame[]> {
  made.close()
  const tail = await tailAfter(store, actor, made.newest)
  return tail === undefined ? made.frames : made.endedBy(tail)
}

/**
 * What follows a change up to a signature that vouches for it, of what could not be judged yet;
 * undefined where nothing of the kind is kept.
 */
export async function tailAfter(
  store: Store,
  actor: Actor,
  newest: Uint8Array | undefined,
): Promise<ChangesFrame | undefined> {
  const before = newest === undefined ? undefined : peekChange(newest)
  if (before?.ok !== true) return undefined
  const { hash } = before.value
  for (const bytes of await store.getMany([keys.tail(actor), keys.offTail(hash)])) {
    const message = bytes === undefined ? undefined : decodeGossip(bytes)
    if (message?.ok !== true || message.value.type !== 'changes') continue
    const { frame } = message.value
    const after = peekChange(frame.changes[0] ?? new Uint8Array())
    if (after.ok && after.value.header.previous === hash) return frame
  }
  return undefined
}

/** Signatures of a document from a place on, read as they are asked for, in order. */
class Signatures {
  readonly #entries: AsyncIterator<readonly [string, Uint8Array]>
  #next: readonly [string, Uint8Array] | undefined
  #began = false

  constructor(store: Store, actor: Actor, from: number) {
    const range = { ...allOf('signature', actor), gte: keys.signature(actor, from) }
    this.#entries = store.range(range)[Symbol.asyncIterator]()
  }

  /** The signature of a change, if it has one of its own; places are asked for in order. */
  async of(seq: number): Promise<Uint8Array | undefined> {
    if (!this.#began) await this.#advance()
    while (this.#next !== undefined && seqOfKey(this.#next[0]) < seq) await this.#advance()
    const found = this.#next
    if (found === undefined || seqOfKey(found[0]) > seq) return undefined
    await this.#advance()
    return found[1]
  }

  /** Whether there is none after those asked for. */
  get ended(): boolean {
    return this.#began && this.#next === undefined
  }

  async #advance(): Promise<void> {
    this.#began = true
    const { done, value } = await this.#entries.next()
    this.#next = done === true ? undefined : value
  }

  /** Ends reading. */
  async close(): Promise<void> {
    await this.#entries.return?.()
  }
}

/** What answering for changes by their hashes needs of the node. */
export type NamedParts = { readonly store: Store; readonly index: Index; readonly forks: Forks }

/**
 * The change of a hash with what its receiver may lack of its branch: from the end of its document
 * if it is past that, else from itself; up to one with a signature. Nothing where it is not here.
 */
export async function framesNamed(
  { store, index, forks }: NamedParts,
  hash: string,
  bytesMax: number,
): Promise<readonly ChangesFrame[]> {
  const facts = await index.facts(hash)
  if (facts === undefined) return []
  const { actor, seq } = facts
  if (seq < forks.placeOf(actor)) {
    return framesFrom(store, actor, seq, 1, forks.placeOf(actor))
  }
  const branch = await forks.branchTo(actor, { hash, seq })
  return branch === undefined ? [] : framesOfBranch({ store, forks }, actor, branch, bytesMax)
}

/** A branch past an end as frames, and on from its last change to the first that is signed. */
async function framesOfBranch(
  { store, forks }: Pick<NamedParts, 'store' | 'forks'>,
  actor: Actor,
  branch: readonly ChangePlace[],
  bytesMax: number,
): Promise<readonly ChangesFrame[]> {
  const made = new FrameMaker(actor)
  let total = 0
  let at: ChangePlace | undefined = branch[0]
  for (let i = 0; at !== undefined; i++) {
    const change = await forks.change(actor, at)
    if (change === undefined) break
    if (made.runBytes > unsignedBytesMax) return made.frames
    const { bytes, signature, next } = change
    made.add(bytes, signature)
    total += bytes.length
    const isLast = i >= branch.length - 1
    if (signature !== undefined && (isLast || made.isFull)) {
      made.close()
      if (isLast || total >= bytesMax) return made.frames
    }
    at = branch[i + 1] ?? (next === undefined ? undefined : { hash: next, seq: change.seq + 1 })
  }
  return withTail(store, actor, made)
}
