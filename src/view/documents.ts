import {
  actorOf,
  digestOf,
  didOf,
  ownerOfActor,
  type Chain,
  type DocumentKind,
  type DocumentState,
  type SocietyKey,
} from '../../protocol/index.ts'
import { nameOf } from '../find.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import { droppedUpTo, readBase } from '../ledger/base.ts'
import { keys } from '../ledger/layout.ts'
import type { Store } from '../ports.ts'

/** Where a document of a node stands. */
export type HeadView = {
  readonly document: string
  readonly society: string
  readonly name: string
  readonly kind: DocumentKind
  readonly seq: number
  readonly hash: string
  /** SHA-256 of the state in its canonical form: equal wherever the documents are. */
  readonly state: string
}

/**
 * Digests of states that were asked for before. What a chain is, is replaced with every change of
 * its document, so that a digest goes with it.
 */
export class KnownDigests {
  readonly #byChain: WeakMap<Chain, string> = new WeakMap()

  /** The digest of a state; made anew where its document has changed. */
  readonly of = (state: DocumentState): string => {
    const known = this.#byChain.get(state.chain)
    if (known !== undefined) return known
    const digest = digestOf(state)
    this.#byChain.set(state.chain, digest)
    return digest
  }
}

/** Where every document stands, with the digest of its state, sorted by actor. */
export function viewHeads(
  held: DocumentsHeld,
  digest: (state: DocumentState) => string = digestOf,
): readonly HeadView[] {
  return held.frontier().map(({ actor, seq, hash }) => {
    const owner = ownerOfActor(actor) as { readonly key: SocietyKey; readonly kind: DocumentKind }
    const state = held.state(owner.kind, owner.key)
    return {
      document: state.chain.document,
      society: didOf(owner.key),
      name: nameOf(held, owner.key),
      kind: owner.kind,
      seq,
      hash,
      state: digest(state),
    }
  })
}

/**
 * The bytes of all changes of a society's document, in order, up to its end. Fails with
 * `history-dropped` where they do not begin with the first here.
 */
export async function changesOf(
  store: Store,
  held: DocumentsHeld,
  kind: DocumentKind,
  key: SocietyKey,
): Promise<readonly Uint8Array[]> {
  const actor = actorOf(kind, key)
  const base = await readBase(store, actor)
  if (base !== undefined) throw droppedUpTo(base)
  const end = held.state(kind, key).chain.seq
  const range = { gte: keys.change(actor, 1), lt: keys.change(actor, end + 1) }
  const changes: Uint8Array[] = []
  for await (const [, bytes] of store.range(range)) changes.push(bytes)
  return changes
}
