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
  /** What each change names, by its index; of those alone that are not past the document's end. */
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
  /** Documents that may go on. */
  #ready: Feeding[] = []
  /** Documents whose next change names one that is not there, by its hash. */
  readonly #waiting: Map<string, Feeding[]> = new Map()

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
      this.#ready = [...this.#documents]
      this.#waiting.clear()
      await this.#feedReady()
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

  #know(hash: string): void {
    this.#known.add(hash)
    for (const waiting of this.#waiting.get(hash) ?? []) this.#ready.push(waiting)
    this.#waiting.delete(hash)
  }

  /** Feeds each document as far as it goes. */
  async #feedReady(): Promise<void> {
    for (let next = this.#ready.pop(); next !== undefined; next = this.#ready.pop()) {
      while (await this.#feedRun(next));
      const at = this.#held(next.frame.actor)
      const missing = next.names[at]?.find((hash) => !this.#known.has(hash))
      if (missing === undefined) continue
      const waiting = this.#waiting.get(missing)
      if (waiting === undefined) this.#waiting.set(missing, [next])
      else waiting.push(next)
    }
  }

  /** Hands the next changes of a document that can be judged to the ledger; whether it goes on. */
  async #feedRun({ frame, hashes, names }: Feeding): Promise<boolean> {
    const { actor, signature } = frame
    const from = this.#held(actor)
    const place = this.#ledger.forks.placeOf(actor)
    const end = Math.min(names.length, place - 1, from + runChangesMax)
    let to = from
    while (to < end && names[to]?.every((hash) => this.#known.has(hash)) === true) to += 1
    if (to === from) return false
    const changes = frame.changes.slice(from, to)
    const verdict = await this.#ledger.ingest({ actor, changes, signature }, null)
    await this.#settle()
    const now = this.#held(actor)
    for (const hash of hashes.slice(from, now)) this.#know(hash)
    // What is missing otherwise is evidence that a report names: the rest stays out.
    const isTaken = now >= to || verdict.missing !== undefined
    // A document that turned out to have ended is shorter than it was.
    const hasEnded = this.#ledger.forks.placeOf(actor) < place
    if (!isTaken && !hasEnded) return refuse(actor, verdict)
    return now === to
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
    const before = this.#known.size
    for (const { frame, names } of this.#documents) {
      const { actor, changes, signature } = frame
      const from = this.#held(actor)
      const next = changes[from]
      const isPast = from + 1 >= this.#ledger.forks.placeOf(actor)
      if (next === undefined || from >= names.length || isPast) continue
      await this.#ledger.ingest({ actor, changes: [next], signature }, null)
    }
    await this.#offerBranches()
    for (const { frame, hashes } of this.#documents) {
      for (const hash of hashes.slice(0, this.#held(frame.actor))) this.#known.add(hash)
    }
    for (const hash of this.#branchHashes) {
      if ((await this.#ledger.index.facts(hash)) !== undefined) this.#known.add(hash)
    }
    return this.#known.size > before
  }

  /** Offers each branch until none is waited for any more: one of them may name another. */
  async #offerBranches(): Promise<void> {
    for (let before = -1; before !== this.#ledger.load.waiting;) {
      before = this.#ledger.load.waiting
      for (const frame of this.#branches) await this.#ledger.ingest(frame, null)
      await this.#settle()
    }
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
