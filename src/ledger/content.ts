import {
  checkpointBytesMax,
  contentPieces,
  digestPieces,
  isKept,
  namedMsMax,
  peekChange,
  type Actor,
  type ChangeHash,
  type CheckpointStatement,
  type DocumentState,
  type KeptChange,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { changesInATurn } from '../limits.ts'
import { bytesInTurns, inTurns } from '../turns.ts'
import { placeAt } from './at-time.ts'
import { readBase, readBaseContent } from './base.ts'
import { decodeText, keys, type Facts } from './layout.ts'
import type { LoadParts } from './load.ts'

/** The content of a checkpoint, and what witnesses sign of it but for their own number. */
export type MadeContent = {
  readonly content: Uint8Array
  readonly statement: Omit<CheckpointStatement, 'term'>
}

/** Bytes that a change, and each slice that it hands over, takes at least in a content. */
const [changeBytesMin, sliceBytesMin] = [150, 200]

/** Changes of a content, as long as they may fit into one. */
class Kept {
  readonly changes: KeptChange[] = []
  readonly #bytesMax: number
  #bytesMin = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Adds a change; fails with `too-large` once they cannot fit: they are no more memory then. */
  add(change: KeptChange): void {
    this.changes.push(change)
    this.#bytesMin += changeBytesMin
    for (const outcome of Object.values(change.outcomes)) {
      if ('slices' in outcome) this.#bytesMin += outcome.slices.length * sliceBytesMin
    }
    if (this.#bytesMin <= this.#bytesMax) return
    throw new Failure('too-large', `more than the ${this.#bytesMax} bytes of a checkpoint`)
  }
}

/**
 * The content of the checkpoint at the place where a state stands, from what is stored. Fails with
 * `store-damaged` where something of it is missing, and with `too-large`, before it is all in
 * memory, where it is more than a checkpoint may be of.
 */
export async function contentOf(
  parts: LoadParts,
  state: DocumentState,
  bytesMax: number = checkpointBytesMax,
): Promise<MadeContent> {
  const { actor, seq, head, time } = state.chain
  const { breathe } = parts
  if (head === null) throw new Failure('unknown-reference', 'a document without changes')
  const kept = new Kept(bytesMax)
  const from = await keptBefore(parts, state, kept)
  const range = { gte: keys.change(actor, from), lt: keys.change(actor, seq + 1) }
  for await (const [, bytes] of parts.store.range(range)) {
    const peeked = peekChange(bytes)
    if (!peeked.ok) throw lacking(actor)
    await keep(parts, actor, peeked.value.hash, time, kept)
  }
  const { changes } = kept
  if (changes.at(-1)?.hash !== head) throw lacking(actor)
  const content = await bytesInTurns(contentPieces({ state, changes }), breathe, bytesMax)
  const digest = await inTurns(digestPieces(content), breathe)
  return { content, statement: { actor, seq, hash: head, size: content.length, digest } }
}

const lacking = (actor: Actor): Failure =>
  new Failure('store-damaged', `document ${actor} lacks what its checkpoint is made of`)

/** Adds what is kept of changes that are not read one by one; the number of the first that is. */
async function keptBefore(parts: LoadParts, state: DocumentState, kept: Kept): Promise<number> {
  const { actor, seq, time } = state.chain
  const { store } = parts
  const base = await readBase(store, actor)
  if (base !== undefined) {
    if (base.checkpoint.seq > seq) throw new Failure('history-dropped', 'dropped here')
    const { changes: before } = await readBaseContent(store, base, parts.breathe)
    for (const change of before) if (isKept(change, time)) kept.add(change)
    return base.checkpoint.seq + 1
  }
  const from = (await placeAt(store, actor, time - namedMsMax - 1)) + 1
  const range = { gte: keys.standing(actor, 1), lt: keys.standing(actor, Math.min(from, seq + 1)) }
  for await (const [, hash] of store.range(range)) {
    await keep(parts, actor, decodeText(hash) as ChangeHash, time, kept)
  }
  return from
}

async function keep(
  { index, breathe }: LoadParts,
  actor: Actor,
  hash: ChangeHash,
  at: number,
  kept: Kept,
): Promise<void> {
  const facts = await index.facts(hash)
  if (facts?.actor !== actor) throw lacking(actor)
  const change = keptOf(hash, facts)
  if (!isKept(change, at)) return
  kept.add(change)
  if (kept.changes.length % changesInATurn === 0) await breathe()
}

function keptOf(hash: ChangeHash, facts: Facts): KeptChange {
  const { seq, time, kinds, voids, outcomes, ended, borrowedUntil } = facts
  return { hash, seq, time, kinds, voids, outcomes, ended, borrowedUntil }
}
