import { didOf } from '../../protocol/index.ts'
import type { Log, Store, Verifier } from '../ports.ts'
import { DocumentsHeld } from './documents-held.ts'
import { Forks } from './forks.ts'
import { Index } from './index-of-facts.ts'
import { loadDocuments } from './load.ts'

/** What a store holds, as whoever looks at it without running a node is told. */
export type Inspected = {
  /** Ids of the societies whose documents are there, sorted. */
  readonly societies: readonly string[]
  readonly documents: number
  readonly changes: number
}

/** Reads every document of a store as a node does when it starts. Fails with `store-damaged`. */
export async function inspectStore(
  store: Store,
  { verifier, log }: { readonly verifier: Verifier; readonly log: Log },
): Promise<Inspected> {
  const held = new DocumentsHeld()
  const forks = new Forks(store)
  await forks.load()
  await loadDocuments(store, held, new Index(store, verifier, forks), log)
  const states = [...held.trusts(), ...held.pools()].filter(({ chain }) => chain.seq > 0)
  return {
    societies: [...new Set(states.map(({ society }) => didOf(society)))].toSorted(),
    documents: states.length,
    changes: states.reduce((sum, { chain }) => sum + chain.seq, 0),
  }
}
