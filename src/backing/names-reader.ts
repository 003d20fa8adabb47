import {
  actorOf,
  admitChange,
  decodeChange,
  digestsOfChange,
  documentName,
  emptyChain,
  headsOfChange,
  partsOfRecordId,
  peekChange,
  readChange,
  referencesOfChange,
  type Actor,
  type Chain,
  type Code,
  type DocumentKind,
  type SocietyKey,
} from '../../protocol/index.ts'

/** A change and what must be there before it can be judged. */
export type Named = {
  readonly hash: string
  /** Hashes of the changes whose records it names. */
  readonly changes: readonly string[]
  /** Digests of evidence that its reports name. */
  readonly digests: readonly string[]
}

/** What reading a change came to, or in words why it is none of its document. */
export type NamedRead =
  | { readonly ok: true; readonly value: Named }
  | { readonly ok: false; readonly code: Code; readonly message: string }

/** Reads what the changes of one document name, one after the other, without judging them. */
export class NamesReader {
  readonly #owner: { readonly key: SocietyKey; readonly kind: DocumentKind }
  #chain: Chain

  /** Begins at a document's first change, or after the newest of `chain`. */
  constructor(owner: { readonly key: SocietyKey; readonly kind: DocumentKind }, chain?: Chain) {
    const { key, kind } = owner
    this.#owner = owner
    this.#chain = chain ?? emptyChain(actorOf(kind, key), documentName(kind, key))
  }

  /** The chain up to the newest change that was read. */
  get chain(): Chain {
    return this.#chain
  }

  /** The document's actor. */
  get actor(): Actor {
    return this.#chain.actor
  }

  /** Reads the next change; strict in form and place, as the pipeline is. */
  next(bytes: Uint8Array): NamedRead {
    const peeked = peekChange(bytes)
    if (!peeked.ok) return { ok: false, code: 'malformed', message: peeked.message }
    const decoded = decodeChange(bytes, peeked.value)
    if (!decoded.ok) return { ok: false, code: 'malformed', message: decoded.message }
    const { hash } = peeked.value
    const admitted = admitChange(decoded.value, hash, this.#chain)
    if (!admitted.ok) return admitted
    this.#chain = admitted.chain
    const { kind, key } = this.#owner
    const change = readChange(kind, key, hash, admitted)
    const named = new Set(referencesOfChange(change).map((id) => partsOfRecordId(id).hash))
    for (const head of headsOfChange(change)) named.add(head.hash)
    return { ok: true, value: { hash, changes: [...named], digests: digestsOfChange(change) } }
  }
}
