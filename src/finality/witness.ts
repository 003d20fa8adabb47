import {
  acknowledgementMessage,
  appointingMessage,
  bytesOfKey,
  hexOf,
  keyOfActor,
  ownerOfActor,
  type Actor,
  type Appointing,
  type AskedFor,
  type Appointment,
  type ChangePlaced,
  type SocietyKey,
  type TermPlaced,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { decodeJson, encodeJson, keys } from '../ledger/layout.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Signer, Store, Verifier } from '../ports.ts'

/** What acknowledging others' changes needs of the node. */
export type WitnessParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly signer: Signer
  readonly verifier: Verifier
}

/** What a witness is bound to by what it signed about a document, as stored. */
type Bond = {
  /** The newest change that it acknowledged, in whichever term. */
  readonly acknowledged: Pick<ChangePlaced, 'seq' | 'hash'> | null
  /** The term for which it waits: it acknowledges nothing more before it. 0 for none. */
  readonly ended: number
  /** The newest appointment that it signed, and the signature by which it was asked for. */
  readonly signed: { readonly appointing: Appointing; readonly signature: readonly number[] } | null
}

const unbound: Bond = { acknowledged: null, ended: 0, signed: null }

/**
 * Acknowledges changes of societies that appointed this one. Invariants:
 * 1. It acknowledges one chain of a document for ever: what it acknowledged last is on disk before
 *    the signature leaves, and every later one must be on the same chain.
 * 2. It acknowledges only what it holds whole and has judged, of nobody known for two pasts.
 * 3. Of those that follow one set of witnesses it signs for one, at one place, and none before what
 *    it acknowledged. Once asked to end it acknowledges nothing more for its set.
 */
export class Witness {
  readonly #parts: WitnessParts

  constructor(parts: WitnessParts) {
    this.#parts = parts
  }

  /** The signature under a change's place. Fails with why it is not given. */
  async acknowledge(placed: TermPlaced): Promise<Uint8Array> {
    await this.#bind(placed.actor, (before) => this.#acknowledging(placed, before))
    return this.#parts.signer.sign(acknowledgementMessage(placed))
  }

  /**
   * Acknowledges nothing more of a pool before a term. The appointment for that term that this node
   * has signed already, as it was asked for; undefined for none. Fails with why not.
   */
  async end({ actor, term }: Pick<TermPlaced, 'actor' | 'term'>): Promise<AskedFor | undefined> {
    const { signed } = await this.#bind(actor, async (before) => {
      const set = this.#setBefore(actor, term)
      return set instanceof Failure ? set : { ...before, ended: term }
    })
    if (signed?.appointing.term !== term) return undefined
    return { ...signed, signature: Uint8Array.from(signed.signature) }
  }

  /** The signature under an appointment of new witnesses. Fails with why it is not given. */
  async appoint(asked: AskedFor): Promise<Uint8Array> {
    const { appointing } = asked
    await this.#bind(appointing.actor, (before) => this.#appointing(asked, before))
    return this.#parts.signer.sign(appointingMessage(appointing))
  }

  /** Has on disk what this node is bound to from now on, before anything is signed. */
  async #bind(actor: Actor, decide: (before: Bond) => Promise<Bond | Failure>): Promise<Bond> {
    const { ledger, store } = this.#parts
    const decided: (Bond | Failure)[] = []
    // Between two writes, so that the chain stands still and no two questions are judged at once.
    await ledger.exclusively(async () => {
      const key = keys.acknowledged(actor)
      const stored = await store.get(key)
      const before = stored === undefined ? unbound : (decodeJson(stored) as Bond)
      const bond = ledger.silence ?? (await decide(before))
      if (!(bond instanceof Failure) && bond !== before) {
        await store.write([{ key, value: encodeJson(bond) }], { sync: true })
      }
      decided.push(bond)
    })
    const [bond = unbound] = decided
    if (bond instanceof Failure) throw bond
    return bond
  }

  /** The set that speaks before a term, with this society in it; why not, where it does not. */
  #setBefore(actor: Actor, term: number): Appointment | Failure {
    const { ledger } = this.#parts
    const owner = ownerOfActor(actor)
    const appointments = owner?.kind === 'pool' ? this.#appointmentsOf(owner.key) : []
    const set = appointments[term - 1]
    const isWitness = appointments.some(({ witnesses }) => witnesses.includes(ledger.self))
    if (owner === undefined || (set === undefined && !isWitness)) {
      return new Failure('not-authorised', 'this society is no witness of that document')
    }
    if (set === undefined) return new Failure('unknown-reference', 'those witnesses are not known')
    if (term < appointments.length) {
      return new Failure('already-ended', 'other witnesses have taken over')
    }
    if (!set.witnesses.includes(ledger.self)) {
      return new Failure('not-authorised', 'this society is no witness of that document')
    }
    return ledger.forks.convicted(owner.key)
      ? new Failure('equivocation', 'its owner signed two pasts')
      : set
  }

  #appointmentsOf(society: SocietyKey): readonly Appointment[] {
    return this.#parts.ledger.held.trust(society).appointments
  }

  async #acknowledging(placed: TermPlaced, before: Bond): Promise<Bond | Failure> {
    const { actor, seq, hash, term } = placed
    const set = this.#setBefore(actor, term + 1)
    if (set instanceof Failure) return set
    if (seq <= set.seq) return new Failure('already-ended', 'the witnesses before spoke of that')
    const other = await this.#otherChain(placed, set, before)
    if (other !== undefined) return other
    if (before.acknowledged !== null && before.acknowledged.seq >= seq) return before
    if (before.ended > term) {
      return new Failure('already-ended', 'other witnesses are about to take over')
    }
    return { ...before, acknowledged: { seq, hash } }
  }

  async #appointing(asked: AskedFor, before: Bond): Promise<Bond | Failure> {
    const { appointing } = asked
    const { actor, term, seq } = appointing
    const set = this.#setBefore(actor, term)
    if (set instanceof Failure) return set
    const message = appointingMessage(appointing)
    if (!this.#parts.verifier.verify(asked.signature, message, bytesOfKey(keyOfActor(actor)))) {
      return new Failure('bad-signature', 'the society has not signed what it asks for')
    }
    if (before.signed?.appointing.term === term) {
      const isSame = hexOf(appointingMessage(before.signed.appointing)) === hexOf(message)
      return isSame ? before : new Failure('already-ended', 'signed for other witnesses before')
    }
    const other = await this.#otherChain(appointing, set, before)
    if (other !== undefined) return other
    if (seq < Math.max(set.seq, before.acknowledged?.seq ?? 0)) {
      return new Failure('already-ended', 'a later change was acknowledged')
    }
    const signed = { appointing, signature: [...asked.signature] }
    return { ...before, ended: term, signed }
  }

  /** Why a place is not on the one chain that this node holds, has acknowledged and follows. */
  async #otherChain(
    { actor, seq, hash }: ChangePlaced,
    set: Appointment,
    { acknowledged }: Bond,
  ): Promise<Failure | undefined> {
    const { held, index } = this.#parts.ledger
    const owner = ownerOfActor(actor)
    if (owner === undefined || held.pool(owner.key).chain.seq < Math.max(seq, set.seq)) {
      return new Failure('unknown-reference', 'not known here yet')
    }
    for (const place of [{ seq, hash }, set, acknowledged ?? { seq: 0, hash }]) {
      if (place.seq === 0 || (await index.holds(actor, place))) continue
      return new Failure('equivocation', 'another change was acknowledged or is held at that place')
    }
    return undefined
  }
}
