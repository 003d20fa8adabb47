import {
  decodeEvidence,
  judgeEvidence,
  ownerOfActor,
  peekChange,
  type Actor,
  type Conviction,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Store } from '../ports.ts'
import { allOf, decodeText, keys, nameUnder } from './layout.ts'

/** A document that has ended because its owner signed two pasts of it. */
export type Fork = {
  /** Number of the first change that there are two of, by the evidence known here. */
  readonly place: number
  /** The evidence, as it is gossiped and reported. */
  readonly evidence: Uint8Array
}

/** A change by its hash and its place in its document. */
export type ChangePlace = { readonly hash: string; readonly seq: number }

/** A change past the end of its document, as it is kept. */
export type OffChange = {
  readonly bytes: Uint8Array
  readonly previous: string | null
  readonly seq: number
  readonly signature: Uint8Array | undefined
  /** The change after it that it is vouched for by, where it has no signature of its own. */
  readonly next: string | undefined
}

/** Changes past an end that one walk goes back over; longer branches are not served. */
const walkMax = 65_536

/** What evidence proves, once its signatures were checked; undefined for nothing. */
export function convictionOf(
  bytes: Uint8Array,
  verify: Parameters<typeof judgeEvidence>[1],
): (Conviction & { readonly actor: Actor }) | undefined {
  const evidence = decodeEvidence(bytes)
  if (!evidence.ok) return undefined
  const judged = judgeEvidence(evidence.value, verify)
  return judged.ok ? { ...judged.value, actor: evidence.value.actor } : undefined
}

/**
 * The documents that have ended by equivocation, and the changes past their ends.
 *
 * 1. A document ends before the lowest place that any evidence known here proves.
 * 2. What was held of it past that stays where it was, as the kept branch; changes of other
 *    branches are added as they are needed to judge what others did with them.
 * 3. All branches agree up to the end, so a change below it is in the past of every other.
 */
export class Forks {
  readonly #store: Store
  readonly #forks: Map<Actor, Fork> = new Map()
  readonly #convicted: Set<SocietyKey> = new Set()
  /** Changes past an end, by hash, that are about to be written; and the newest on its branch. */
  readonly #coming: Map<string, OffChange> = new Map()
  readonly #tips: Map<Actor, ChangePlace> = new Map()

  constructor(store: Store) {
    this.#store = store
  }

  /** Loads the evidence that is stored. It was checked before it was. */
  async load(): Promise<void> {
    for await (const [key, evidence] of this.#store.range(allOf('evidence'))) {
      const actor = nameUnder(allOf('evidence'), key) as Actor
      const proven = convictionOf(evidence, () => true)
      if (proven !== undefined) this.set(actor, { place: proven.place, evidence })
    }
  }

  /** Notes a document's end. */
  set(actor: Actor, fork: Fork): void {
    this.#forks.set(actor, fork)
    const owner = ownerOfActor(actor)
    if (owner !== undefined) this.#convicted.add(owner.key)
  }

  /** Forgets the end of a document that is dropped, the only one of its owner that is held. */
  remove(actor: Actor): void {
    const owner = ownerOfActor(actor)
    if (this.#forks.delete(actor) && owner !== undefined) this.#convicted.delete(owner.key)
  }

  /** The end of a document; undefined while it goes on. */
  of(actor: Actor): Fork | undefined {
    return this.#forks.get(actor)
  }

  /** First place that is no part of a document; beyond every place while it goes on. */
  placeOf(actor: Actor): number {
    return this.#forks.get(actor)?.place ?? Infinity
  }

  /** All documents that have ended, and where. */
  entries(): readonly (readonly [Actor, Fork])[] {
    return [...this.#forks]
  }

  /** How many documents have ended. */
  get count(): number {
    return this.#forks.size
  }

  /** Whether a society signed two pasts of any document. */
  convicted(society: SocietyKey): boolean {
    return this.#convicted.has(society)
  }

  /** Societies that signed two pasts. */
  get societies(): ReadonlySet<SocietyKey> {
    return this.#convicted
  }

  /** Whether the chain that ends with one change of a document contains another. */
  async includes(actor: Actor, later: ChangePlace, earlier: ChangePlace): Promise<boolean> {
    if (earlier.seq > later.seq) return false
    if (earlier.seq < this.placeOf(actor)) return true
    for (let at = later; ;) {
      if (at.seq === earlier.seq) return at.hash === earlier.hash
      const change = await this.change(actor, at)
      if (change === undefined || change.previous === null) return false
      at = { hash: change.previous, seq: at.seq - 1 }
    }
  }

  /** Notes a change past an end that is about to be written, on top of the kept branch or not. */
  coming(
    { actor, hash, isOnTop }: { actor: Actor; hash: string; isOnTop: boolean },
    change: OffChange,
  ): void {
    this.#coming.set(hash, change)
    if (isOnTop) this.#tips.set(actor, { hash, seq: change.seq })
  }

  /** What was coming is written. */
  came(): void {
    this.#coming.clear()
    this.#tips.clear()
  }

  /** A change past a document's end, on whichever branch. */
  async change(actor: Actor, { hash, seq }: ChangePlace): Promise<OffChange | undefined> {
    const coming = this.#coming.get(hash)
    if (coming !== undefined) return coming
    const kept = await this.#onKept(actor, seq, hash)
    if (kept !== undefined) return kept
    const bytes = await this.#store.get(keys.offChange(hash))
    const peeked = bytes === undefined ? undefined : peekChange(bytes)
    if (bytes === undefined || peeked?.ok !== true) return undefined
    const signature = await this.#store.get(keys.offSignature(hash))
    const next = await this.#store.get(keys.offNext(hash))
    const { previous } = peeked.value.header
    return { bytes, previous, seq, signature, next: next && decodeText(next) }
  }

  /** The same if it is on the branch that is kept in the document's own place. */
  async #onKept(actor: Actor, seq: number, hash: string | null): Promise<OffChange | undefined> {
    const bytes = await this.#store.get(keys.change(actor, seq))
    const peeked = bytes === undefined ? undefined : peekChange(bytes)
    if (bytes === undefined || peeked?.ok !== true) return undefined
    if (hash !== null && peeked.value.hash !== hash) return undefined
    const signature = await this.#store.get(keys.signature(actor, seq))
    let next: string | undefined
    if (signature === undefined) {
      const after = await this.#store.get(keys.change(actor, seq + 1))
      const peekedAfter = after === undefined ? undefined : peekChange(after)
      next = peekedAfter?.ok === true ? peekedAfter.value.hash : undefined
    }
    return { bytes, previous: peeked.value.header.previous, seq, signature, next }
  }

  /** The newest change of the branch kept in the document's own place; undefined if none. */
  async tip(actor: Actor): Promise<ChangePlace | undefined> {
    const coming = this.#tips.get(actor)
    if (coming !== undefined) return coming
    const range = {
      ...allOf('change', actor),
      gte: keys.change(actor, this.placeOf(actor)),
      reverse: true,
      limit: 1,
    }
    for await (const [, bytes] of this.#store.range(range)) {
      const peeked = peekChange(bytes)
      if (peeked.ok) return { hash: peeked.value.hash, seq: peeked.value.header.seq }
    }
    return undefined
  }

  /**
   * The changes from a document's end up to one past it, oldest first; undefined where one is
   * missing or they are too many.
   */
  async branchTo(actor: Actor, last: ChangePlace): Promise<readonly ChangePlace[] | undefined> {
    const place = this.placeOf(actor)
    const branch: ChangePlace[] = []
    for (let at = last; at.seq >= place;) {
      if (branch.length === walkMax) return undefined
      branch.push(at)
      const change = await this.change(actor, at)
      if (change === undefined) return undefined
      if (change.previous === null) break
      at = { hash: change.previous, seq: at.seq - 1 }
    }
    return branch.toReversed()
  }
}
