import {
  decodeCertificate,
  encodeCertificate,
  ownerOfActor,
  type Actor,
  type Appointment,
  type Certificate,
  type ChangePlaced,
  type SocietyKey,
} from '../../protocol/index.ts'
import { allOf, keys } from '../ledger/layout.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Store, Verifier } from '../ports.ts'
import { rememberedOf } from './remembered.ts'
import { Vouching } from './vouching.ts'

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
  /** Of liars, with what they appointed past the end of their documents. */
  readonly #remembered: Map<SocietyKey, readonly Appointment[]> = new Map()
  readonly #vouching: Vouching
  /** The same by documents as far as they go, as whoever reads a file of them sees it. */
  readonly stated: Vouching

  constructor(parts: CertificatesParts) {
    this.#parts = parts
    const newestOf = (actor: Actor): Certificate | undefined => this.#newest.get(actor)
    const appointmentsOf = (society: SocietyKey): readonly Appointment[] =>
      this.appointmentsOf(society)
    this.#vouching = new Vouching({ ...parts, newestOf, appointmentsOf })
    this.stated = new Vouching({
      ...parts,
      newestOf,
      appointmentsOf: (society) => parts.ledger.held.trust(society).appointments,
    })
  }

  /** Loads what is stored. It was checked before it was. */
  async load(): Promise<void> {
    for await (const [, value] of this.#parts.store.range(allOf('certificate'))) {
      const certificate = decodeCertificate(value)
      if (certificate.ok) this.#newest.set(certificate.value.actor, certificate.value)
    }
    for (const society of this.#parts.ledger.forks.societies) await this.remember(society)
  }

  /** The newest certificate of a document. */
  of(actor: Actor): Certificate | undefined {
    return this.#newest.get(actor)
  }

  /** The sets of witnesses that a society has appointed, as far as is known here, oldest first. */
  appointmentsOf(society: SocietyKey): readonly Appointment[] {
    const stated = this.#parts.ledger.held.trust(society).appointments
    const remembered = this.#remembered.get(society) ?? stated
    return remembered.length > stated.length ? remembered : stated
  }

  /** Looks for whom a society appointed that signed two pasts; before anything else is asked. */
  async remember(society: SocietyKey): Promise<void> {
    this.#remembered.set(society, await rememberedOf(this.#parts, society))
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
    const { ledger } = this.#parts
    const { actor, seq, term } = certificate
    const owner = ownerOfActor(actor)
    if (owner?.kind !== 'pool' || !this.#isWitnessed(owner.key)) return 'unknown'
    if (term >= this.appointmentsOf(owner.key).length) return 'unknown'
    const before = this.#newest.get(actor)
    if ((before?.seq ?? 0) >= seq) return 'known'
    if (!this.#vouching.holds(certificate)) return 'bad-signature'
    this.#newest.set(actor, certificate)
    // It can be had again of the witnesses.
    const value = encodeCertificate(certificate)
    await ledger.note([{ key: keys.certificate(actor), value }])
    return 'new'
  }

  /** The newest certificate of a document, if the witnesses known now have signed it. */
  holding(actor: Actor): Certificate | undefined {
    return this.#vouching.holding(actor)
  }

  /** The newest change of a document that old witnesses have signed for when new ones followed. */
  handover(actor: Actor): ChangePlaced | undefined {
    return this.#vouching.handover(actor)
  }

  /** Up to where witnesses have vouched for a document, by certificate or when they ended. */
  reach(actor: Actor): number {
    return Math.max(this.of(actor)?.seq ?? 0, this.handover(actor)?.seq ?? 0)
  }

  /** Whether witnesses vouch for a change: it is on a chain that they have acknowledged. */
  covers(placed: ChangePlaced): Promise<boolean> {
    return this.#vouching.covers(placed)
  }
}
