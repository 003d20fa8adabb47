import {
  appointingMessage,
  bytesOfKey,
  decodeAskedFor,
  encodeAskedFor,
  encodeTermPlaced,
  noChange,
  quorumOf,
  type Appointing,
  type Certificate,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { decodeJson, encodeJson, keys } from '../ledger/layout.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { successionPauseMs, successionRoundsMax } from '../limits.ts'
import type { Clock, Signer, Store, Verifier } from '../ports.ts'

/** What replacing the own witnesses needs of the node. */
export type SuccessionParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly clock: Clock
  readonly signer: Signer
  readonly verifier: Verifier
  /** What a witness answers; undefined where it refuses or cannot be asked. */
  readonly request: (
    witness: SocietyKey,
    about: 'end' | 'appointment',
    body: Uint8Array,
  ) => Promise<Uint8Array | undefined>
}

/**
 * Has this society's witnesses replaced. Enough of them end first, that is, acknowledge nothing
 * more; then the place where the new ones take over is chosen, after all that they acknowledged,
 * and noted on disk; then they sign for it. So the society goes on writing meanwhile, and whatever
 * stops it, asking again comes to the same: no witness is ever asked to sign for two places.
 */
export class Succession {
  readonly #parts: SuccessionParts

  constructor(parts: SuccessionParts) {
    this.#parts = parts
  }

  /**
   * The place where new witnesses take over, signed by enough of those until now. Fails with
   * `uncertified` where too few answer, with `already-ended` where others are being appointed.
   */
  async handover(witnesses: readonly SocietyKey[]): Promise<Certificate> {
    const { ledger } = this.#parts
    if (ledger.silence !== undefined) throw ledger.silence
    const { appointments } = ledger.held.trust(ledger.self)
    const term = appointments.length
    const old = appointments.at(-1)?.witnesses ?? []
    const noted = await this.#noted(term)
    const told = noted === undefined && old.length > 0 ? await this.#end(old, term) : undefined
    const appointing = noted ?? (await this.#choose(term, told ?? { witnesses }))
    if (appointing.witnesses.join() !== witnesses.join()) {
      const message = 'the witnesses were asked to sign for others; appoint those first'
      throw new Failure('already-ended', message)
    }
    const acknowledgements = old.length === 0 ? [] : await this.#signatures(old, appointing)
    const { actor, seq, hash } = appointing
    return { actor, seq, hash, term, acknowledgements }
  }

  /** What witnesses were asked to sign for in a term, by an earlier call. */
  async #noted(term: number): Promise<Appointing | undefined> {
    const { ledger, store } = this.#parts
    const { actor } = ledger.held.pool(ledger.self).chain
    const stored = await store.get(keys.succession(actor))
    const noted = stored === undefined ? undefined : (decodeJson(stored) as Appointing)
    return noted?.term === term ? noted : undefined
  }

  /** The place of the newest change: whoever has ended acknowledged nothing after it. */
  async #choose(
    term: number,
    { witnesses, ...told }: Appointing | Pick<Appointing, 'witnesses'>,
  ): Promise<Appointing> {
    const { ledger, store } = this.#parts
    let chosen: Appointing | undefined
    await ledger.exclusively(async () => {
      const { actor, seq, head } = ledger.held.pool(ledger.self).chain
      const newest = { actor, seq, hash: head ?? noChange, term, witnesses, ...told }
      chosen = (await this.#noted(term)) ?? newest
      const value = encodeJson(chosen)
      await store.write([{ key: keys.succession(actor), value }], { sync: true })
    })
    if (chosen === undefined) throw new TypeError('assertion: a place was chosen')
    return chosen
  }

  /** What this society has asked for before, where it forgot: it was put back from a backup. */
  async #end(old: readonly SocietyKey[], term: number): Promise<Appointing | undefined> {
    const { ledger } = this.#parts
    const { actor } = ledger.held.pool(ledger.self).chain
    const body = encodeTermPlaced({ actor, seq: 0, hash: noChange, term })
    const ended = (answer: Uint8Array): boolean =>
      answer.length === 0 || this.#ownOf(answer, term) !== undefined
    const answers = await this.#askAll(old, 'end', body, ended)
    const told = [...answers.values()].map((answer) => this.#ownOf(answer, term))
    return told.find((appointing) => appointing !== undefined)
  }

  /** An appointment for a term that this society itself has asked for; undefined for another. */
  #ownOf(answer: Uint8Array, term: number): Appointing | undefined {
    const { ledger, verifier } = this.#parts
    const asked = decodeAskedFor(answer)
    if (!asked.ok) return undefined
    const { appointing, signature } = asked.value
    const isOwn =
      appointing.actor === ledger.held.pool(ledger.self).chain.actor &&
      appointing.term === term &&
      verifier.verify(signature, appointingMessage(appointing), bytesOfKey(ledger.self))
    return isOwn ? appointing : undefined
  }

  async #signatures(
    old: readonly SocietyKey[],
    appointing: Appointing,
  ): Promise<Certificate['acknowledgements']> {
    const { signer, verifier } = this.#parts
    const message = appointingMessage(appointing)
    const isSigned = (signature: Uint8Array, witness: SocietyKey): boolean =>
      signature.length === 64 && verifier.verify(signature, message, bytesOfKey(witness))
    const body = encodeAskedFor({ appointing, signature: signer.sign(message) })
    const answers = await this.#askAll(old, 'appointment', body, isSigned)
    return [...answers]
      .map(([witness, signature]) => ({ witness, signature }))
      .toSorted((a, b) => (a.witness < b.witness ? -1 : 1))
  }

  /** The answers of enough witnesses. Fails with `uncertified` where they do not come. */
  async #askAll(
    old: readonly SocietyKey[],
    about: 'end' | 'appointment',
    body: Uint8Array,
    isGood: (answer: Uint8Array, witness: SocietyKey) => boolean,
  ): Promise<ReadonlyMap<SocietyKey, Uint8Array>> {
    const { clock, request } = this.#parts
    const quorum = quorumOf(old.length)
    const answers = new Map<SocietyKey, Uint8Array>()
    for (let round = 0; round < successionRoundsMax; round++) {
      if (round > 0) await new Promise<void>((resolve) => clock.after(successionPauseMs, resolve))
      const asked = old.filter((witness) => !answers.has(witness))
      const replies = asked.map(async (witness) => {
        const answer = await request(witness, about, body)
        if (answer !== undefined && isGood(answer, witness)) answers.set(witness, answer)
      })
      await Promise.all(replies)
      if (answers.size >= quorum) return answers
    }
    const message = `${answers.size} of the witnesses let others follow, ${quorum} must; try again`
    throw new Failure('uncertified', message)
  }
}
