import {
  bytesOfKey,
  isCertifiedBy,
  ownerOfActor,
  termAt,
  type Actor,
  type Appointment,
  type Certificate,
  type ChangePlaced,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Verifier } from '../ports.ts'

/** What asking whether witnesses vouch for something needs of the node. */
export type VouchingParts = {
  readonly ledger: Ledger
  readonly verifier: Verifier
  /** The newest certificate of a document. */
  readonly newestOf: (actor: Actor) => Certificate | undefined
  /** The sets of witnesses that a society has appointed, oldest first. */
  readonly appointmentsOf: (society: SocietyKey) => readonly Appointment[]
}

/** What witnesses vouch for, by what is known of who they are. */
export class Vouching {
  readonly #parts: VouchingParts
  /** For which sets of witnesses a certificate was found to hold. */
  readonly #heldFor: WeakMap<Certificate, readonly Appointment[]> = new WeakMap()

  constructor(parts: VouchingParts) {
    this.#parts = parts
  }

  /** Whether the witnesses that speak of its place have signed a certificate. */
  holds(certificate: Certificate): boolean {
    const { verifier, appointmentsOf } = this.#parts
    const owner = ownerOfActor(certificate.actor)
    const appointments = owner === undefined ? [] : appointmentsOf(owner.key)
    if (this.#heldFor.get(certificate) === appointments) return true
    const { seq, term } = certificate
    const witnesses = appointments[term]?.witnesses
    if (witnesses === undefined || termAt(appointments, seq) !== term) return false
    const isHeld = isCertifiedBy(certificate, witnesses, (signature, message, witness) =>
      verifier.verify(signature, message, bytesOfKey(witness)),
    )
    if (isHeld) this.#heldFor.set(certificate, appointments)
    return isHeld
  }

  /** The newest certificate of a document, if its witnesses have signed it. */
  holding(actor: Actor): Certificate | undefined {
    const certificate = this.#parts.newestOf(actor)
    return certificate !== undefined && this.holds(certificate) ? certificate : undefined
  }

  /** The newest change of a document that old witnesses have signed for when new ones followed. */
  handover(actor: Actor): ChangePlaced | undefined {
    const owner = ownerOfActor(actor)
    if (owner?.kind !== 'pool') return undefined
    const appointments = this.#parts.appointmentsOf(owner.key)
    const term = appointments.findLastIndex(
      (_, at) => at > 0 && appointments[at - 1]?.witnesses.length !== 0,
    )
    const { seq = 0, hash } = appointments[term] ?? {}
    return hash === undefined || seq === 0 ? undefined : { actor, seq, hash }
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
