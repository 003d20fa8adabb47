import {
  keyOfActor,
  namedMsMax,
  standingKinds,
  type Actor,
  type Recorded,
} from '../../protocol/index.ts'
import { baseWrites, readBase, writeParts, type Base } from '../ledger/base.ts'
import { contentOf } from '../ledger/content.ts'
import { namedIn } from '../ledger/fields-at.ts'
import type { ChangePlace } from '../ledger/forks.ts'
import {
  allOf,
  decodeJson,
  jsonUnder,
  keys,
  nameUnder,
  recordedOf,
  type Facts,
} from '../ledger/layout.ts'
import { noMilestones } from '../ledger/milestones.ts'
import type { RecordObserver } from '../ledger/observer.ts'
import { changesInATurn, dropBatchMax, factsKeptMs } from '../limits.ts'
import type { Clock, StoreWrite, Verifier } from '../ports.ts'
import { pedigreeUpTo } from './pedigree.ts'
import { keepPending, pendingOf, type Pending, type PendingParts } from './pending.ts'

/** What dropping what is old needs of the node. */
export type CompactionParts = PendingParts & {
  readonly clock: Clock
  readonly verifier: Verifier
  readonly observers: readonly RecordObserver[]
}

/** What was dropped: changes, facts, and the bytes of all of it with its keys. */
export type Dropped = { readonly changes: number; readonly facts: number; readonly bytes: number }

/** What takes space that dropping gives back. */
const droppedKinds = [
  'change',
  'signature',
  'facts',
  'end',
  'milestone',
  'basePart',
  'checkpoint',
  'sourceTranscript',
  'transcript',
  'successor',
] as const

/**
 * Drops what is older than the newest checkpoint that is old enough, document by document.
 *
 * 1. A checkpoint counts only where this node comes to the same content itself.
 * 2. That a document is kept from a checkpoint on is on disk before anything of it is dropped; a
 *    crash in between leaves something to drop, which is dropped the next time.
 * 3. Facts stay longer than changes: what arrives late may still name them.
 */
export class Compaction {
  readonly #parts: CompactionParts
  /** Whether facts are to be looked through: something was dropped since they were. */
  #isSweepDue = false
  #dropped: Dropped = { changes: 0, facts: 0, bytes: 0 }

  constructor(parts: CompactionParts) {
    this.#parts = parts
  }

  /** What was dropped since this node started. */
  get dropped(): Dropped {
    return this.#dropped
  }

  #count({ changes = 0, facts = 0, bytes = 0 }: Partial<Dropped>): void {
    const before = this.#dropped
    this.#dropped = {
      changes: before.changes + changes,
      facts: before.facts + facts,
      bytes: before.bytes + bytes,
    }
  }

  /** Keeps the states at checkpoints that have come. */
  keep(): Promise<void> {
    return keepPending(this.#parts)
  }

  /** The same, and drops what checkpoints allow to drop that are old by now. */
  async look(): Promise<void> {
    const { ledger } = this.#parts
    await this.keep()
    for (const { chain } of [...ledger.held.pools(), ...ledger.held.trusts()]) {
      if (await this.#turn(chain.actor)) this.#isSweepDue = true
      const base = await readBase(this.#parts.store, chain.actor)
      // What a crash left is found again, and then facts and space as well.
      if (base !== undefined && (await this.#dropBefore(base))) this.#isSweepDue = true
    }
    if (!this.#isSweepDue) return
    await this.#sweep()
    await this.#compact()
    this.#isSweepDue = false
  }

  /** Keeps a document from its newest old checkpoint on; whether that is a newer one. */
  async #turn(actor: Actor): Promise<boolean> {
    const { store, clock, log } = this.#parts
    const horizon = clock.now() - namedMsMax
    const old = (await pendingOf(this.#parts, actor)).filter(({ time }) => time < horizon)
    const newest = old.at(-1)
    const base = await readBase(store, actor)
    if (newest === undefined || newest.checkpoint.seq <= (base?.checkpoint.seq ?? 0)) return false
    const state = await newest.state()
    const { content, statement } = await contentOf(this.#parts, state)
    const { digest, seq } = newest.checkpoint
    if (statement.digest !== digest) {
      log.warn('checkpoint-differs', { actor, seq })
      await this.#parts.ledger.note([{ key: keys.checkpoint(actor, seq) }])
      return false
    }
    const pedigree = 'lots' in state ? undefined : await pedigreeUpTo(this.#parts, state)
    if (!('lots' in state) && pedigree === undefined) {
      log.warn('pedigree-not-whole', { actor, seq })
      return false
    }
    const past = noMilestones(actor, 0, state.chain.nextOperation)
    const shown = pedigree === undefined ? [] : [{ key: keys.pedigree(actor), value: pedigree }]
    return this.#keepFrom(newest, content, old, [...shown, ...past])
  }

  async #keepFrom(
    { checkpoint, time }: Pending,
    content: Uint8Array,
    old: readonly Pending[],
    besides: readonly StoreWrite[],
  ): Promise<boolean> {
    const { store, ledger } = this.#parts
    const { actor } = checkpoint
    const base = await readBase(store, actor)
    const { parts, turn } = baseWrites(checkpoint, time, content, base)
    await writeParts(store, parts)
    const done = old.map((each) => ({ key: keys.checkpoint(actor, each.checkpoint.seq) }))
    let isKept = false
    await ledger.exclusively(async () => {
      if (ledger.forks.convicted(keyOfActor(actor))) return
      await store.write([...turn, ...done, ...besides], { sync: true })
      isKept = true
    })
    return isKept
  }

  /** Drops changes and signatures up to a checkpoint, some at a time; whether there were any. */
  async #dropBefore({ checkpoint: { actor, seq } }: Base): Promise<boolean> {
    const changes = await this.#dropRange(keys.change(actor, 0), keys.change(actor, seq + 1))
    const signed = await this.#dropRange(keys.signature(actor, 0), keys.signature(actor, seq + 1))
    this.#count({ changes })
    return changes + signed > 0
  }

  /** How many there were. */
  async #dropRange(gte: string, lt: string): Promise<number> {
    const { store, ledger, breathe } = this.#parts
    for (let count = 0; ;) {
      const writes: StoreWrite[] = []
      let bytes = 0
      for await (const [key, value] of store.range({ gte, lt, limit: dropBatchMax })) {
        writes.push({ key })
        bytes += key.length + value.length
      }
      await ledger.note(writes)
      this.#count({ bytes })
      count += writes.length
      if (writes.length < dropBatchMax) return count
      await breathe()
    }
  }

  /** Drops facts that nothing can name any more, with what else is kept of their records. */
  async #sweep(): Promise<void> {
    const { store, clock, ledger, breathe } = this.#parts
    const before = clock.now() - factsKeptMs
    const pinned = await this.#pinned()
    await this.#pinNamed(pinned, before + namedMsMax)
    const bases = new Map<Actor, number>()
    const all = allOf('facts')
    for (let { gte } = all; ;) {
      const writes: StoreWrite[] = []
      const dropped: string[] = []
      let seen = 0
      let bytes = 0
      let last = gte
      for await (const [key, value] of store.range({ ...all, gte, limit: dropBatchMax })) {
        seen += 1
        last = key
        const hash = nameUnder(all, key)
        const facts = decodeJson(value) as Facts
        if (facts.time >= before || pinned.has(hash)) continue
        if (facts.kinds.some((kind) => standingKinds.has(kind))) continue
        if (facts.seq >= (await this.#baseOf(facts.actor, bases))) continue
        writes.push(...this.#forgetting(hash, facts))
        dropped.push(hash)
        bytes += key.length + value.length
      }
      await ledger.note(writes)
      ledger.index.forget(dropped)
      this.#count({ facts: dropped.length, bytes })
      if (seen < dropBatchMax) return
      gte = `${last}\0`
      await breathe()
    }
  }

  async #baseOf(actor: Actor, known: Map<Actor, number>): Promise<number> {
    const before = known.get(actor)
    if (before !== undefined) return before
    const seq = (await readBase(this.#parts.store, actor))?.checkpoint.seq ?? 0
    known.set(actor, seq)
    return seq
  }

  /** All that is kept of a change besides its bytes; the facts last, for they lead to the rest. */
  #forgetting(hash: string, facts: Facts): readonly StoreWrite[] {
    const author = keyOfActor(facts.actor)
    const ends = Object.values(facts.ended).flat()
    const records = facts.kinds.map((_, place) => recordedOf(facts, hash, place))
    const forgotten = records.flatMap((record) =>
      record === undefined ? [] : this.#observed(record),
    )
    return [
      ...ends.map((id) => ({ key: keys.end(author, id) })),
      ...forgotten,
      { key: keys.facts(hash) },
    ]
  }

  #observed(record: Recorded): readonly StoreWrite[] {
    return this.#parts.observers.flatMap((observer) => observer.forget?.(record) ?? [])
  }

  /** Changes whose facts are asked for however old they are: places that witnesses are bound to. */
  async #pinned(): Promise<Set<string>> {
    const { ledger, store } = this.#parts
    const pinned = new Set<string>()
    for (const { appointments, checkpoints } of ledger.held.trusts()) {
      for (const { hash } of appointments) pinned.add(hash)
      for (const { hash } of checkpoints.values()) pinned.add(hash)
    }
    for await (const each of jsonUnder(store, allOf('acknowledged'))) {
      const { acknowledged } = each as { readonly acknowledged: ChangePlace | null }
      if (acknowledged !== null) pinned.add(acknowledged.hash)
    }
    for await (const each of jsonUnder(store, allOf('checkpointSigned'))) {
      pinned.add((each as ChangePlace).hash)
    }
    for (const { claimedFrom } of ledger.held.pools()) {
      for (const { hash } of claimedFrom.values()) pinned.add(hash)
    }
    return pinned
  }

  /**
   * Adds what is named by changes that are kept though they are older than `until`: of societies
   * without checkpoints, or that write none any more, and on branches past an end. Whoever has no
   * snapshot of them folds them again.
   */
  async #pinNamed(pinned: Set<string>, until: number): Promise<void> {
    const { ledger, store, breathe } = this.#parts
    const ranges = [...ledger.held.pools(), ...ledger.held.trusts()].map(({ chain }) => ({
      ...allOf('change', chain.actor),
      until,
    }))
    for (const range of [...ranges, { ...allOf('offChange'), until: Infinity }]) {
      let read = 0
      for await (const [, bytes] of store.range(range)) {
        const { time, hashes } = namedIn(bytes)
        if (time >= range.until) break
        for (const hash of hashes) pinned.add(hash)
        read += 1
        if (read % changesInATurn === 0) await breathe()
      }
    }
  }

  /** Gives back the space of what was dropped, where the store does not by itself. */
  async #compact(): Promise<void> {
    for (const kind of droppedKinds) {
      const { gte, lt } = allOf(kind)
      await this.#parts.store.compact?.(gte, lt)
    }
  }
}
