import {
  encodeEvidence,
  evidenceBytesMax,
  type Actor,
  type Evidence,
  type Statement,
} from '../../protocol/index.ts'
import type { Store } from '../ports.ts'
import { allOf, keys, seqOfKey } from './layout.ts'
import { tailAfter } from './serve.ts'

/** A statement that contradicts what is held of a document, from a place of it on. */
export type Suspicion = {
  readonly actor: Actor
  readonly statements: readonly Statement[]
  /** Place of the own copy that the statement contradicts; null where it needs no second. */
  readonly against: number | null
}

/** Half of the evidence is for the one statement, half for the other. */
const runBytesMax = evidenceBytesMax / 2

/** Stored changes of a document from a place to the first that is signed by itself. */
async function storedRun(store: Store, actor: Actor, from: number): Promise<Statement | undefined> {
  const range = { ...allOf('change', actor), gte: keys.change(actor, from) }
  const changes: Uint8Array[] = []
  let runBytes = 0
  for await (const [key, bytes] of store.range(range)) {
    // What is so old may have been dropped here.
    if (changes.length === 0 && seqOfKey(key) !== from) return undefined
    changes.push(bytes)
    runBytes += bytes.length
    const seq = from + changes.length - 1
    const signature = await store.get(keys.signature(actor, seq))
    if (signature !== undefined) return { type: 'run', changes, signature }
    if (runBytes > runBytesMax) return undefined
  }
  const tail = await tailAfter(store, actor, changes.at(-1))
  if (tail === undefined) return undefined
  return { type: 'run', changes: [...changes, ...tail.changes], signature: tail.signature }
}

/** The evidence that a suspicion comes to, as bytes; undefined where it cannot be shown. */
export async function evidenceFor(
  store: Store,
  { actor, statements, against }: Suspicion,
): Promise<Uint8Array | undefined> {
  const own = against === null ? [] : [await storedRun(store, actor, against)]
  const all = [...own, ...statements]
  if (all.some((statement) => statement === undefined)) return undefined
  const bytes = encodeEvidence({ actor, statements: all } as Evidence)
  return bytes.length <= evidenceBytesMax ? bytes : undefined
}
