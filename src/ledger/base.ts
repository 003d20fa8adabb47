import {
  bytesOfHex,
  checkpointPartBytes,
  decodeCheckpoint,
  digestPieces,
  encodeCheckpoint,
  hexOf,
  parseContent,
  type Actor,
  type Checkpoint,
  type CheckpointContent,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Store, StoreWrite } from '../ports.ts'
import { inTurns, type Breathe } from '../turns.ts'
import { decodeJson, encodeJson, keys } from './layout.ts'

/** The checkpoint from which on a document is kept here: nothing before its place need be there. */
export type Base = {
  readonly checkpoint: Checkpoint
  /** When the change at its place is dated, in ms. */
  readonly time: number
}

type StoredBase = { readonly checkpoint: string; readonly time: number }

/** Parts that a content of a size has. */
export function partsOf(size: number): number {
  return Math.ceil(size / checkpointPartBytes)
}

/** A part of a content. */
function partOf(content: Uint8Array, part: number): Uint8Array {
  return content.subarray(part * checkpointPartBytes, (part + 1) * checkpointPartBytes)
}

const unreadable = (actor: Actor): Failure =>
  new Failure('store-damaged', `the checkpoint of document ${actor} is not readable`)

/** What a question about the time before a checkpoint is refused with. */
export function droppedUpTo({ checkpoint, time }: Base): Failure {
  const since = new Date(time).toISOString()
  const message = `what is older than ${since} was dropped here; ask a node that keeps all`
  return new Failure('history-dropped', `document ${checkpoint.actor}: ${message}`)
}

/** The checkpoint that a document is kept from; undefined where it is kept whole. */
export async function readBase(store: Store, actor: Actor): Promise<Base | undefined> {
  const stored = await store.get(keys.base(actor))
  if (stored === undefined) return undefined
  const { checkpoint: hex, time } = decodeJson(stored) as StoredBase
  const checkpoint = decodeCheckpoint(bytesOfHex(hex))
  if (!checkpoint.ok) throw unreadable(actor)
  return { checkpoint: checkpoint.value, time }
}

/** A part of the content of a checkpoint that a document is kept from. */
export async function readBasePart(
  store: Store,
  { actor, seq }: Checkpoint,
  part: number,
): Promise<Uint8Array> {
  const bytes = await store.get(keys.basePart(actor, seq, part))
  if (bytes === undefined) throw unreadable(actor)
  return bytes
}

/** Content of a checkpoint that a document is kept from. Fails with `store-damaged`. */
export async function readBaseContent(
  store: Store,
  base: Base,
  breathe: Breathe,
): Promise<CheckpointContent> {
  const { size, digest, actor } = base.checkpoint
  const content = new Uint8Array(size)
  let at = 0
  for (let part = 0; part < partsOf(size); part++) {
    const bytes = await readBasePart(store, base.checkpoint, part)
    if (at + bytes.length > size) throw unreadable(actor)
    content.set(bytes, at)
    at += bytes.length
  }
  const isRight = at === size && (await inTurns(digestPieces(content), breathe)) === digest
  if (!isRight) throw unreadable(actor)
  return inTurns(parseContent(content), breathe)
}

/**
 * Writes by which a document is kept from a checkpoint on: first those of the content, which count
 * for nothing by themselves, then, all or nothing, what makes it so.
 */
export function baseWrites(
  checkpoint: Checkpoint,
  time: number,
  content: Uint8Array,
  before: Base | undefined,
): { readonly parts: readonly StoreWrite[]; readonly turn: readonly StoreWrite[] } {
  const { actor, seq, size } = checkpoint
  if (before !== undefined && before.checkpoint.seq >= seq) {
    throw new TypeError('assertion: a document begins at a later checkpoint than before')
  }
  const parts = Array.from({ length: partsOf(size) }, (_, part) => ({
    key: keys.basePart(actor, seq, part),
    value: partOf(content, part),
  }))
  const stored: StoredBase = { checkpoint: hexOf(encodeCheckpoint(checkpoint)), time }
  return {
    parts,
    turn: [{ key: keys.base(actor), value: encodeJson(stored) }, ...oldParts(before)],
  }
}

function oldParts(before: Base | undefined): readonly StoreWrite[] {
  if (before === undefined) return []
  const { actor, seq, size } = before.checkpoint
  return Array.from({ length: partsOf(size) }, (_, part) => ({
    key: keys.basePart(actor, seq, part),
  }))
}

/** Writes the parts of a content one by one: each is copied and summed before it is written. */
export async function writeParts(store: Store, parts: readonly StoreWrite[]): Promise<void> {
  for (const part of parts) await store.write([part], { sync: false })
}

/** Writes by which a document is kept from no checkpoint any more. */
export function noBaseWrites(base: Base): readonly StoreWrite[] {
  return [{ key: keys.base(base.checkpoint.actor) }, ...oldParts(base)]
}
