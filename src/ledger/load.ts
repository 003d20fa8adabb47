import {
  admitChange,
  decodeChange,
  foldChange,
  ownerOfActor,
  peekChange,
  readChange,
  type Actor,
  type Code,
  type DocumentState,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { changesInATurn } from '../limits.ts'
import type { Log, Store } from '../ports.ts'
import { DocumentsHeld } from './documents-held.ts'
import { droppedUpTo, readBase, readBaseContent } from './base.ts'
import type { Index } from './index-of-facts.ts'
import { allOf, decodeJson, keys, nameUnder, readSnapshot, type Manifest } from './layout.ts'

/**
 * Loads every document of a store: its snapshot where one fits, then the changes after it with the
 * verdicts that were given then. Fails with `store-damaged` where a change is missing or altered.
 */
export async function loadDocuments(
  store: Store,
  held: DocumentsHeld,
  index: Index,
  log: Log,
): Promise<void> {
  for await (const [key, value] of store.range(allOf('manifest'))) {
    const actor = nameUnder(allOf('manifest'), key) as Actor
    const manifest = decodeJson(value) as Manifest
    const state = await stateUpTo({ store, index, log }, actor, manifest.seq)
    if (state.chain.head !== manifest.hash) throw damaged(actor, 'does not end as noted')
    held.put(state)
  }
}

/** What making a state from stored changes needs of the node. */
export type LoadParts = {
  readonly store: Store
  readonly index: Index
  readonly log: Log
  /** Lets others have their turn, every `changesInATurn`; without it nobody waits for one. */
  readonly breathe?: () => Promise<void>
}

/**
 * The state of a document up to a place of what is stored of it, with the verdicts given then; a
 * state of its own. Fails with `store-damaged` where a change is missing or altered.
 */
export async function stateUpTo(
  parts: LoadParts,
  actor: Actor,
  seq: number,
): Promise<DocumentState> {
  const { store, log } = parts
  const snapshot = await snapshotOf(store, actor, log)
  const fits = snapshot !== undefined && snapshot.chain.seq <= seq
  const state = fits ? snapshot : await firstState(parts, actor, seq)
  await replay(parts, state, seq)
  return state
}

const atOnce = async (): Promise<void> => {}

/** The state that a document is folded from: at its checkpoint, else before its first change. */
async function firstState(
  { store, breathe = atOnce }: LoadParts,
  actor: Actor,
  seq: number,
): Promise<DocumentState> {
  const base = await readBase(store, actor)
  if (base === undefined) {
    const empty = new DocumentsHeld().ofActor(actor)
    if (empty === undefined) throw damaged(actor, 'belongs to no society')
    return empty
  }
  if (base.checkpoint.seq > seq) throw droppedUpTo(base)
  return (await readBaseContent(store, base, breathe)).state
}

function damaged(actor: Actor, what: string): Failure {
  return new Failure('store-damaged', `document ${actor} ${what}`)
}

async function snapshotOf(
  store: Store,
  actor: Actor,
  log: Log,
): Promise<DocumentState | undefined> {
  const bytes = await store.get(keys.snapshot(actor))
  const state = bytes === undefined ? undefined : readSnapshot(bytes)
  if (bytes !== undefined && state === undefined) log.warn('snapshot-unfit', { actor })
  return state
}

async function replay(
  { store, index, breathe }: LoadParts,
  state: DocumentState,
  seq: number,
): Promise<void> {
  const { actor } = state.chain
  if (state.chain.seq >= seq) return
  const range = {
    gte: keys.change(actor, state.chain.seq + 1),
    lt: keys.change(actor, seq + 1),
  }
  for await (const [, bytes] of store.range(range)) {
    await replayOne(state, bytes, index)
    if (state.chain.seq % changesInATurn === 0) await breathe?.()
  }
  if (state.chain.seq !== seq) throw damaged(actor, 'lacks changes')
}

/** Folds the next stored change into a state with the verdicts that were given when it came. */
export async function replayOne(
  state: DocumentState,
  bytes: Uint8Array,
  index: Index,
): Promise<void> {
  const { actor, seq } = state.chain
  const peeked = peekChange(bytes)
  const decoded = peeked.ok ? decodeChange(bytes, peeked.value) : peeked
  const owner = ownerOfActor(actor)
  if (!peeked.ok || !decoded.ok || owner === undefined) {
    throw damaged(actor, `has no readable change ${seq + 1}`)
  }
  const { hash } = peeked.value
  const admitted = admitChange(decoded.value, hash, state.chain)
  if (!admitted.ok) throw damaged(actor, `is broken at change ${seq + 1}: ${admitted.message}`)
  const change = readChange(owner.kind, owner.key, hash, admitted)
  const facts = await index.facts(hash)
  const voids = facts?.voids ?? {}
  // A void record does nothing: what it names need not be there any more.
  const records = change.records.filter((_, place) => voids[place] === undefined)
  const fetched = await index.fetch({ ...change, records }, state)
  if ('missing' in fetched || facts === undefined) {
    throw damaged(actor, `lacks what change ${seq + 1} was judged by`)
  }
  const verdicts: (Code | null)[] = change.records.map((_, place) => voids[place] ?? null)
  foldChange(state, change, fetched.lookup, verdicts)
}
