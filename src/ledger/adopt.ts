import {
  canonicalJson,
  encodePedigree,
  keyOfActor,
  ownerOfActor,
  recordId,
  standingKinds,
  type Actor,
  type ChangesFrame,
  type Checkpoint,
  type CheckpointContent,
  type Judged,
  type KeptChange,
} from '../../protocol/index.ts'
import type { Store, StoreWrite } from '../ports.ts'
import { changesInATurn } from '../limits.ts'
import type { Breathe } from '../turns.ts'
import { baseWrites, readBase, writeParts } from './base.ts'
import type { DocumentsHeld } from './documents-held.ts'
import type { Forks } from './forks.ts'
import type { Index } from './index-of-facts.ts'
import { encodeJson, encodeText, keys, type Manifest } from './layout.ts'
import { noMilestones } from './milestones.ts'
import type { RecordObserver } from './observer.ts'

/** What taking a document over from a checkpoint needs of the node. */
export type AdoptParts = {
  readonly store: Store
  readonly held: DocumentsHeld
  readonly index: Index
  readonly forks: Forks
  readonly observers: readonly RecordObserver[]
  readonly breathe: Breathe
}

/** A checkpoint that is taken, its content as bytes and read, and a trust document's pedigree. */
export type Adopted = {
  readonly checkpoint: Checkpoint
  readonly content: Uint8Array
  readonly read: CheckpointContent
  readonly pedigree: readonly ChangesFrame[] | undefined
}

/**
 * Puts the content of a checkpoint in the place of what is held of a document: the caller has seen
 * that enough witnesses signed its digest, and has read it as one of that document. Answers the
 * hashes of what is known by it; undefined where it is not taken, for what is held is newer or of
 * another past. Must not run while anything is being folded.
 */
export async function adoptContent(
  parts: AdoptParts,
  { checkpoint, content, read, pedigree }: Adopted,
): Promise<readonly string[] | undefined> {
  const { store, held, forks, index, observers, breathe } = parts
  const { actor } = checkpoint
  const society = keyOfActor(actor)
  if (forks.convicted(society) || !fits(parts, checkpoint, read)) return undefined
  if (await contradicts(parts, actor, read)) return undefined
  const { state, changes } = read
  const before = held.ofActor(actor)?.chain
  const heldUpTo = before?.seq ?? 0
  const { time } = state.chain
  const { parts: kept, turn } = baseWrites(checkpoint, time, content, await readBase(store, actor))
  await writeParts(store, kept)
  held.put(state)
  const manifest = { seq: checkpoint.seq, hash: checkpoint.hash } satisfies Manifest
  const writes: StoreWrite[] = [
    ...turn,
    { key: keys.manifest(actor), value: encodeJson(manifest) },
    // It is of what was held before, and what follows from there is not here.
    { key: keys.snapshot(actor) },
    ...noMilestones(actor, 0, before?.nextOperation ?? 0),
  ]
  if (pedigree !== undefined) {
    writes.push({ key: keys.pedigree(actor), value: encodePedigree(pedigree) })
  }
  for (const [place, change] of changes.entries()) {
    if (place % changesInATurn === changesInATurn - 1) await breathe()
    writes.push(...factsWrites(actor, change))
    if (change.seq <= heldUpTo) continue
    for (const record of recordsOf(actor, change)) {
      for (const observer of observers) writes.push(...observer.consider(record))
    }
  }
  index.forget(changes.map(({ hash }) => hash))
  await store.write(writes, { sync: true })
  for (const observer of observers) observer.cut?.(society)
  return changes.map(({ hash }) => hash)
}

/** Whether a content is what its checkpoint says and goes on from what is held. */
function fits(
  { held }: AdoptParts,
  { actor, seq, hash }: Checkpoint,
  { state, changes }: CheckpointContent,
): boolean {
  const { chain } = held.ofActor(actor) ?? {}
  const there = state.chain
  const isOfPlace = there.actor === actor && there.seq === seq && there.head === hash
  if (chain === undefined || chain.seq >= seq || !isOfPlace) return false
  const same = changes.find((change) => change.seq === chain.seq)
  return same === undefined || same.hash === chain.head
}

/** Whether a content says of a change that is known here anything else than what is known. */
async function contradicts(
  { index, breathe }: AdoptParts,
  actor: Actor,
  { changes }: CheckpointContent,
): Promise<boolean> {
  for (const [place, { hash, ...facts }] of changes.entries()) {
    if (place % changesInATurn === changesInATurn - 1) await breathe()
    const known = await index.facts(hash)
    if (known === undefined) continue
    if (canonicalJson(known) !== canonicalJson({ actor, ...facts })) return true
  }
  return false
}

function factsWrites(actor: Actor, change: KeptChange): readonly StoreWrite[] {
  const { hash, ...facts } = change
  const writes: StoreWrite[] = [{ key: keys.facts(hash), value: encodeJson({ actor, ...facts }) }]
  if (facts.kinds.some((kind) => standingKinds.has(kind))) {
    writes.push({ key: keys.standing(actor, facts.seq), value: encodeText(hash) })
  }
  for (const [place, ended] of Object.entries(facts.ended)) {
    const by = encodeText(recordId(hash, Number(place)))
    for (const id of ended) writes.push({ key: keys.end(keyOfActor(actor), id), value: by })
  }
  return writes
}

/** The records of a change as whoever follows records is told of them. */
function recordsOf(actor: Actor, change: KeptChange): readonly Judged[] {
  const owner = ownerOfActor(actor)
  if (owner === undefined) return []
  const { hash, seq, time, kinds, voids, outcomes, ended } = change
  return kinds.map((kind, place) => ({
    id: recordId(hash, place),
    author: owner.key,
    document: owner.kind,
    seq,
    time,
    kind,
    void: voids[place] ?? null,
    outcome: outcomes[place] ?? null,
    fault: null,
    ended: ended[place] ?? [],
  }))
}
