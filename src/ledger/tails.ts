import {
  decodeGossip,
  encodeGossip,
  peekChange,
  type Actor,
  type ChangesFrame,
  type Statement,
} from '../../protocol/index.ts'
import type { Store, StoreWrite } from '../ports.ts'
import { allOf, keys, nameUnder } from './layout.ts'

/** What follows the newest change of a document up to a signature, but cannot be judged yet. */
type Tail = {
  readonly frame: ChangesFrame
  /** Hashes of its changes, and the place of the first. */
  readonly hashes: readonly string[]
  readonly first: number
}

function tailOf(frame: ChangesFrame): Tail | undefined {
  const hashes: string[] = []
  let first = 0
  for (const bytes of frame.changes) {
    const peeked = peekChange(bytes)
    if (!peeked.ok) return undefined
    if (hashes.length === 0) first = peeked.value.header.seq
    hashes.push(peeked.value.hash)
  }
  return hashes.length === 0 ? undefined : { frame, hashes, first }
}

const endOf = ({ first, hashes }: Tail): number => first + hashes.length - 1

/** What of a tail is from a place on. */
function from({ frame, hashes, first }: Tail, seq: number): Tail {
  const changes = frame.changes.slice(seq - first)
  return { frame: { ...frame, changes }, hashes: hashes.slice(seq - first), first: seq }
}

/**
 * The signatures of changes that were taken without what follows them in their frame.
 *
 * 1. Of two for the same changes the one that ends earlier is kept: so no run that is stored under
 *    one signature is longer than a frame, and every fork can be shown.
 * 2. Once its last change is here its signature is stored with that.
 */
export class Tails {
  readonly #tails: Map<Actor, Tail> = new Map()

  /** Loads what is stored. */
  async load(store: Store): Promise<void> {
    for await (const [key, value] of store.range(allOf('tail'))) {
      const message = decodeGossip(value)
      const tail =
        message.ok && message.value.type === 'changes' ? tailOf(message.value.frame) : undefined
      if (tail !== undefined) this.#tails.set(nameUnder(allOf('tail'), key) as Actor, tail)
    }
  }

  /** A tail's signature where this change is its last; undefined where there is none for it. */
  signatureOf(actor: Actor, seq: number, hash: string): Uint8Array | undefined {
    const tail = this.#tails.get(actor)
    if (tail === undefined || seq !== endOf(tail)) return undefined
    return tail.hashes.at(-1) === hash ? tail.frame.signature : undefined
  }

  /** What was signed as the past of a tail where another change is signed at a place of it. */
  contradicting(actor: Actor, seq: number, hash: string): Statement | undefined {
    const tail = this.#tails.get(actor)
    const at = tail === undefined ? -1 : seq - tail.first
    const other = tail?.hashes[at]
    if (tail === undefined || other === undefined || other === hash) return undefined
    const { changes, signature } = tail.frame
    return { type: 'run', changes: changes.slice(at), signature }
  }

  /** Forgets a tail that ends before or at the place of a change that is here now. */
  passed(actor: Actor, seq: number): void {
    const tail = this.#tails.get(actor)
    if (tail !== undefined && endOf(tail) <= seq) this.#tails.delete(actor)
  }

  /** Keeps what vouches for a document's newest change, by this tail or by the one kept. */
  keep(frame: ChangesFrame): readonly StoreWrite[] {
    const { actor } = frame
    const [before, tail] = [this.#tails.get(actor), tailOf(frame)]
    if (tail === undefined) return []
    // Of a liar the one kept may be of another branch, which vouches for nothing here.
    const isSame =
      before !== undefined && before.hashes[tail.first - before.first] === tail.hashes[0]
    const isSooner = isSame && endOf(before) < endOf(tail)
    const kept = isSooner ? from(before, tail.first) : tail
    this.#tails.set(actor, kept)
    return [{ key: keys.tail(actor), value: encodeGossip({ type: 'changes', frame: kept.frame }) }]
  }
}
