import {
  borrowedUntil,
  standingKinds,
  type Actor,
  type ChangeHash,
  type DocumentState,
  type Judged,
} from '../../protocol/index.ts'
import type { StoreWrite } from '../ports.ts'
import { copyState } from './documents-held.ts'
import type { Suspicion } from './evidence.ts'
import type { Index } from './index-of-facts.ts'
import { encodeJson, encodeText, factsOf, keys, type Manifest } from './layout.ts'
import { crowdedOut, milestoneAt } from './milestones.ts'
import type { RecordObserver } from './observer.ts'
import { isLarge, type SnapshotsDue } from './snapshots.ts'

/** A change that became part of a document. */
export type Accepted = {
  readonly actor: Actor
  readonly seq: number
  readonly hash: ChangeHash
  readonly time: number
  /** Counter of its first operation. */
  readonly startOperation: number
  readonly bytes: Uint8Array
  /** Its signature, where it came with one of its own. */
  readonly signature: Uint8Array | null
  readonly judged: readonly Judged[]
  /** Whether this node wrote it. */
  readonly own: boolean
}

/** One store write in the making and what follows once it is on disk. */
export class Batch {
  readonly writes: StoreWrite[] = []
  readonly accepted: Accepted[] = []
  /** Run after the write; they answer those who wait. */
  readonly afterwards: (() => void)[] = []
  /** Statements met that contradict what is held; looked into once the write is done. */
  readonly suspicions: Suspicion[] = []
  /** Whether the write must survive a power cut before anybody hears of it. */
  sync = false
  readonly #index: Index
  readonly #due: SnapshotsDue
  /** Documents of which a snapshot is due once the write is done. */
  readonly snapshots: Set<Actor> = new Set()
  /** The newest milestone of each document that was passed, as the state was there. */
  readonly milestones: Map<Actor, { number: number; state: DocumentState }> = new Map()
  readonly #observers: readonly RecordObserver[]

  constructor(index: Index, due: SnapshotsDue, observers: readonly RecordObserver[]) {
    this.#index = index
    this.#due = due
    this.#observers = observers
  }

  /** Adds a change that was folded into its state. */
  accept(accepted: Accepted, state: DocumentState): void {
    const { actor, seq, hash, bytes, signature, judged } = accepted
    const facts = factsOf(actor, judged, 'lots' in state ? borrowedUntil(state) : 0)
    this.accepted.push(accepted)
    this.writes.push(
      { key: keys.change(actor, seq), value: bytes },
      { key: keys.facts(hash), value: encodeJson(facts) },
    )
    if (facts.kinds.some((kind) => standingKinds.has(kind))) {
      this.writes.push({ key: keys.standing(actor, seq), value: encodeText(hash) })
    }
    if (signature !== null) {
      this.writes.push({ key: keys.signature(actor, seq), value: signature })
    }
    this.#index.judged(hash, facts)
    for (const record of judged) {
      for (const observer of this.#observers) this.writes.push(...observer.consider(record))
      for (const ended of record.ended) {
        this.#index.rememberEnd(record.author, ended, record.id)
        this.writes.push({ key: keys.end(record.author, ended), value: encodeText(record.id) })
      }
    }
    if (this.#due.passed(state, bytes)) this.snapshots.add(actor)
    this.#pass(state, accepted.startOperation)
    if (accepted.own) this.sync = true
  }

  /** Keeps a small state that is a milestone, one a batch: others are made when they are missed. */
  #pass(state: DocumentState, before: number): void {
    const number = milestoneAt(before, state.chain)
    if (number === undefined || isLarge(state)) return
    const crowded = crowdedOut(number)
    const { actor } = state.chain
    if (crowded !== undefined) this.writes.push({ key: keys.milestone(actor, crowded) })
    this.milestones.set(actor, { number, state: copyState(state) })
  }

  /** Everything to be written, manifests with it. */
  finish(): readonly StoreWrite[] {
    const manifests = new Map<Actor, Manifest>()
    for (const { actor, seq, hash } of this.accepted) manifests.set(actor, { seq, hash })
    for (const [actor, manifest] of manifests) {
      this.writes.push({ key: keys.manifest(actor), value: encodeJson(manifest) })
    }
    return this.writes
  }
}
