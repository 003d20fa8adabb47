import { sha256 } from '@noble/hashes/sha2.js'
import { advancePool, copyPool, emptyPool } from '../../protocol/index.ts'
import { copyTrust, emptyTrust, type TrustState } from '../../protocol/index.ts'
import { actorOf, bytesOfKey, ownerOfActor, partsOfRecordId } from '../../protocol/index.ts'
import { recordId, type CheckpointContent } from '../../protocol/index.ts'
import { admitChange, decodeChange, peekChange } from '../../protocol/index.ts'
import { borrowedUntil, foldChange, readChange } from '../../protocol/index.ts'
import { headsOfChange, referencesOfChange } from '../../protocol/index.ts'
import type { Actor, Code, DocumentKind, DocumentState, Judged } from '../../protocol/index.ts'
import type { HeadStatement, Lookup, Outcome, OutcomeOf, Recorded } from '../../protocol/index.ts'
import type { PoolState, ReadChange, RecordId, SocietyKey } from '../../protocol/index.ts'

/**
 * What stands for an ed25519 signature in tests of the ledger: SHA-256 of key and message, twice.
 * It binds both, so a wrong signer or another message fails as it would with a real one, and it
 * takes microseconds where a real one takes a millisecond: ten thousand histories would only sign.
 */
export function markerSignature(message: Uint8Array, key: SocietyKey): Uint8Array {
  const half = sha256.create().update(bytesOfKey(key)).update(message).digest()
  const signature = new Uint8Array(64)
  signature.set(half)
  signature.set(half, 32)
  return signature
}

function isMarker(signature: Uint8Array, message: Uint8Array, key: SocietyKey): boolean {
  const marker = markerSignature(message, key)
  return signature.length === 64 && marker.every((byte, i) => byte === signature[i])
}

/** A mistake of a test, not of what it tests. */
export class Misuse extends Error {}

type Facts = {
  readonly actor: Actor
  readonly seq: number
  readonly borrowedUntil: number
}

/** A valid record with an outcome of a type. */
export type Valid<T extends Outcome['type']> = Omit<Judged, 'outcome'> & {
  readonly outcome: OutcomeOf<T>
}

/**
 * One node's ledger without its node: takes the bytes of changes in an order that respects what
 * they name, and knows at any time no more than what it was given.
 */
export class Replica {
  readonly states: Map<Actor, DocumentState> = new Map()
  readonly records: Map<RecordId, Judged> = new Map()
  readonly outcomes: Map<Outcome['type'], Judged[]> = new Map()
  readonly #facts: Map<string, Facts> = new Map()
  readonly #ends: Map<string, RecordId> = new Map()

  /** The answers to what verdicts ask, from all this replica holds. */
  readonly lookup: Lookup = {
    record: (id) => this.records.get(id),
    endOf: (author, id, upTo) => {
      const by = this.#ends.get(`${author}/${id}`)
      const last = upTo === undefined ? Infinity : (this.#facts.get(upTo)?.seq ?? 0)
      return by !== undefined && (this.records.get(by)?.seq ?? 0) <= last ? by : undefined
    },
    divided: () => false,
    conviction: () => undefined,
    borrowedUntil: (hash) => this.#facts.get(hash)?.borrowedUntil ?? 0,
    contains: (head) => this.contains(head),
    verify: isMarker,
  }

  constructor(societies: readonly SocietyKey[]) {
    for (const society of societies) {
      this.states.set(actorOf('trust', society), emptyTrust(society))
      this.states.set(actorOf('pool', society), emptyPool(society))
    }
  }

  /** An independent replica that holds the same. */
  copy(): Replica {
    const copy = new Replica([])
    for (const [actor, state] of this.states) {
      copy.states.set(actor, 'lots' in state ? copyPool(state) : copyTrust(state))
    }
    for (const [id, record] of this.records) copy.records.set(id, record)
    for (const [type, records] of this.outcomes) copy.outcomes.set(type, [...records])
    for (const [hash, facts] of this.#facts) copy.#facts.set(hash, facts)
    for (const [key, by] of this.#ends) copy.#ends.set(key, by)
    return copy
  }

  /** A document's state. */
  state(document: DocumentKind, society: SocietyKey): DocumentState {
    const state = this.states.get(actorOf(document, society))
    if (state === undefined) throw new Misuse('no such society')
    return state
  }

  /** A society's pool as of its newest change. */
  pool(society: SocietyKey): PoolState {
    return this.state('pool', society) as PoolState
  }

  /** A society's trust document as of its newest change. */
  trust(society: SocietyKey): TrustState {
    return this.state('trust', society) as TrustState
  }

  /** A copy of a society's pool at a time, not before its newest change. */
  poolAt(society: SocietyKey, time: number): PoolState {
    const pool = copyPool(this.pool(society))
    advancePool(pool, time)
    return pool
  }

  /** Valid records with an outcome of a type, oldest first. */
  valid<T extends Outcome['type']>(type: T): readonly Valid<T>[] {
    return (this.outcomes.get(type) ?? []) as readonly Judged[] as readonly Valid<never>[]
  }

  /** Learns what another replica knows of records that are not in the chains of this one. */
  hearOf(other: Replica): void {
    for (const [id, record] of other.records) {
      if (!this.records.has(id)) this.records.set(id, record)
    }
    for (const [hash, facts] of other.#facts) {
      if (!this.#facts.has(hash)) this.#facts.set(hash, facts)
    }
  }

  /** Has a document and what is known of it from a content, in the place of what it had. */
  takeOver({ state, changes }: CheckpointContent): void {
    const { actor } = state.chain
    const { society } = state
    const document = 'lots' in state ? 'pool' : 'trust'
    const isOfIt = (record: Judged): boolean =>
      record.author === society && record.document === document
    for (const [key, by] of this.#ends) {
      const record = this.records.get(by)
      if (record !== undefined && isOfIt(record)) this.#ends.delete(key)
    }
    for (const [id, record] of this.records) if (isOfIt(record)) this.records.delete(id)
    for (const [type, records] of this.outcomes) {
      const others = records.filter((record) => !isOfIt(record))
      this.outcomes.set(type, others)
    }
    this.states.set(actor, state)
    for (const {
      hash,
      seq,
      time,
      kinds,
      voids,
      outcomes,
      ended,
      borrowedUntil: until,
    } of changes) {
      this.#facts.set(hash, { actor, seq, borrowedUntil: until })
      for (const [place, kind] of kinds.entries()) {
        this.#remember({
          id: recordId(hash, place),
          author: society,
          document,
          seq,
          time,
          kind,
          fault: null,
          void: voids[place] ?? null,
          outcome: outcomes[place] ?? null,
          ended: ended[place] ?? [],
        })
      }
    }
  }

  /** Whether a society has ended, claimed or decided something. */
  ended(author: SocietyKey, id: string): boolean {
    return this.#ends.has(`${author}/${id}`)
  }

  /** Whether the chain of a head's document has the change it names, at its place. */
  contains(head: HeadStatement): boolean {
    const facts = this.#facts.get(head.hash)
    return facts?.actor === actorOf(head.document, head.author) && facts.seq === head.seq
  }

  /** Reads the next change of a document up to the judgement of its records. */
  read(bytes: Uint8Array): ReadChange {
    const peeked = peekChange(bytes)
    if (!peeked.ok) throw new Misuse(peeked.message)
    const decoded = decodeChange(bytes, peeked.value)
    if (!decoded.ok) throw new Misuse(decoded.message)
    const { actor } = decoded.value
    const owner = ownerOfActor(actor)
    const state = this.states.get(actor)
    if (owner === undefined || state === undefined) throw new Misuse('no such document')
    const admitted = admitChange(decoded.value, peeked.value.hash, state.chain)
    if (!admitted.ok) throw new Misuse(`${admitted.code}: ${admitted.message}`)
    return readChange(owner.kind, owner.key, peeked.value.hash, admitted)
  }

  /** Judges a change and folds it in. What it names must have been delivered before. */
  deliver(bytes: Uint8Array, verdicts?: readonly (Code | null)[]): readonly Judged[] {
    const change = this.read(bytes)
    const missing = hashesNamed(change).find((hash) => !this.#facts.has(hash))
    if (missing !== undefined) throw new Misuse(`not here yet: ${missing}`)
    const actor = actorOf(change.document, change.author)
    const state = this.states.get(actor) as DocumentState
    const judged = foldChange(state, change, this.lookup, verdicts)
    const borrowed = 'lots' in state ? borrowedUntil(state) : 0
    this.#facts.set(change.hash, { actor, seq: change.chain.seq, borrowedUntil: borrowed })
    for (const record of judged) this.#remember(record)
    return judged
  }

  #remember(record: Judged): void {
    this.records.set(record.id, record)
    for (const id of record.ended) this.#ends.set(`${record.author}/${id}`, record.id)
    if (record.outcome === null) return
    const { type } = record.outcome
    const same = this.outcomes.get(type)
    if (same === undefined) this.outcomes.set(type, [record])
    else same.push(record)
  }
}

/** Hashes of the changes that a change names: in its references and in the heads it carries. */
export function hashesNamed(change: ReadChange): readonly string[] {
  const named = referencesOfChange(change).map((id) => partsOfRecordId(id).hash)
  return [...named, ...headsOfChange(change).map((head) => head.hash)]
}

/** What a record came to, without the words of its fault: what all nodes must agree on. */
export function verdictOf(record: Judged): Omit<Recorded, 'seq'> & { readonly ended: unknown } {
  const { id, author, document, time, kind, void: code, outcome, ended } = record
  return { id, author, document, time, kind, void: code, outcome, ended }
}
