import {
  copyPool,
  copyTrust,
  emptyPool,
  emptyTrust,
  ownerOfActor,
  type Actor,
  type DocumentKind,
  type DocumentState,
  type FrontierEntry,
  type PoolState,
  type SocietyKey,
  type TrustState,
} from '../../protocol/index.ts'

/** The states of all documents that a node holds, each at its newest change. */
export class DocumentsHeld {
  readonly #trust: Map<SocietyKey, TrustState> = new Map()
  readonly #pools: Map<SocietyKey, PoolState> = new Map()
  readonly #societies: Set<SocietyKey> = new Set()

  /** A society's trust state where anything of it is held; asking costs nothing where not. */
  trustIfHeld(key: SocietyKey): TrustState | undefined {
    return this.#trust.get(key)
  }

  /** The same of its pool. */
  poolIfHeld(key: SocietyKey): PoolState | undefined {
    return this.#pools.get(key)
  }

  /** A society's trust state; an empty one where nothing of it is held. */
  trust(key: SocietyKey): TrustState {
    return this.#trust.get(key) ?? emptyTrust(key)
  }

  /** A society's pool state; an empty one where nothing of it is held. */
  pool(key: SocietyKey): PoolState {
    return this.#pools.get(key) ?? emptyPool(key)
  }

  /** The state of either kind of document. */
  state(kind: DocumentKind, key: SocietyKey): DocumentState {
    return kind === 'trust' ? this.trust(key) : this.pool(key)
  }

  /** The state that an actor's document has; undefined for an actor of no known kind. */
  ofActor(actor: Actor): DocumentState | undefined {
    const owner = ownerOfActor(actor)
    return owner === undefined ? undefined : this.state(owner.kind, owner.key)
  }

  /** Puts a state in the place of the one held. */
  put(state: DocumentState): void {
    this.#societies.add(state.society)
    if ('lots' in state) this.#pools.set(state.society, state)
    else this.#trust.set(state.society, state)
  }

  /** Drops the trust document of a society that has no pool. */
  remove(society: SocietyKey): void {
    this.#trust.delete(society)
    if (!this.#pools.has(society)) this.#societies.delete(society)
  }

  /** Societies of which anything is held, sorted. */
  societies(): readonly SocietyKey[] {
    return [...this.#societies].sort()
  }

  /** How many these are, however many; asking costs nothing. */
  get societyCount(): number {
    return this.#societies.size
  }

  /** Societies whose trust document is held. */
  get trustCount(): number {
    return this.#trust.size
  }

  /** All trust states. */
  trusts(): IterableIterator<TrustState> {
    return this.#trust.values()
  }

  /** All pool states. */
  pools(): IterableIterator<PoolState> {
    return this.#pools.values()
  }

  /** How far each document goes, sorted by actor. */
  frontier(): readonly FrontierEntry[] {
    const entries: FrontierEntry[] = []
    for (const { chain } of [...this.#trust.values(), ...this.#pools.values()]) {
      if (chain.head !== null)
        entries.push({ actor: chain.actor, seq: chain.seq, hash: chain.head })
    }
    return entries.sort((a, b) => (a.actor < b.actor ? -1 : 1))
  }

  /** Whether a document is held at all. */
  has(kind: DocumentKind, key: SocietyKey): boolean {
    const state = kind === 'trust' ? this.#trust.get(key) : this.#pools.get(key)
    return state !== undefined && state.chain.seq > 0
  }
}

/** An independent copy of a state, to try records on. */
export function copyState(state: DocumentState): DocumentState {
  return 'lots' in state ? copyPool(state) : copyTrust(state)
}
