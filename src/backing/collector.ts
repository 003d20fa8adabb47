import {
  backingBytesMax,
  evidenceDigest,
  hexOf,
  ownerOfActor,
  type Actor,
  type BackingFile,
  type Certificate,
  type ChangesFrame,
  type SignedHead,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Certificates } from '../finality/certificates.ts'
import { droppedUpTo, readBase } from '../ledger/base.ts'
import type { Forks } from '../ledger/forks.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { keys } from '../ledger/layout.ts'
import { framesNamed } from '../ledger/serve.ts'
import type { Store } from '../ports.ts'
import { NamesReader, type Named } from './names-reader.ts'
import { voucherOf, type Voucher } from './vouched-run.ts'

/** What collecting documents needs of the node. */
export type CollectorParts = {
  readonly store: Store
  readonly index: Index
  readonly forks: Forks
  readonly certificates: Pick<Certificates, 'holding' | 'handover'>
  /** How far a document went when the answer was found; nothing after that is collected. */
  readonly endOf: (actor: Actor) => number
}

/** The part of a document that is collected. */
type Section = {
  readonly reader: NamesReader
  readonly changes: Uint8Array[]
  signature: Uint8Array | undefined
  /** Place up to which what the changes name is collected too. */
  through: number
}

/** Changes past the end of a document. */
type Branch = { readonly frame: ChangesFrame; readonly hashes: ReadonlySet<string> }

/** What a file says of the question. */
export type BackingAbout = Pick<
  BackingFile,
  'at' | 'viewer' | 'federation' | 'open' | 'society' | 'roots'
>

/** Something stored was not there any more, or not yet: the node has moved on meanwhile. */
const moved = (what: string): Failure =>
  new Failure('rate-limited', `the node moved on while it was collecting: ${what}; try again`)

/**
 * Collects documents with everything that judging them asks for: whatever a change names, up to
 * there, and what that names. Every document begins at its first change and ends at a signature.
 */
export class Collector {
  readonly #parts: CollectorParts
  readonly #sections: Map<Actor, Section> = new Map()
  /** By the signature they end at; the hashes are those whose names are collected too. */
  readonly #branches: Map<string, Branch> = new Map()
  /** Digests of evidence that reports name. */
  readonly #digests: Set<string> = new Set()
  readonly #certificates: Map<Actor, Certificate> = new Map()
  readonly #named: Set<string> = new Set()
  readonly #todo: string[] = []
  #bytes = 0

  constructor(parts: CollectorParts) {
    this.#parts = parts
  }

  /** Collects a document up to a place and all that it names. Fails with `too-large`. */
  async add(actor: Actor, upTo: number, voucher?: Voucher): Promise<void> {
    await this.#extend(actor, upTo, voucher)
    for (let hash = this.#todo.pop(); hash !== undefined; hash = this.#todo.pop()) {
      await this.#collect(hash)
    }
  }

  async #collect(hash: string): Promise<void> {
    const { index, forks } = this.#parts
    const facts = await index.facts(hash)
    if (facts === undefined) throw moved(`change ${hash} is gone`)
    if (facts.seq < forks.placeOf(facts.actor)) await this.#extend(facts.actor, facts.seq)
    else await this.#addBranch(facts.actor, hash)
  }

  #sectionOf(actor: Actor): Section {
    const known = this.#sections.get(actor)
    const owner = ownerOfActor(actor)
    if (known !== undefined || owner === undefined) return known as Section
    const section = {
      reader: new NamesReader(owner),
      changes: [],
      signature: undefined,
      through: 0,
    }
    this.#sections.set(actor, section)
    return section
  }

  async #extend(actor: Actor, upTo: number, given?: Voucher): Promise<void> {
    const { store, forks, endOf } = this.#parts
    const section = this.#sectionOf(actor)
    if (upTo <= section.through) return
    const base = await readBase(store, actor)
    if (base !== undefined) throw droppedUpTo(base)
    const place = forks.placeOf(actor)
    // What is past the end of a document still vouches for what is before.
    const notAfter = place === Infinity ? endOf(actor) : Infinity
    const voucher = given ?? (await voucherOf(store, actor, upTo, notAfter))
    if (voucher === undefined) throw moved(`no signature for ${actor} from ${upTo} on`)
    const first = section.changes.length + 1
    const range = { gte: keys.change(actor, first), lt: keys.change(actor, voucher.last + 1) }
    for await (const [, bytes] of store.range(range)) {
      this.#keep(section, bytes)
      if (section.changes.length < place) this.#follow(section.reader, bytes)
    }
    if (section.changes.length !== voucher.last) throw moved(`changes of ${actor} are gone`)
    for (const bytes of voucher.tail) this.#keep(section, bytes)
    section.signature = voucher.signature
    section.through = Math.min(voucher.last, place - 1)
  }

  #keep(section: Section, bytes: Uint8Array): void {
    section.changes.push(bytes)
    this.#grow(bytes.length)
  }

  #grow(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes <= backingBytesMax) return
    const message = `what the answer follows from is more than ${backingBytesMax} bytes`
    throw new Failure('too-large', message)
  }

  #follow(reader: NamesReader, bytes: Uint8Array): Named {
    const read = reader.next(bytes)
    if (!read.ok) throw new Failure('store-damaged', `document ${reader.actor}: ${read.message}`)
    for (const hash of read.value.changes) {
      if (this.#named.has(hash)) continue
      this.#named.add(hash)
      this.#todo.push(hash)
    }
    for (const digest of read.value.digests) this.#digests.add(digest)
    return read.value
  }

  /** A change past the end of its document, with those from the end to it. */
  async #addBranch(actor: Actor, hash: string): Promise<void> {
    if ([...this.#branches.values()].some(({ hashes }) => hashes.has(hash))) return
    const owner = ownerOfActor(actor)
    await this.#extend(actor, this.#parts.forks.placeOf(actor) - 1)
    const frames = await framesNamed(this.#parts, hash, Infinity)
    const newest = frames.at(-1)
    if (owner === undefined || newest === undefined) throw moved(`change ${hash} is gone`)
    const changes = frames.flatMap((frame) => frame.changes)
    const reader = new NamesReader(owner, this.#sections.get(actor)?.reader.chain)
    const hashes = new Set<string>()
    for (const bytes of changes) {
      this.#grow(bytes.length)
      // What comes after it is there for its signature alone.
      if (!hashes.has(hash)) hashes.add(this.#follow(reader, bytes).hash)
    }
    await this.#certify(actor)
    const { signature } = newest
    this.#branches.set(hexOf(signature), { frame: { actor, changes, signature }, hashes })
  }

  /** What witnesses acknowledged of a document vouches for what is past its end up to there. */
  async #certify(actor: Actor): Promise<void> {
    const { certificates, index } = this.#parts
    const certificate = certificates.holding(actor)
    if (certificate !== undefined) this.#certificates.set(actor, certificate)
    for (const placed of [certificate, certificates.handover(actor)]) {
      if (placed === undefined || this.#named.has(placed.hash)) continue
      if ((await index.facts(placed.hash)) === undefined) continue
      this.#named.add(placed.hash)
      this.#todo.push(placed.hash)
    }
  }

  /** What was collected, with the evidence against everybody whose documents are among it. */
  async finish(about: BackingAbout, heads: readonly SignedHead[]): Promise<BackingFile> {
    const documents: ChangesFrame[] = []
    for (const [actor, { changes, signature }] of this.#sections) {
      if (signature !== undefined) documents.push({ actor, changes, signature })
    }
    const all = [...(await this.#reported()), ...this.#against()]
    const evidence = new Map(all.map((bytes) => [evidenceDigest(bytes), bytes]))
    const branches = [...this.#branches.values()].map(({ frame }) => frame)
    const certificates = [...this.#certificates.values()]
    return { ...about, documents, branches, evidence: [...evidence.values()], certificates, heads }
  }

  /** Evidence that reports name by its digest. */
  async #reported(): Promise<readonly Uint8Array[]> {
    const found: Uint8Array[] = []
    for (const digest of this.#digests) {
      const bytes = await this.#parts.store.get(keys.evidenceNamed(digest))
      if (bytes === undefined) throw moved(`evidence ${digest} is gone`)
      found.push(bytes)
    }
    return found
  }

  /** Evidence by which documents of these societies have ended. */
  #against(): readonly Uint8Array[] {
    const owners = new Set([...this.#sections.keys()].map((actor) => ownerOfActor(actor)?.key))
    return this.#parts.forks
      .entries()
      .filter(([actor]) => owners.has(ownerOfActor(actor)?.key))
      .map(([, { evidence }]) => evidence)
  }
}
