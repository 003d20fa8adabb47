import {
  actorOf,
  peekChange,
  type Actor,
  type Chain,
  type DocumentKind,
  type DocumentState,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Store, StoreWrite } from '../ports.ts'
import { copyState, type DocumentsHeld } from './documents-held.ts'
import { droppedUpTo, readBase } from './base.ts'
import { decodeJson, keys, type Manifest } from './layout.ts'
import { stateUpTo, type LoadParts } from './load.ts'
import { milestoneAt, milestoneWrite } from './milestones.ts'

/** What finding out how a document stood needs of the node. */
export type AtTimeParts = LoadParts & {
  readonly held: DocumentsHeld
  /** Writes what is no part of a document. */
  readonly note: (writes: readonly StoreWrite[]) => Promise<void>
}

/** When the change at a place of a document is dated, in ms. */
async function timeOf(store: Store, actor: Actor, seq: number): Promise<number> {
  const bytes = await store.get(keys.change(actor, seq))
  const peeked = bytes === undefined ? undefined : peekChange(bytes)
  if (peeked?.ok === true) return peeked.value.header.time
  throw new Failure('store-damaged', `document ${actor} has no readable change ${seq}`)
}

/**
 * Place of the newest change on disk that is dated at or before an instant; 0 for none. Fails with
 * `history-dropped` where what is so old is not kept here.
 */
export async function placeAt(store: Store, actor: Actor, at: number): Promise<number> {
  const manifest = await store.get(keys.manifest(actor))
  const base = await readBase(store, actor)
  if (base !== undefined && at < base.time) throw droppedUpTo(base)
  // Time never runs backwards in a chain.
  let before = base?.checkpoint.seq ?? 0
  let after = manifest === undefined ? 1 : (decodeJson(manifest) as Manifest).seq + 1
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if ((await timeOf(store, actor, middle)) <= at) before = middle
    else after = middle
  }
  return before
}

/**
 * A document as its changes up to an instant leave it, folded again from what is stored with the
 * verdicts that were given: a state of its own, empty where nothing is dated so early. Fails with
 * `store-damaged` where a change is missing or altered.
 */
export async function stateAt(
  parts: AtTimeParts,
  kind: DocumentKind,
  society: SocietyKey,
  at: number,
): Promise<DocumentState> {
  const newest = parts.held.state(kind, society)
  if (newest.chain.time <= at) return copyState(newest)
  const actor = actorOf(kind, society)
  const place = await placeAt(parts.store, actor, at)
  return stateUpTo({ ...parts, passed: keeping(parts, newest.chain) }, actor, place)
}

/** Keeps the milestones that are passed on the way: there were none yet, or they were not fit. */
function keeping({ note, breathe }: AtTimeParts, upTo: Chain): Required<LoadParts>['passed'] {
  return async (state, before) => {
    const number = milestoneAt(before, state.chain, upTo)
    if (number === undefined) return
    await note([await milestoneWrite(number, state, breathe)])
  }
}
