import {
  canonicalPieces,
  digestPieces,
  parseCanonicalJson,
  parsePieces,
  type Actor,
  type DocumentState,
} from '../../protocol/index.ts'
import { entryBytes, largeStateEntries, snapshotEveryChanges, turnBytes } from '../limits.ts'
import type { StoreWrite } from '../ports.ts'
import { bytesInTurns, inTurns, type Breathe } from '../turns.ts'
import { keys, sequence } from './layout.ts'

/** Goes up with every change of what states hold: an older snapshot is folded anew. */
export const stateFormat = 4
const snapshotMark = `state ${stateFormat} at `
/** Hex digits of the digest, a SHA-256. */
const digestLength = 64
/** What stands before the state: mark, place and digest. */
const headBytes = snapshotMark.length + sequence(0).length + digestLength
/** Levels of a state below which nothing is large. */
const stateLevels = 2

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A state in its canonical form, after a text of the caller's; made in turns. */
export function stateBytes(
  state: DocumentState,
  breathe: Breathe,
  before: string = '',
): Promise<Uint8Array> {
  function* pieces(): Generator<string, void> {
    yield before
    yield* canonicalPieces(state, stateLevels)
  }
  return bytesInTurns(pieces(), breathe)
}

/** The state of these bytes, which this program wrote; read in turns. */
export async function parseState(bytes: Uint8Array, breathe: Breathe): Promise<DocumentState> {
  const isSmall = bytes.length <= turnBytes
  if (isSmall) return parseCanonicalJson(decoder.decode(bytes)) as DocumentState
  return (await inTurns(parsePieces(bytes, stateLevels), breathe)) as DocumentState
}

/** A snapshot of a document's state, with its format, its place and a digest of its own. */
export async function snapshotOf(state: DocumentState, breathe: Breathe): Promise<Uint8Array> {
  const bytes = await stateBytes(state, breathe, ' '.repeat(headBytes))
  const digest = await inTurns(digestPieces(bytes.subarray(headBytes)), breathe)
  bytes.set(encoder.encode(`${snapshotMark}${sequence(state.chain.seq)}${digest}`))
  return bytes
}

/** The snapshot from which a node starts again. */
export async function snapshotWrite(state: DocumentState, breathe: Breathe): Promise<StoreWrite> {
  return { key: keys.snapshot(state.chain.actor), value: await snapshotOf(state, breathe) }
}

/** The place of a snapshot, at little cost; undefined where it is of another format. */
export function placeOfSnapshot(bytes: Uint8Array): number | undefined {
  const head = decoder.decode(bytes.subarray(0, headBytes))
  const isOfFormat = head.startsWith(snapshotMark) && head.length === headBytes
  if (!isOfFormat) return undefined
  return Number.parseInt(head.slice(snapshotMark.length, -digestLength), 16)
}

/** The state of a snapshot; undefined where it is of another format or its digest does not fit. */
export async function readSnapshot(
  bytes: Uint8Array,
  breathe: Breathe,
): Promise<DocumentState | undefined> {
  const seq = placeOfSnapshot(bytes)
  const json = bytes.subarray(headBytes)
  const digest = decoder.decode(bytes.subarray(headBytes - digestLength, headBytes))
  if (seq === undefined || (await inTurns(digestPieces(json), breathe)) !== digest) return undefined
  const state = await parseState(json, breathe)
  return state.chain.seq === seq ? state : undefined
}

/** How many things a state holds: what is made of all of it takes as long as that says. */
function entriesOf(state: DocumentState): number {
  let entries = 0
  for (const value of Object.values(state) as readonly unknown[]) {
    if (value instanceof Map) entries += value.size
    else if (Array.isArray(value)) entries += value.length
  }
  return entries
}

/** Whether a state is so large that copying it would hold everything else up. */
export function isLarge(state: DocumentState): boolean {
  return entriesOf(state) > largeStateEntries
}

/**
 * When a document's state is written again, so that a start has little to fold: after so many
 * changes, and after so much of them that writing it costs no more than a few times their folding.
 */
export class SnapshotsDue {
  readonly #since: Map<Actor, { changes: number; bytes: number }> = new Map()

  /** Notes a change; whether a snapshot of the state that it led to is due. */
  passed(state: DocumentState, bytes: Uint8Array): boolean {
    const { actor } = state.chain
    const before = this.#since.get(actor)
    const since = {
      changes: (before?.changes ?? 0) + 1,
      bytes: (before?.bytes ?? 0) + bytes.length,
    }
    this.#since.set(actor, since)
    const isMuch = since.bytes >= entriesOf(state) * entryBytes
    return since.changes >= snapshotEveryChanges && isMuch
  }

  /** A snapshot was written, or the document is gone. */
  done(actor: Actor): void {
    this.#since.delete(actor)
  }
}
