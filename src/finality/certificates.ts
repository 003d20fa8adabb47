import {
  bytesOfKey,
  decodeCertificate,
  encodeCertificate,
  isCertifiedBy,
  ownerOfActor,
  termAt,
  type Actor,
  type Appointment,
  type Certificate,
  type ChangePlaced,
  type SocietyKey,
} from '../../protocol/index.ts'
import { allOf, keys } from '../ledger/layout.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Store, Verifier } from '../ports.ts'

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
  /** For which sets of witnesses a certificate was found to hold. */
  readonly #heldFor: WeakMap<Certificate, readonly Appointment[]> = new WeakMap()

  constructor(parts: CertificatesParts) {
    this.#parts = parts
  }

  /** Loads what is stored. It was checked before it was. */
  async load(): Promise<void> {
    for await (const [, value] of this.#parts.store.range(allOf('certificate'))) {
      const certificate = decodeCertificate(value)
      if (certificate.ok) this.#newest.set(certificate.value.actor, certificate.value)
    }
  }

  /** The newest certificate of a document. */
  of(actor: Actor): Certificate | undefined {
    return this.#newest.get(actor)
  }

  /** The sets of witnesses that a society has appointed, as far as is known here, oldest first. */
  appointmentsOf(society: SocietyKey): readonly Appointment[] {
    return this.#parts.ledger.held.trust(society).appointments
  }

  /** The witnesses that speak of what a society signs now. */
  witnessesOf(society: SocietyKey): readonly SocietyKey[] {
    return this.appointmentsOf(society).at(-1)?.witnesses ?? []
  }

  /** Whether a society has ever had witnesses. */
  #isWitnessed(society: SocietyKey): boolean {
    return this.appointmentsOf(society).some(({ witnesses }) => witnesses.length > 0)
  }

  /** Takes a certificate from anybody; `unknown` where its author has no such witnesses here. */
  async take(certificate: Certificate): Promise<CertificateMeaning> {
    const { store } = this.#parts
    const { actor, seq, term } = certificate
    const owner = ownerOfActor(actor)
    if (owner?.kind !== 'pool' || !this.#isWitnessed(owner.key)) return 'unknown'
    if (term >= this.appointmentsOf(owner.key).length) return 'unknown'
    const before = this.#newest.get(actor)
    if ((before?.seq ?? 0) >= seq) return 'known'
    if (!this.#holds(certificate)) return 'bad-signature'
    this.#newest.set(actor, certificate)
    // It can be had again of the witnesses.
    const value = encodeCertificate(certificate)
    await store.write([{ key: keys.certificate(actor), value }], { sync: false })
    return 'new'
  }

  /** Whether the witnesses that speak of its place, as known now, have signed a certificate. */
  #holds(certificate: Certificate): boolean {
    const owner = ownerOfActor(certificate.actor)
    const appointments = owner === undefined ? [] : this.appointmentsOf(owner.key)
    if (this.#heldFor.get(certificate) === appointments) return true
    const { seq, term } = certificate
    const witnesses = appointments[term]?.witnesses
    if (witnesses === undefined || termAt(appointments, seq) !== term) return false
    const { verifier } = this.#parts
    const isHeld = isCertifiedBy(certificate, witnesses, (signature, message, witness) =>
      verifier.verify(signature, message, bytesOfKey(witness)),
    )
    if (isHeld) this.#heldFor.set(certificate, appointments)
    return isHeld
  }

  /** The newest certificate of a document, if the witnesses known now have signed it. */
  holding(actor: Actor): Certificate | undefined {
    const certificate = this.#newest.get(actor)
    return certificate !== undefined && this.#holds(certificate) ? certificate : undefined
  }

  /** The newest change of a document that old witnesses have signed for when new ones followed. */
  handover(actor: Actor): ChangePlaced | undefined {
    const owner = ownerOfActor(actor)
    if (owner?.kind !== 'pool') return undefined
    const appointments = this.appointmentsOf(owner.key)
    const term = appointments.findLastIndex(
      (_, at) => at > 0 && appointments[at - 1]?.witnesses.length !== 0,
    )
    const { seq = 0, hash } = appointments[term] ?? {}
    return hash === undefined || seq === 0 ? undefined : { actor, seq, hash }
  }

  /** Up to where witnesses have vouched for a document, by certificate or when they ended. */
  reach(actor: Actor): number {
    return Math.max(this.of(actor)?.seq ?? 0, this.handover(actor)?.seq ?? 0)
  }

  /** Whether witnesses vouch for a change: it is on a chain that they have acknowledged. */
  async covers(placed: ChangePlaced): Promise<boolean> {
    for (const later of [this.holding(placed.actor), this.handover(placed.actor)]) {
      if (later !== undefined && (await this.#isBefore(placed, later))) return true
    }
    return false
  }

  /** Whether a change is on the chain that ends with another. */
  async #isBefore({ actor, seq, hash }: ChangePlaced, later: ChangePlaced): Promise<boolean> {
    const { forks, index } = this.#parts.ledger
    if (later.seq < seq) return false
    const end = forks.placeOf(actor)
    if (seq >= end) return forks.includes(actor, later, { hash, seq })
    // Before the end of a document there is one change at a place, if the later one is held.
    if (!(await index.holds(actor, { hash, seq }))) return false
    return later.seq >= end || index.holds(actor, later)
  }
}
