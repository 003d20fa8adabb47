import type { Actor, ChangeHash, DocumentState } from '../../protocol/index.ts'
import type { StoreWrite } from '../ports.ts'
import { noBaseWrites, readBase } from './base.ts'
import { DocumentsHeld } from './documents-held.ts'
import type { Fork, Forks } from './forks.ts'
import { encodeJson, keys, type Manifest } from './layout.ts'
import { stateUpTo, type LoadParts } from './load.ts'
import { noMilestones } from './milestones.ts'

/** What ending a document needs of the node. */
export type CutParts = LoadParts & { readonly held: DocumentsHeld; readonly forks: Forks }

async function stateAfter(parts: CutParts, actor: Actor, seq: number): Promise<DocumentState> {
  const empty = new DocumentsHeld().ofActor(actor)
  return seq === 0 && empty !== undefined ? empty : stateUpTo(parts, actor, seq)
}

/**
 * Ends a document before the place of a fork, on disk and in memory, all or nothing: its state is
 * made anew from the changes before. Those past the end stay in the store, for what others did with
 * them is judged on the branch it names; their facts do too, which belong to their hashes. Answers
 * whether anything that was held is now past the end. Must not run while anything is being folded.
 */
export async function cutDocument(parts: CutParts, actor: Actor, fork: Fork): Promise<boolean> {
  const { store, held, forks } = parts
  const writes: StoreWrite[] = [{ key: keys.evidence(actor), value: fork.evidence }]
  const before = held.ofActor(actor)?.chain
  const cut = before !== undefined && before.seq >= fork.place
  const base = cut ? await readBase(store, actor) : undefined
  const isDropped = base !== undefined && base.checkpoint.seq >= fork.place
  // What is left of it is to be had of those who keep all history.
  if (isDropped) writes.push(...noBaseWrites(base))
  const whole = isDropped ? 0 : fork.place - 1
  const state = cut ? await stateAfter(parts, actor, whole) : undefined
  if (state !== undefined) {
    const { seq, head } = state.chain
    const manifest = { seq, hash: head as ChangeHash } satisfies Manifest
    const key = keys.manifest(actor)
    writes.push(head === null ? { key } : { key, value: encodeJson(manifest) })
    // A snapshot may be of what is cut; the next one comes soon enough.
    writes.push({ key: keys.snapshot(actor) })
    const { nextOperation } = state.chain
    writes.push(...noMilestones(actor, nextOperation, before?.nextOperation ?? 0))
  }
  await store.write(writes, { sync: true })
  if (state !== undefined) held.put(state)
  forks.set(actor, fork)
  return cut
}
