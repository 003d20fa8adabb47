import {
  decodeCertificate,
  encodeCertificate,
  isCertifiedBy,
  ownerOfActor,
  type Actor,
  type Certificate,
  type ChangePlaced,
  type SocietyKey,
} from '../../protocol/index.ts'
import { keys } from '../ledger/layout.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Store, Verifier } from '../ports.ts'
import { hashAt } from './witness.ts'

/** What keeping certificates needs of the node. */
export type CertificatesParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly verifier: Verifier
}

/** What a certificate that arrived is. */
export type CertificateMeaning = 'new' | 'known' | 'unknown' | 'bad-signature'

/** The newest certificate of every document: it vouches for all that its change commits to. */
export class Certificates {
  readonly #parts: CertificatesParts
  readonly #newest: Map<Actor, Certificate> = new Map()

  constructor(parts: CertificatesParts) {
    this.#parts = parts
  }

  /** Loads what is stored. It was checked before it was. */
  async load(): Promise<void> {
    for await (const [, value] of this.#parts.store.range({ gte: 'g/', lt: 'g0' })) {
      const certificate = decodeCertificate(value)
      if (certificate.ok) this.#newest.set(certificate.value.actor, certificate.value)
    }
  }

  /** The newest certificate of a document. */
  of(actor: Actor): Certificate | undefined {
    return this.#newest.get(actor)
  }

  /** The witnesses that a society has appointed, as far as is known here. */
  witnessesOf(society: SocietyKey): readonly SocietyKey[] {
    return this.#parts.ledger.held.trust(society).witnesses
  }

  /** Takes a certificate from anybody; `unknown` where its author has no witnesses here. */
  async take(certificate: Certificate): Promise<CertificateMeaning> {
    const { store, verifier } = this.#parts
    const { actor, seq } = certificate
    const owner = ownerOfActor(actor)
    const witnesses = owner === undefined ? [] : this.witnessesOf(owner.key)
    if (owner?.kind !== 'pool' || witnesses.length === 0) return 'unknown'
    if ((this.#newest.get(actor)?.seq ?? 0) >= seq) return 'known'
    if (!isCertifiedBy(certificate, witnesses, (...signed) => verifier.verify(...signed))) {
      return 'bad-signature'
    }
    this.#newest.set(actor, certificate)
    // It can be had again of the witnesses.
    const value = encodeCertificate(certificate)
    await store.write([{ key: keys.certificate(actor), value }], { sync: false })
    return 'new'
  }

  /** Whether a change is certified: on the chain that ends with the certified one. */
  async covers({ actor, seq, hash }: ChangePlaced): Promise<boolean> {
    const { ledger, store } = this.#parts
    const certificate = this.#newest.get(actor)
    if (certificate === undefined || certificate.seq < seq) return false
    if (seq >= ledger.forks.placeOf(actor)) {
      return ledger.forks.includes(actor, certificate, { hash, seq })
    }
    // Before the end of a document there is one change at a place, if the certified one is held.
    const isHeld = (await hashAt(ledger, store, actor, seq)) === hash
    if (!isHeld || certificate.seq >= ledger.forks.placeOf(actor)) return isHeld
    return (await hashAt(ledger, store, actor, certificate.seq)) === certificate.hash
  }
}
