import {
  acknowledgementMessage,
  decodePlaced,
  encodePlaced,
  ownerOfActor,
  peekChange,
  type Actor,
  type ChangePlaced,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { keys } from '../ledger/layout.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Signer, Store } from '../ports.ts'

/** What acknowledging others' changes needs of the node. */
export type WitnessParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly signer: Signer
}

/** The hash of the change at a place of a document as it is held; undefined where none is. */
export async function hashAt(
  ledger: Ledger,
  store: Store,
  actor: Actor,
  seq: number,
): Promise<string | undefined> {
  const chain = ledger.held.ofActor(actor)?.chain
  if (chain === undefined || seq > chain.seq) return undefined
  if (seq === chain.seq) return chain.head ?? undefined
  const bytes = await store.get(keys.change(actor, seq))
  const peeked = bytes === undefined ? undefined : peekChange(bytes)
  return peeked?.ok === true ? peeked.value.hash : undefined
}

/**
 * Acknowledges changes of societies that appointed this one. Invariants:
 * 1. It acknowledges one chain of a document for ever: what it acknowledged last is on disk before
 *    the signature leaves, and every later one must be on the same chain.
 * 2. It acknowledges only what it holds whole and has judged, of nobody known for two pasts.
 */
export class Witness {
  readonly #parts: WitnessParts

  constructor(parts: WitnessParts) {
    this.#parts = parts
  }

  /** The signature under a change's place. Fails with why it is not given. */
  async acknowledge(placed: ChangePlaced): Promise<Uint8Array> {
    const { ledger, signer } = this.#parts
    let refusal: Failure | undefined
    // Between two writes, so that the chain stands still and no two questions are judged at once.
    await ledger.exclusively(async () => {
      refusal = await this.#lock(placed)
    })
    if (refusal !== undefined) throw refusal
    return signer.sign(acknowledgementMessage(placed))
  }

  /** Notes on disk that this is acknowledged; why not, where it may not be. */
  async #lock({ actor, seq, hash }: ChangePlaced): Promise<Failure | undefined> {
    const { ledger, store } = this.#parts
    const owner = ownerOfActor(actor)
    const silence = ledger.silence
    if (silence !== undefined) return silence
    if (owner?.kind !== 'pool' || !ledger.held.trust(owner.key).witnesses.includes(ledger.self)) {
      return new Failure('not-authorised', 'this society is no witness of that document')
    }
    if (ledger.forks.convicted(owner.key)) {
      return new Failure('equivocation', 'its owner signed two pasts')
    }
    const held = await hashAt(ledger, store, actor, seq)
    if (held === undefined) return new Failure('unknown-reference', 'not known here yet')
    const before = decodePlaced((await store.get(keys.acknowledged(actor))) ?? new Uint8Array())
    const isOther =
      held !== hash ||
      (before.ok && (await hashAt(ledger, store, actor, before.value.seq)) !== before.value.hash)
    if (isOther) {
      return new Failure('equivocation', 'another change was acknowledged or is held at that place')
    }
    if (before.ok && before.value.seq >= seq) return undefined
    const value = encodePlaced({ actor, seq, hash })
    await store.write([{ key: keys.acknowledged(actor), value }], { sync: true })
    return undefined
  }
}
