import {
  partsOfRecordId,
  referencesOfChange,
  headsOfChange,
  actorOf,
  bytesOfKey,
  type HeadStatement,
  type Lookup,
  type ReadChange,
  type RecordId,
  type Recorded,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Store, Verifier } from '../ports.ts'
import { decodeJson, decodeText, keys, recordedOf, type Facts } from './layout.ts'
import { factsCachedMax } from '../limits.ts'

/**
 * What verdicts ask of records other than the judged one: facts by change hash and the index of
 * ends, from memory where they are young, from the store otherwise.
 */
export class Index {
  readonly #store: Store
  readonly #verifier: Verifier
  /** Facts by hash, oldest first; what is not yet written is never the oldest. */
  readonly #facts: Map<string, Facts> = new Map()
  /** Ends of the batch that is being judged: not in the store yet. */
  readonly #freshEnds: Map<string, RecordId> = new Map()

  constructor(store: Store, verifier: Verifier) {
    this.#store = store
    this.#verifier = verifier
  }

  /** Notes facts of a change that is being judged or was read. */
  remember(hash: string, facts: Facts): void {
    this.#facts.delete(hash)
    this.#facts.set(hash, facts)
    if (this.#facts.size <= factsCachedMax) return
    for (const oldest of this.#facts.keys()) {
      this.#facts.delete(oldest)
      break
    }
  }

  /** Notes an end until the batch is written. */
  rememberEnd(author: SocietyKey, id: string, by: RecordId): void {
    this.#freshEnds.set(`${author}/${id}`, by)
  }

  /** The batch is in the store. */
  batchWritten(): void {
    this.#freshEnds.clear()
  }

  /** Facts of a change; undefined where this node does not have it. */
  async facts(hash: string): Promise<Facts | undefined> {
    const cached = this.#facts.get(hash)
    if (cached !== undefined) return cached
    const bytes = await this.#store.get(keys.facts(hash))
    if (bytes === undefined) return undefined
    const facts = decodeJson(bytes) as Facts
    this.remember(hash, facts)
    return facts
  }

  /** A record by its id; undefined where this node does not have it. */
  async record(id: RecordId): Promise<Recorded | undefined> {
    const { hash, place } = partsOfRecordId(id)
    const facts = await this.facts(hash)
    return facts === undefined ? undefined : recordedOf(facts, hash, place)
  }

  /** The record by which an author ended something. */
  async end(author: SocietyKey, id: string): Promise<RecordId | undefined> {
    const fresh = this.#freshEnds.get(`${author}/${id}`)
    if (fresh !== undefined) return fresh
    const bytes = await this.#store.get(keys.end(author, id))
    return bytes === undefined ? undefined : (decodeText(bytes) as RecordId)
  }

  /** Whether a head names a change that this node has at that place. */
  async contains(head: HeadStatement): Promise<boolean> {
    const facts = await this.facts(head.hash)
    const actor = actorOf(head.document, head.author)
    return facts?.actor === actor && facts.seq === head.seq
  }

  /**
   * Fetches all that judging a change may ask; or tells the hash of a change that is missing.
   */
  async fetch(
    change: ReadChange,
    fetched: Fetched = new Fetched(this.#verifier),
  ): Promise<{ readonly lookup: Fetched } | { readonly missing: string }> {
    for (const id of referencesOfChange(change)) {
      const missing = await this.#fetchReference(fetched, change.author, id)
      if (missing !== undefined) return { missing }
    }
    for (const head of headsOfChange(change)) {
      const facts = await this.facts(head.hash)
      if (facts === undefined) return { missing: head.hash }
      if (await this.contains(head)) fetched.heads.add(head.hash)
    }
    return { lookup: fetched }
  }

  async #fetchReference(
    fetched: Fetched,
    author: SocietyKey,
    id: RecordId,
  ): Promise<string | undefined> {
    const { hash, place } = partsOfRecordId(id)
    const facts = await this.facts(hash)
    if (facts === undefined) return hash
    fetched.borrowed.set(hash, facts.borrowedUntil)
    const recorded = recordedOf(facts, hash, place)
    if (recorded === undefined) return undefined
    fetched.records.set(id, recorded)
    await this.#fetchEnd(fetched, author, id)
    // A buyer's escrow ends by what the seller decided about the acceptance.
    const { outcome } = recorded
    if (outcome?.type === 'acceptance') await this.#fetchEnd(fetched, outcome.seller, id)
    return undefined
  }

  async #fetchEnd(fetched: Fetched, author: SocietyKey, id: RecordId): Promise<void> {
    const by = await this.end(author, id)
    if (by === undefined) return
    fetched.ends.set(`${author}/${id}`, by)
    const record = await this.record(by)
    if (record !== undefined) fetched.records.set(by, record)
  }
}

/** A look-up of what was fetched for one change. */
export class Fetched implements Lookup {
  readonly records: Map<RecordId, Recorded> = new Map()
  readonly ends: Map<string, RecordId> = new Map()
  readonly borrowed: Map<string, number> = new Map()
  readonly heads: Set<string> = new Set()
  readonly #verifier: Verifier

  constructor(verifier: Verifier) {
    this.#verifier = verifier
  }

  record(id: RecordId): Recorded | undefined {
    return this.records.get(id)
  }

  endOf(author: SocietyKey, id: string): RecordId | undefined {
    return this.ends.get(`${author}/${id}`)
  }

  borrowedUntil(hash: string): number {
    return this.borrowed.get(hash) ?? 0
  }

  contains(head: HeadStatement): boolean {
    return this.heads.has(head.hash)
  }

  verify = (signature: Uint8Array, message: Uint8Array, key: SocietyKey): boolean =>
    this.#verifier.verify(signature, message, bytesOfKey(key))
}
