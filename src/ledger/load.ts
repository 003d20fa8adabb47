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
import { changesReadAhead, operationsInATurn } from '../limits.ts'
import type { Log, Store, StoreRange } from '../ports.ts'
import { atOnce, type Breathe } from '../turns.ts'
import { DocumentsHeld } from './documents-held.ts'
import { droppedUpTo, readBase, readBaseContent, type Base } from './base.ts'
import type { Index } from './index-of-facts.ts'
import { allOf, decodeJson, keys, nameUnder, type Manifest } from './layout.ts'
import { isOfChain, newestMilestone } from './milestones.ts'
import { placeOfSnapshot, readSnapshot } from './snapshots.ts'

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
    const state = await stateUpTo({ store, index, log, breathe: atOnce }, actor, manifest.seq)
    if (state.chain.head !== manifest.hash) throw damaged(actor, 'does not end as noted')
    held.put(state)
  }
}

/** What making a state from stored changes needs of the node. */
export type LoadParts = {
  readonly store: Store
  readonly index: Index
  readonly log: Log
  readonly breathe: Breathe
  /** Told of every state on the way, with the operations there were before its newest change. */
  readonly passed?: (state: DocumentState, before: number) => Promise<void>
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
  const state = await nearestState(parts, actor, seq)
  await replay(parts, state, seq)
  return state
}

/** The newest state that is kept of a document up to a place. */
async function nearestState(parts: LoadParts, actor: Actor, seq: number): Promise<DocumentState> {
  const { store, log, breathe } = parts
  const snapshot = await store.get(keys.snapshot(actor))
  const place = snapshot === undefined ? undefined : placeOfSnapshot(snapshot)
  const base = await readBase(store, actor)
  const least = base?.checkpoint.seq ?? 0
  // What came after an older one up to the checkpoint was dropped.
  const isUseful = place !== undefined && place >= least && place <= seq
  const after = isUseful ? place : least
  const milestone = place === seq ? undefined : await milestoneUpTo(parts, actor, after, seq)
  if (milestone !== undefined) return milestone
  const state = snapshot && (await readSnapshot(snapshot, breathe))
  if (snapshot !== undefined && state === undefined) log.warn('snapshot-unfit', { actor })
  return state !== undefined && isUseful ? state : firstState(parts, actor, seq, base)
}

/** The newest milestone between two places; undefined for none. */
async function milestoneUpTo(
  { store, log, breathe }: LoadParts,
  actor: Actor,
  after: number,
  seq: number,
): Promise<DocumentState | undefined> {
  let below: string | undefined
  for (;;) {
    const found = await newestMilestone(store, actor, { after, upTo: seq }, below)
    if (found === undefined) return undefined
    await breathe()
    const state = await readSnapshot(found.bytes, breathe)
    if (state !== undefined && (await isOfChain(store, state.chain))) return state
    log.warn('milestone-unfit', { actor, seq: found.seq })
    below = found.key
  }
}

/** The state that a document is folded from: at its checkpoint, else before its first change. */
async function firstState(
  { store, breathe }: LoadParts,
  actor: Actor,
  seq: number,
  base: Base | undefined,
): Promise<DocumentState> {
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

async function replay(
  { store, index, breathe, passed }: LoadParts,
  state: DocumentState,
  seq: number,
): Promise<void> {
  const { actor } = state.chain
  if (state.chain.seq >= seq) return
  const range = {
    gte: keys.change(actor, state.chain.seq + 1),
    lt: keys.change(actor, seq + 1),
  }
  let breathed = state.chain.nextOperation
  for await (const some of storedIn(store, range)) {
    await index.readAhead(some.flatMap(({ peeked }) => (peeked.ok ? [peeked.value.hash] : [])))
    for (const stored of some) {
      const before = state.chain.nextOperation
      await replayOne(state, stored, index)
      await passed?.(state, before)
      if (state.chain.nextOperation - breathed < operationsInATurn) continue
      breathed = state.chain.nextOperation
      await breathe()
    }
  }
  if (state.chain.seq !== seq) throw damaged(actor, 'lacks changes')
}

/** A change as it is stored. */
type Stored = { readonly bytes: Uint8Array; readonly peeked: ReturnType<typeof peekChange> }

/** A change from its bytes, to be folded again. */
export function storedChange(bytes: Uint8Array): Stored {
  return { bytes, peeked: peekChange(bytes) }
}

/** Changes of a range, some at a time. */
async function* storedIn(store: Store, range: StoreRange): AsyncIterable<readonly Stored[]> {
  let some: Stored[] = []
  for await (const [, bytes] of store.range(range)) {
    some.push(storedChange(bytes))
    if (some.length < changesReadAhead) continue
    yield some
    some = []
  }
  yield some
}

/** Folds the next stored change into a state with the verdicts that were given when it came. */
export async function replayOne(
  state: DocumentState,
  { bytes, peeked }: Stored,
  index: Index,
): Promise<void> {
  const { actor, seq } = state.chain
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
