import {
  admitChange,
  borrowedUntil,
  datedAheadMsMax,
  decodeChange,
  encodeGossip,
  foldChange,
  ownerOfActor,
  readChange,
  type Actor,
  type ChangesFrame,
  type Code,
  type DocumentState,
  type Judged,
} from '../../protocol/index.ts'
import type { StoreWrite } from '../ports.ts'
import type { AdmissionParts, Peek, Verdict } from './admission.ts'
import { checksMany } from './checked-ahead.ts'
import { copyState } from './documents-held.ts'
import type { ChangePlace } from './forks.ts'
import { encodeJson, encodeText, factsOf, keys } from './layout.ts'
import { replayOne, storedChange, type LoadParts } from './load.ts'
import { namingWrites } from './namings.ts'

/** What taking changes past an end needs of the node. */
export type PastEndParts = AdmissionParts & LoadParts

const refuse = (code: Code, message: string): Verdict => ({ verdict: 'ignore', code, message })

/** What was not taken has the signature of what was taken before it: the one needs the other. */
function tailWrites(
  frame: ChangesFrame,
  peeks: readonly Peek[],
  from: Peek,
): readonly StoreWrite[] {
  const at = peeks.indexOf(from)
  const before = peeks[at - 1]
  if (before === undefined) return []
  const changes = peeks.slice(at).map(({ bytes }) => bytes)
  const value = encodeGossip({ type: 'changes', frame: { ...frame, changes } })
  return [{ key: keys.offTail(before.hash), value }]
}

/**
 * Changes of a document past its end. No state has them; but what others did with them is judged on
 * the branch it names, so they are kept with their facts, and folded on a copy, where somebody's
 * record waits for them. Never run while anything else is being folded.
 */
export class PastEnd {
  readonly #parts: PastEndParts
  /** The state after the newest change that was taken: the next one usually follows it. */
  #newest: { readonly hash: string; readonly state: DocumentState } | undefined

  constructor(parts: PastEndParts) {
    this.#parts = parts
  }

  /**
   * Takes changes of a frame whose signature holds. Answers the hashes that are new by it; the
   * verdict names what is missing, if anything.
   */
  async take(
    frame: ChangesFrame,
    peeks: readonly Peek[],
  ): Promise<{ readonly verdict: Verdict; readonly taken: readonly string[] }> {
    const { store, index, forks } = this.#parts
    const taken: string[] = []
    const writes: StoreWrite[] = []
    let verdict: Verdict | undefined
    for (const peek of peeks) {
      if ((await index.facts(peek.hash)) !== undefined) continue
      verdict = await this.#takeOne(frame, peek, peeks, writes)
      if (verdict !== undefined) {
        writes.push(...tailWrites(frame, peeks, peek))
        break
      }
      taken.push(peek.hash)
    }
    // All or nothing: what vouches for the first of them comes with the last.
    index.batchClosed()
    if (writes.length > 0) await store.write(writes, { sync: false })
    forks.came()
    index.batchWritten()
    return { verdict: verdict ?? refuse('equivocation', 'the document has ended'), taken }
  }

  async #takeOne(
    frame: ChangesFrame,
    peek: Peek,
    peeks: readonly Peek[],
    writes: StoreWrite[],
  ): Promise<Verdict | undefined> {
    const { index, clock } = this.#parts
    const { actor, previous, time } = peek.header
    const owner = ownerOfActor(actor)
    const state = await this.#stateAt(actor, previous)
    if (owner === undefined || state === undefined) {
      const waits = refuse('out-of-order', 'the change before it is missing')
      return previous === null ? waits : { ...waits, missing: previous }
    }
    if (time > clock.now() + datedAheadMsMax) return refuse('out-of-order', 'dated too far ahead')
    const decoded = decodeChange(peek.bytes, peek)
    if (!decoded.ok) return refuse('malformed', decoded.message)
    const admitted = admitChange(decoded.value, peek.hash, state.chain)
    if (!admitted.ok) return refuse(admitted.code, admitted.message)
    const change = readChange(owner.kind, owner.key, peek.hash, admitted)
    const fetched = await index.fetch(change, state)
    if ('missing' in fetched) {
      const waits = refuse('unknown-reference', 'a change it names is missing')
      return { ...waits, missing: fetched.missing }
    }
    const { lookup } = fetched
    if (checksMany(change)) {
      const tryOut = (): void => void foldChange(copyState(state), change, lookup)
      await lookup.signatures.check(tryOut, this.#parts.breathe)
    }
    const judged = foldChange(state, change, lookup)
    writes.push(...namingWrites(this.#parts, change, lookup))
    writes.push(...this.#factsWrites(peek, judged, state))
    writes.push(...(await this.#place(frame, peek, peeks)))
    this.#newest = { hash: peek.hash, state }
    return undefined
  }

  /** A state of its own after a change of a branch; undefined where that is not known here. */
  async #stateAt(actor: Actor, hash: string | null): Promise<DocumentState | undefined> {
    const { held, index, forks } = this.#parts
    const kept = held.ofActor(actor)
    if (kept === undefined) return undefined
    if (kept.chain.head === hash) return copyState(kept)
    if (hash === null) return undefined
    if (this.#newest?.hash === hash) return this.#newest.state
    const facts = await index.facts(hash)
    const place = forks.placeOf(actor)
    if (facts === undefined || facts.seq < place || kept.chain.seq !== place - 1) return undefined
    const branch = await forks.branchTo(actor, { hash, seq: facts.seq })
    if (branch === undefined) return undefined
    const state = copyState(kept)
    for (const at of branch) {
      const change = await forks.change(actor, at)
      if (change === undefined) return undefined
      await replayOne(state, storedChange(change.bytes), index)
    }
    return state
  }

  #factsWrites(
    { hash, header }: Peek,
    judged: readonly Judged[],
    state: DocumentState,
  ): readonly StoreWrite[] {
    const { index } = this.#parts
    const facts = factsOf(header.actor, judged, 'lots' in state ? borrowedUntil(state) : 0)
    const writes: StoreWrite[] = [{ key: keys.facts(hash), value: encodeJson(facts) }]
    for (const { author, ended, id } of judged) {
      for (const each of ended) {
        index.rememberEnd(author, each, id)
        writes.push({ key: keys.offEnd(author, each, id), value: encodeText(id) })
      }
    }
    index.judged(hash, facts)
    return writes
  }

  /** Where a change goes: on top of the branch kept in the document's own place, or beside it. */
  async #place(
    { signature }: ChangesFrame,
    peek: Peek,
    peeks: readonly Peek[],
  ): Promise<readonly StoreWrite[]> {
    const { held, forks } = this.#parts
    const { hash, header, bytes } = peek
    const { actor, seq, previous } = header
    const next = peeks[peeks.indexOf(peek) + 1]?.hash
    const tip: ChangePlace | undefined = await forks.tip(actor)
    const top = tip?.hash ?? held.ofActor(actor)?.chain.head ?? null
    const isOnTop = top === previous && seq === (tip?.seq ?? forks.placeOf(actor) - 1) + 1
    const vouched = next === undefined ? { signature, next } : { signature: undefined, next }
    forks.coming({ actor, hash, isOnTop }, { bytes, previous, seq, ...vouched })
    if (isOnTop) {
      const change = { key: keys.change(actor, seq), value: bytes }
      return next === undefined
        ? [change, { key: keys.signature(actor, seq), value: signature }]
        : [change]
    }
    return [
      { key: keys.offChange(hash), value: bytes },
      next === undefined
        ? { key: keys.offSignature(hash), value: signature }
        : { key: keys.offNext(hash), value: encodeText(next) },
    ]
  }
}
