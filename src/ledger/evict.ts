import { actorOf, peekChange, type Actor, type SocietyKey } from '../../protocol/index.ts'
import type { Store, StoreWrite } from '../ports.ts'
import { noBaseWrites, readBase } from './base.ts'
import type { DocumentsHeld } from './documents-held.ts'
import type { Forks } from './forks.ts'
import type { Index } from './index-of-facts.ts'
import { allOf, keys, recordedOf, type Facts } from './layout.ts'
import type { Namings } from './namings.ts'
import type { RecordObserver } from './observer.ts'
import type { Tails } from './tails.ts'

/** What dropping whole documents needs of the node. */
export type EvictParts = {
  readonly store: Store
  readonly held: DocumentsHeld
  readonly index: Index
  readonly forks: Forks
  readonly namings: Namings
  readonly tails: Tails
  readonly observers: readonly RecordObserver[]
}

/**
 * Drops the trust documents of societies with all that is kept because of them, on disk and in
 * memory, all or nothing, so that whoever comes back is judged as if it had never been here. The
 * caller answers for it that nothing which stays names their changes and that none has a pool. Must
 * not run while anything is being folded.
 */
export async function evictDocuments(
  parts: EvictParts,
  societies: readonly SocietyKey[],
): Promise<void> {
  const { store, held, index, forks, namings, tails, observers } = parts
  const writes: StoreWrite[] = []
  const hashes: string[] = []
  for (const society of societies) {
    const actor = actorOf('trust', society)
    for (const hash of await hashesOf(parts, actor)) {
      const facts = await index.facts(hash)
      if (facts !== undefined) writes.push(...factsDropped(hash, facts, society, observers))
      hashes.push(hash)
    }
    writes.push(...(await documentDropped(store, actor)), ...namings.forget(society))
  }
  await store.write(writes, { sync: true })
  index.forget(hashes)
  for (const society of societies) {
    const before = held.trust(society)
    held.remove(society)
    forks.remove(actorOf('trust', society))
    tails.passed(actorOf('trust', society), Infinity)
    for (const observer of observers) observer.gone?.(before)
  }
}

/** Changes that are kept of a document, on whichever branch. */
async function hashesOf({ store, forks }: EvictParts, actor: Actor): Promise<readonly string[]> {
  const hashes: string[] = []
  const keep = (bytes: Uint8Array): void => {
    const peeked = peekChange(bytes)
    if (peeked.ok && peeked.value.header.actor === actor) hashes.push(peeked.value.hash)
  }
  for await (const [, bytes] of store.range(allOf('change', actor))) keep(bytes)
  if (forks.of(actor) === undefined) return hashes
  for await (const [, bytes] of store.range(allOf('offChange'))) keep(bytes)
  return hashes
}

/** What is kept of a change by its hash. */
function factsDropped(
  hash: string,
  facts: Facts,
  society: SocietyKey,
  observers: readonly RecordObserver[],
): readonly StoreWrite[] {
  const records = facts.kinds.flatMap((_, place) => recordedOf(facts, hash, place) ?? [])
  const ended = Object.values(facts.ended).flat()
  return [
    { key: keys.facts(hash) },
    { key: keys.offChange(hash) },
    { key: keys.offSignature(hash) },
    { key: keys.offNext(hash) },
    { key: keys.offTail(hash) },
    ...ended.flatMap((id) => [
      { key: keys.end(society, id) },
      ...records.map((record) => ({ key: keys.offEnd(society, id, record.id) })),
    ]),
    ...records.flatMap((record) => observers.flatMap((each) => each.forget?.(record) ?? [])),
  ]
}

/** What is kept of a document by its actor. */
async function documentDropped(store: Store, actor: Actor): Promise<readonly StoreWrite[]> {
  const base = await readBase(store, actor)
  const writes: StoreWrite[] = [
    ...(base === undefined ? [] : noBaseWrites(base)),
    { key: keys.manifest(actor) },
    { key: keys.snapshot(actor) },
    { key: keys.head(actor) },
    { key: keys.tail(actor) },
    { key: keys.evidence(actor) },
    { key: keys.pedigree(actor) },
  ]
  for (const kind of ['change', 'signature', 'milestone', 'checkpoint', 'standing'] as const) {
    for await (const [key] of store.range(allOf(kind, actor))) writes.push({ key })
  }
  return writes
}
