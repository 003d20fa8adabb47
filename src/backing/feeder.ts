import {
  ownerOfActor,
  type Actor,
  type BackingFile,
  type ChangesFrame,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Verdict } from '../ledger/admission.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { NamesReader } from './names-reader.ts'
import type { VouchingVerifier } from './vouching-verifier.ts'

/** A document of a file on its way into a ledger. */
type Feeding = {
  readonly frame: ChangesFrame
  readonly hashes: readonly string[]
  /** What each change names, by its index. */
  readonly names: readonly (readonly string[])[]
}

/** Changes handed to the ledger at a time. */
const runChangesMax = 1_024

const refuse = (actor: Actor, { code = 'malformed', message = 'not taken' }: Verdict): never => {
  throw new Failure(code, `document ${actor}: ${message}`)
}

/**
 * Puts the documents of a file into a ledger by its own pipeline, in an order in which everything
 * is there that a change names. Changes that name what the file does not hold stay out, and all
 * after them: to the ledger they are as if they were not there.
 */
export class Feeder {
  readonly #ledger: Ledger
  readonly #verifier: VouchingVerifier
  readonly #documents: Feeding[] = []
  readonly #branches: ChangesFrame[] = []
  readonly #branchHashes: Set<string> = new Set()
  readonly #known: Set<string> = new Set()
  /** Documents whose next change the ledger would not take yet, and its hash. */
  readonly #blocked: Map<Actor, string> = new Map()

  constructor(ledger: Ledger, verifier: VouchingVerifier) {
    this.#ledger = ledger
    this.#verifier = verifier
  }

  /** Feeds everything. Fails where anything is not what it should be. */
  async feed({ documents, branches }: BackingFile): Promise<void> {
    for (const frame of documents) this.#documents.push(this.#read(frame))
    for (const frame of branches) {
      const hashes = this.#verifier.vouch(frame, ownerOf(frame.actor).key)
      for (const hash of hashes) this.#branchHashes.add(hash)
      this.#branches.push(frame)
    }
    do {
      while (await this.#feedReady());
    } while (await this.#feedBranches())
  }

  /** Checks a document's signature and form, and reads what its changes name. */
  #read(frame: ChangesFrame): Feeding {
    const owner = ownerOf(frame.actor)
    const hashes = this.#verifier.vouch(frame, owner.key)
    const reader = new NamesReader(owner)
    const place = this.#ledger.forks.placeOf(frame.actor)
    const names: (readonly string[])[] = []
    for (const bytes of frame.changes) {
      // What is past a document's end vouches for what is before and is not looked at.
      if (names.length >= place - 1) break
      const read = reader.next(bytes)
      if (!read.ok) return refuse(frame.actor, { verdict: 'reject', ...read })
      names.push(read.value.changes)
    }
    return { frame, hashes, names }
  }

  #held(actor: Actor): number {
    return this.#ledger.held.ofActor(actor)?.chain.seq ?? 0
  }

  /** Feeds each document as far as it goes now; whether any went on. */
  async #feedReady(): Promise<boolean> {
    let went = false
    for (const feeding of this.#documents) {
      while (await this.#feedRun(feeding)) went = true
    }
    return went
  }

  /** Hands the next changes of a document that can be judged to the ledger. */
  async #feedRun({ frame, hashes, names }: Feeding): Promise<boolean> {
    const { actor, signature } = frame
    const from = this.#held(actor)
    const place = this.#ledger.forks.placeOf(actor)
    const end = Math.min(names.length, place - 1, from + runChangesMax)
    let to = from
    while (to < end && names[to]?.every((hash) => this.#known.has(hash)) === true) to += 1
    if (to === from || this.#blocked.get(actor) === hashes[from]) return false
    const changes = frame.changes.slice(from, to)
    const verdict = await this.#ledger.ingest({ actor, changes, signature }, null)
    await this.#settle()
    const now = this.#held(actor)
    for (const hash of hashes.slice(from, now)) this.#known.add(hash)
    if (now === to || verdict.verdict === 'accept') return now > from
    if (verdict.missing === undefined) return refuse(actor, verdict)
    this.#blocked.set(actor, hashes[now] as string)
    return now > from
  }

  /** Waits until the ledger has nothing left to do. */
  async #settle(): Promise<void> {
    do await this.#ledger.exclusively(async () => {})
    while (this.#ledger.load.jobs > 0)
    const { broken } = this.#ledger
    if (broken !== undefined) throw broken
  }

  /**
   * Feeds changes past the end of documents. A ledger takes them where something waits for them, so
   * what names them is handed in first. Whether anything went on.
   */
  async #feedBranches(): Promise<boolean> {
    if (this.#branches.length === 0) return false
    const before = this.#documents.map(({ frame }) => this.#held(frame.actor)).join()
    const knownBefore = this.#known.size
    for (const { frame, names } of this.#documents) {
      const { actor, changes, signature } = frame
      const from = this.#held(actor)
      const next = changes[from]
      if (next === undefined || from >= names.length) continue
      if (from + 1 >= this.#ledger.forks.placeOf(actor)) continue
      await this.#ledger.ingest({ actor, changes: [next], signature }, null)
    }
    for (const frame of this.#branches) await this.#ledger.ingest(frame, null)
    await this.#settle()
    await this.#learn()
    const after = this.#documents.map(({ frame }) => this.#held(frame.actor)).join()
    return after !== before || this.#known.size > knownBefore
  }

  /** Notes what the ledger has taken by itself. */
  async #learn(): Promise<void> {
    for (const { frame, hashes } of this.#documents) {
      for (const hash of hashes.slice(0, this.#held(frame.actor))) this.#known.add(hash)
    }
    for (const hash of this.#branchHashes) {
      if ((await this.#ledger.index.facts(hash)) !== undefined) this.#known.add(hash)
    }
    this.#blocked.clear()
  }
}

function ownerOf(actor: Actor): {
  readonly key: SocietyKey
  readonly kind: 'trust' | 'pool'
} {
  const owner = ownerOfActor(actor)
  if (owner !== undefined) return owner
  throw new Failure('wrong-author', `${actor} is no document of a society`)
}
