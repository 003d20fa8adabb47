import {
  partsOfRecordId,
  referencesOfChange,
  headsOfChange,
  isOutOfReach,
  actorOf,
  bytesOfKey,
  digestsOfChange,
  type Actor,
  type Conviction,
  type DocumentState,
  type HeadStatement,
  type Lookup,
  type ReadChange,
  type RecordId,
  type Recorded,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Store, Verifier } from '../ports.ts'
import { CheckedAhead } from './checked-ahead.ts'
import { convictionOf, type ChangePlace, type Forks } from './forks.ts'
import {
  allOf,
  decodeJson,
  decodeText,
  hashOfRecord,
  keys,
  recordedOf,
  type Facts,
} from './layout.ts'
import { convictionsCachedMax, droppedNotedMax, factsCachedMax } from '../limits.ts'

/**
 * What verdicts ask of records other than the judged one: facts by change hash and the index of
 * ends, from memory where they are young, from the store otherwise.
 */
export class Index {
  readonly #store: Store
  readonly #verifier: Verifier
  readonly #forks: Forks
  /** Facts by hash, young and before: generations go as a whole, for one by one costs more. */
  #facts: Map<string, Facts> = new Map()
  #factsBefore: Map<string, Facts> = new Map()
  /** Whether some are being judged, or written. */
  #judging = false
  #writing = false
  /** What is known of changes that were dropped here before any fact of them was needed again. */
  readonly #notes: Map<string, Facts> = new Map()
  /** What evidence proves that reports name, by its digest: reading it is some 25 ms. */
  readonly #convictions: Map<string, Conviction> = new Map()
  /** Ends of the batches that are being judged and written: not in the store yet. */
  #freshEnds: Map<string, RecordId> = new Map()
  #closedEnds: Map<string, RecordId> = new Map()

  constructor(store: Store, verifier: Verifier, forks: Forks) {
    this.#store = store
    this.#verifier = verifier
    this.#forks = forks
  }

  /** Notes facts of a change that was judged and will be written with its batch. */
  judged(hash: string, facts: Facts): void {
    this.#judging = true
    this.#facts.set(hash, facts)
  }

  /** Notes facts that are in the store. */
  remember(hash: string, facts: Facts): void {
    this.#facts.set(hash, facts)
    if (!this.#judging && !this.#writing) this.#age()
  }

  #age(): void {
    if (this.#facts.size < factsCachedMax / 2) return
    this.#factsBefore = this.#facts
    this.#facts = new Map()
  }

  /**
   * Notes the date and the kinds of a change that was dropped here; whether its records are valid
   * is not known any more. It will do for what is too old to be named.
   */
  note(hash: string, dropped: Facts): void {
    this.#notes.set(hash, dropped)
    if (this.#notes.size <= droppedNotedMax) return
    for (const oldest of this.#notes.keys()) {
      this.#notes.delete(oldest)
      break
    }
  }

  /** Forgets what was dropped from the store. */
  forget(hashes: readonly string[]): void {
    for (const hash of hashes) {
      this.#facts.delete(hash)
      this.#factsBefore.delete(hash)
    }
  }

  /** Changes whose facts are in memory. */
  get cached(): number {
    return this.#facts.size + this.#factsBefore.size
  }

  /** Notes an end until the batch is written. */
  rememberEnd(author: SocietyKey, id: string, by: RecordId): void {
    this.#freshEnds.set(`${author}/${id}`, by)
  }

  /** The batch is about to be written, the one before it is: what is judged now is of the next. */
  batchClosed(): void {
    this.#closedEnds = this.#freshEnds
    this.#freshEnds = new Map()
    this.#writing = this.#judging
    this.#judging = false
  }

  /** The batch that was closed is in the store. */
  batchWritten(): void {
    this.#closedEnds = new Map()
    this.#writing = false
    // What is judged meanwhile stays for one more generation, and is written by its end.
    this.#age()
  }

  /** Facts of a change; undefined where this node does not have it. */
  async facts(hash: string): Promise<Facts | undefined> {
    const cached = this.#facts.get(hash) ?? this.#factsBefore.get(hash)
    if (cached !== undefined) return cached
    const bytes = await this.#store.get(keys.facts(hash))
    if (bytes === undefined) return undefined
    const facts = decodeJson(bytes) as Facts
    this.remember(hash, facts)
    return facts
  }

  /** Reads facts of changes that are about to be asked for one after the other. */
  async readAhead(hashes: readonly string[]): Promise<void> {
    const unknown = hashes.filter((hash) => !this.#facts.has(hash) && !this.#factsBefore.has(hash))
    const stored = await this.#store.getMany(unknown.map(keys.facts))
    for (const [at, bytes] of stored.entries()) {
      const hash = unknown[at]
      if (bytes !== undefined && hash !== undefined) this.remember(hash, decodeJson(bytes) as Facts)
    }
  }

  /** A record by its id; undefined where this node does not have it. */
  async record(id: RecordId): Promise<Recorded | undefined> {
    const { hash, place } = partsOfRecordId(id)
    const facts = await this.facts(hash)
    return facts === undefined ? undefined : recordedOf(facts, hash, place)
  }

  /** The records by which an author ended something: one, but of a society with two pasts. */
  async #ends(author: SocietyKey, id: string): Promise<readonly RecordId[]> {
    const ends: RecordId[] = []
    const name = `${author}/${id}`
    const fresh = this.#freshEnds.get(name) ?? this.#closedEnds.get(name)
    if (fresh !== undefined) ends.push(fresh)
    const bytes = await this.#store.get(keys.end(author, id))
    if (bytes !== undefined) ends.push(decodeText(bytes) as RecordId)
    if (!this.#forks.convicted(author)) return ends
    const off = this.#store.range(allOf('offEnd', author, id))
    for await (const [, by] of off) ends.push(decodeText(by) as RecordId)
    return ends
  }

  /** The record by which an author ended something; undefined where none did. */
  async endOf(author: SocietyKey, id: string): Promise<RecordId | undefined> {
    const [end] = await this.#ends(author, id)
    return end
  }

  /** Whether a head names a change that this node has at that place. */
  async contains(head: HeadStatement): Promise<boolean> {
    const { author, document, seq, hash } = head
    return this.holds(actorOf(document, author), { hash, seq })
  }

  /** Whether this node has a change at that place of its document. */
  async holds(actor: Actor, { hash, seq }: ChangePlace): Promise<boolean> {
    const facts = await this.facts(hash)
    return facts?.actor === actor && facts.seq === seq
  }

  /** What evidence of a digest proves; undefined where it is not here or proves nothing. */
  async #conviction(digest: string): Promise<Conviction | undefined> {
    const known = this.#convictions.get(digest)
    if (known !== undefined) return known
    const bytes = await this.#store.get(keys.evidenceNamed(digest))
    // It was checked before it was stored.
    const conviction = bytes === undefined ? undefined : convictionOf(bytes, () => true)
    if (conviction === undefined) return undefined
    if (this.#convictions.size >= convictionsCachedMax) this.#convictions.clear()
    this.#convictions.set(digest, conviction)
    return conviction
  }

  /**
   * Fetches all that judging a change on top of a state may ask; or tells the hash of a change, or
   * of evidence, that is missing.
   */
  async fetch(
    change: ReadChange,
    state: DocumentState,
    fetched: Fetched = new Fetched(this.#verifier),
  ): Promise<{ readonly lookup: Fetched } | { readonly missing: string }> {
    const { author } = change
    fetched.judge(author, state.chain.head)
    const { head: newest } = state.chain
    // What was judged just now is in memory: for that nothing has to wait.
    if (!this.#placeCached(fetched, newest)) await this.#place(fetched, newest)
    for (const id of referencesOfChange(change)) {
      const missing = await this.#fetchReference(fetched, change, id)
      if (missing !== undefined) return { missing }
    }
    for (const head of headsOfChange(change)) {
      const facts = (await this.#place(fetched, head.hash)) ?? this.#dropped(change, head.hash)
      if (facts === undefined) return { missing: head.hash }
      fetched.places.set(head.hash, facts)
      fetched.borrowed.set(head.hash, facts.borrowedUntil)
      const isThere = facts.actor === actorOf(head.document, head.author) && facts.seq === head.seq
      if (isThere) fetched.heads.add(head.hash)
    }
    for (const digest of digestsOfChange(change)) {
      const conviction = await this.#conviction(digest)
      if (conviction === undefined) return { missing: digest }
      fetched.convictions.set(digest, conviction)
    }
    if (this.#forks.count > 0) {
      await this.#fetchClaims(fetched, state)
      await this.#compareBranches(fetched)
    }
    return { lookup: fetched }
  }

  /** Remembers the place of a change for comparing branches, where its facts are in memory. */
  #placeCached(fetched: Fetched, hash: string | null): boolean {
    if (hash === null) return true
    const facts = this.#facts.get(hash) ?? this.#factsBefore.get(hash)
    if (facts !== undefined) fetched.places.set(hash, facts)
    return facts !== undefined
  }

  /** Facts of a change, whose place is remembered for comparing branches. */
  async #place(fetched: Fetched, hash: string | null): Promise<Facts | undefined> {
    const facts = hash === null ? undefined : await this.facts(hash)
    if (facts !== undefined && hash !== null) fetched.places.set(hash, facts)
    return facts
  }

  /** What is noted of a dropped change that is too old for anything else to be asked of it. */
  #dropped({ time }: Pick<ReadChange, 'time'>, hash: string): Facts | undefined {
    const note = this.#notes.get(hash)
    const isOld = note?.kinds.every((kind) => isOutOfReach(kind, note.time, time)) === true
    return isOld ? note : undefined
  }

  async #fetchReference(
    fetched: Fetched,
    change: ReadChange,
    id: RecordId,
  ): Promise<string | undefined> {
    const { author } = change
    const { hash, place } = partsOfRecordId(id)
    const held = await this.#place(fetched, hash)
    const facts = held ?? this.#dropped(change, hash)
    if (facts === undefined) return hash
    const recorded = recordedOf(facts, hash, place)
    if (recorded === undefined) return undefined
    fetched.records.set(id, recorded)
    if (held === undefined) return undefined
    await this.#fetchEnds(fetched, author, id)
    // A buyer's escrow ends by what the seller decided about the acceptance.
    const { outcome } = recorded
    if (outcome?.type === 'acceptance') await this.#fetchEnds(fetched, outcome.seller, id)
    return undefined
  }

  async #fetchEnds(fetched: Fetched, author: SocietyKey, id: RecordId): Promise<void> {
    const ends = await this.#ends(author, id)
    if (ends.length === 0) return
    fetched.ends.set(`${author}/${id}`, ends)
    for (const by of ends) {
      await this.#place(fetched, partsOfRecordId(by).hash)
      const record = await this.record(by)
      if (record !== undefined) fetched.records.set(by, record)
    }
  }

  /** What was claimed before of a society with two pasts binds what may be claimed now. */
  async #fetchClaims(fetched: Fetched, state: DocumentState): Promise<void> {
    if (!('claimedFrom' in state)) return
    for (const society of this.#forks.societies) {
      const before = state.claimedFrom.get(society)
      if (before !== undefined) await this.#place(fetched, before.hash)
    }
  }

  /** Which of the changes met are in the past of which, for documents with several branches. */
  async #compareBranches(fetched: Fetched): Promise<void> {
    const branched = new Map<Actor, ChangePlace[]>()
    for (const [hash, { actor, seq }] of fetched.places) {
      if (this.#forks.of(actor) === undefined) continue
      const places = branched.get(actor) ?? []
      places.push({ hash, seq })
      branched.set(actor, places)
    }
    for (const [actor, places] of branched) {
      for (const later of places) {
        fetched.branched.add(later.hash)
        for (const earlier of places) {
          const within = await this.#forks.includes(actor, later, earlier)
          if (within) fetched.pasts.add(`${later.hash} ${earlier.hash}`)
        }
      }
    }
  }
}

/**
 * A look-up of what was fetched for one change. Most changes name nothing: what they have no use
 * for is made when something is put into it, for making all of it takes as long as a record.
 */
export class Fetched implements Lookup {
  readonly convictions: Map<string, Conviction> = new Map()
  /** Document and place of every change met. */
  readonly places: Map<string, { readonly actor: Actor; readonly seq: number }> = new Map()
  #records: Map<RecordId, Recorded> | undefined
  #ends: Map<string, readonly RecordId[]> | undefined
  #borrowed: Map<string, number> | undefined
  #heads: Set<string> | undefined
  #branched: Set<string> | undefined
  #pasts: Set<string> | undefined
  readonly #verifier: Verifier
  /** Whose change is judged, and the change before it. */
  #author: SocietyKey | undefined
  #before: string | null = null

  constructor(verifier: Verifier) {
    this.#verifier = verifier
  }

  get records(): Map<RecordId, Recorded> {
    return (this.#records ??= new Map())
  }

  get ends(): Map<string, readonly RecordId[]> {
    return (this.#ends ??= new Map())
  }

  get borrowed(): Map<string, number> {
    return (this.#borrowed ??= new Map())
  }

  get heads(): Set<string> {
    return (this.#heads ??= new Set())
  }

  /** Changes met of documents with several branches. */
  get branched(): Set<string> {
    return (this.#branched ??= new Set())
  }

  /** `later earlier` for every two of these of which the one is in the other's past. */
  get pasts(): Set<string> {
    return (this.#pasts ??= new Set())
  }

  /** Names the author whose next change is judged, and its newest. */
  judge(author: SocietyKey, before: string | null): void {
    this.#author = author
    this.#before = before
  }

  record(id: RecordId): Recorded | undefined {
    return this.#records?.get(id)
  }

  endOf(author: SocietyKey, id: string, upTo?: string): RecordId | undefined {
    const ends = this.#ends?.get(`${author}/${id}`) ?? []
    if (upTo !== undefined) return ends.find((by) => this.#includes(upTo, hashOfRecord(by)))
    const before = author === this.#author ? this.#before : null
    if (before === null || this.#branched?.has(before) !== true) return ends[0]
    // Of a document with two pasts the ends on the judged change's own branch count.
    const { actor } = this.places.get(before) ?? {}
    return ends.find((by) => {
      const hash = hashOfRecord(by)
      return this.places.get(hash)?.actor !== actor || this.#includes(before, hash)
    })
  }

  divided(a: string, b: string): boolean {
    const branched = this.#branched
    if (branched?.has(a) !== true || !branched.has(b)) return false
    return !this.#includes(a, b) && !this.#includes(b, a)
  }

  conviction(digest: string): Conviction | undefined {
    return this.convictions.get(digest)
  }

  /** Whether the chain that ends with one change contains another of the same document. */
  #includes(later: string, earlier: string): boolean {
    if (this.#branched?.has(later) === true) return this.pasts.has(`${later} ${earlier}`)
    const [of, within] = [this.places.get(earlier), this.places.get(later)]
    return of !== undefined && within?.actor === of.actor && of.seq <= within.seq
  }

  borrowedUntil(hash: string): number {
    return this.#borrowed?.get(hash) ?? 0
  }

  contains(head: HeadStatement): boolean {
    return this.#heads?.has(head.hash) === true
  }

  /** Signatures, those that were checked before they were asked for. */
  readonly signatures: CheckedAhead = new CheckedAhead((signature, message, key) =>
    this.#verifier.verify(signature, message, bytesOfKey(key)),
  )

  verify = (signature: Uint8Array, message: Uint8Array, key: SocietyKey): boolean =>
    this.signatures.verify(signature, message, key)
}
