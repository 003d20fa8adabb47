import {
  decodeChange,
  decodeCheckpoint,
  encodeCheckpoint,
  bytesOfHex,
  hexOf,
  keyOfActor,
  partsOfRecordId,
  peekChange,
  type Actor,
  type Checkpoint,
  type DocumentState,
  type RecordId,
} from '../../protocol/index.ts'
import { readBase } from '../ledger/base.ts'
import { copyState } from '../ledger/documents-held.ts'
import { fieldsAt } from '../ledger/fields-at.ts'
import { allOf, decodeJson, keys, seqOfKey } from '../ledger/layout.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { stateUpTo, type LoadParts } from '../ledger/load.ts'
import { parseState, stateBytes } from '../ledger/snapshots.ts'
import { checkpointPauseMs } from '../limits.ts'
import type { Store } from '../ports.ts'

/** A checkpoint that was written, and the state that this node itself came to at its place. */
export type Pending = {
  readonly checkpoint: Checkpoint
  /** When the change at its place is dated, in ms. */
  readonly time: number
  /** Reads the state, in turns: that is work. */
  readonly state: () => Promise<DocumentState>
}

/** What is stored before the state, in a line. */
type StoredPending = { readonly checkpoint: string; readonly time: number }

const newline = 0x0a

/** What following checkpoints needs of the node. */
export type PendingParts = LoadParts & { readonly ledger: Ledger }

/** The checkpoint in a record that is held and valid; undefined where its change is dropped. */
async function checkpointIn(
  { store, index }: LoadParts,
  id: RecordId,
): Promise<Checkpoint | undefined> {
  const { hash, place } = partsOfRecordId(id)
  const facts = await index.facts(hash)
  const bytes = facts && (await store.get(keys.change(facts.actor, facts.seq)))
  const peeked = bytes && peekChange(bytes)
  if (bytes === undefined || peeked?.ok !== true || peeked.value.hash !== hash) return undefined
  const decoded = decodeChange(bytes, peeked.value)
  const value = decoded.ok ? fieldsAt(decoded.value.operations, place).get('checkpoint') : undefined
  const checkpoint = value instanceof Uint8Array ? decodeCheckpoint(value) : undefined
  return checkpoint?.ok === true ? checkpoint.value : undefined
}

/** When the change at a place of a document is dated, in ms; 0 where it is not here. */
async function timeAt(store: Store, actor: Actor, seq: number): Promise<number> {
  const bytes = await store.get(keys.change(actor, seq))
  const peeked = bytes === undefined ? undefined : peekChange(bytes)
  return peeked?.ok === true ? peeked.value.header.time : 0
}

/**
 * Whether the newest checkpoint of a document that is kept is hardly older than another place: a
 * society that has one signed every minute must not have its state kept as often.
 */
async function isSoon(store: Store, actor: Actor, seq: number): Promise<boolean> {
  for await (const [key] of store.range({
    ...allOf('checkpoint', actor),
    reverse: true,
    limit: 1,
  })) {
    const since = (await timeAt(store, actor, seq)) - (await timeAt(store, actor, seqOfKey(key)))
    return since < checkpointPauseMs
  }
  return false
}

/**
 * Keeps the state at the newest checkpoint of every document, as long as it can be had without
 * folding much: once the checkpoint is old, what it was judged by may be dropped elsewhere.
 */
export async function keepPending(parts: PendingParts): Promise<void> {
  const { ledger, store } = parts
  for (const trust of Array.from(ledger.held.trusts())) {
    for (const [actor, { id, seq, hash }] of Array.from(trust.checkpoints)) {
      const held = ledger.held.ofActor(actor)
      if (held === undefined || held.chain.seq < seq) continue
      if ((await store.get(keys.checkpoint(actor, seq))) !== undefined) continue
      if (((await readBase(store, actor))?.checkpoint.seq ?? 0) >= seq) continue
      if (ledger.forks.convicted(keyOfActor(actor))) continue
      if (!(await ledger.index.holds(actor, { seq, hash }))) continue
      if (await isSoon(store, actor, seq)) continue
      const checkpoint = await checkpointIn(parts, id)
      if (checkpoint === undefined) continue
      const isNewest = held.chain.seq === seq
      const state = isNewest ? copyState(held) : await stateUpTo(parts, actor, seq)
      const about: StoredPending = {
        checkpoint: hexOf(encodeCheckpoint(checkpoint)),
        time: state.chain.time,
      }
      const value = await stateBytes(state, parts.breathe, `${JSON.stringify(about)}\n`)
      await ledger.note([{ key: keys.checkpoint(actor, seq), value }])
    }
  }
}

/** The checkpoints of a document that are kept so, oldest first. */
export async function pendingOf(
  { store, breathe }: Pick<PendingParts, 'store' | 'breathe'>,
  actor: Actor,
): Promise<readonly Pending[]> {
  const pending: Pending[] = []
  for await (const [, value] of store.range(allOf('checkpoint', actor))) {
    const end = value.indexOf(newline)
    const { checkpoint: hex, time } = decodeJson(value.subarray(0, end)) as StoredPending
    const checkpoint = decodeCheckpoint(bytesOfHex(hex))
    if (!checkpoint.ok) continue
    pending.push({
      checkpoint: checkpoint.value,
      time,
      state: () => parseState(value.subarray(end + 1), breathe),
    })
  }
  return pending
}
