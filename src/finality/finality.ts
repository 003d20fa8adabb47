import {
  acknowledgementMessage,
  actorOf,
  bytesOfKey,
  codes,
  decodeAskedFor,
  decodeCertificate,
  decodeTermPlaced,
  didOf,
  encodeAskedFor,
  encodeCertificate,
  encodeTermPlaced,
  keyOfActor,
  ownerOfActor,
  quorumOf,
  termAt,
  type Actor,
  type Certificate,
  type ChangePlaced,
  type FrontierEntry,
  type SocietyKey,
  type TermPlaced,
} from '../../protocol/index.ts'
import { refused } from '../answer.ts'
import type { EventLog } from '../events.ts'
import { Failure } from '../failure.ts'
import type { Accepted } from '../ledger/batch.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { seekPauseMs, seekRoundsMax, witnessRetryMs, witnessRetryMsMax } from '../limits.ts'
import type { Clock, Log, Network, PeerName, Signer, Store, Verifier } from '../ports.ts'
import { protocols } from '../protocols.ts'
import { Certificates, type CertificateMeaning } from './certificates.ts'
import { Succession } from './succession.ts'
import { Witness } from './witness.ts'

/** What certified hand-overs need of the node. */
export type FinalityParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly network: Network
  readonly clock: Clock
  readonly log: Log
  readonly signer: Signer
  readonly verifier: Verifier
  readonly events: EventLog
  readonly peersOf: (society: SocietyKey) => readonly PeerName[]
  /** The member that a node belongs to. */
  readonly societyOf: (peer: PeerName) => SocietyKey | undefined
  readonly publish: (certificate: Certificate) => void
  /** A certificate was taken: what waited for it may go on. */
  readonly onCertified: () => void
}

/** Kinds of record that hand something to another society, which may ask for it to be certified. */
export const handovers: ReadonlySet<string> = new Set([
  'allocation.grant',
  'allocation.return',
  'trade.accept',
  'trade.settle',
])

const encoder = new TextEncoder()
const decoder = new TextDecoder()
/** First byte of a question and of the answer that gives what it asks for. */
const tags = { acknowledgement: 1, certificate: 2, end: 3, appointment: 4 } as const

/**
 * Certified hand-overs: has own changes acknowledged by the society's witnesses, acknowledges those
 * of others, and collects certificates that this node waits for.
 */
export class Finality {
  readonly certificates: Certificates
  readonly succession: Succession
  readonly #parts: FinalityParts
  readonly #witness: Witness
  /** Documents for which acknowledgements are being collected, and the newest place asked for. */
  readonly #wanted: Map<Actor, ChangePlaced> = new Map()
  readonly #collecting: Set<Actor> = new Set()
  /** Documents of liars whose certificates are being looked for. */
  readonly #seeking: Set<Actor> = new Set()
  /** Up to which change of a document a peer's holding it was a reason to ask again. */
  readonly #holders: Map<PeerName, Map<Actor, number>> = new Map()
  /** Ends what waits, by its name. */
  readonly #cancels: Map<string, () => void> = new Map()
  #stopped = true

  constructor(parts: FinalityParts) {
    this.#parts = parts
    this.#witness = new Witness(parts)
    this.certificates = new Certificates(parts)
    const request = (society: SocietyKey, tag: keyof typeof tags, body: Uint8Array) =>
      this.#request(society, Uint8Array.of(tags[tag], ...body))
    this.succession = new Succession({ ...parts, request })
  }

  /** Answers other nodes, and goes on with what an earlier run left uncertified. */
  async start(): Promise<void> {
    await this.certificates.load()
    this.#stopped = false
    const { network, ledger } = this.#parts
    network.serve(protocols.acknowledge, (peer, body) => this.#answer(peer, body))
    if (ledger.held.pool(ledger.self).chain.seq > 1) this.#wantNewest()
    for (const society of ledger.forks.societies) this.convicted(society)
  }

  #wantNewest(): void {
    const { ledger } = this.#parts
    const { actor, seq, head } = ledger.held.pool(ledger.self).chain
    if (head !== null) this.want({ actor, seq, hash: head })
  }

  /** Asks nobody any more. */
  stop(): void {
    this.#stopped = true
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
  }

  /** Changes are on disk: what own ones hand over is to be certified, by whoever may now. */
  accepted(accepted: readonly Accepted[]): void {
    for (const { own, judged } of accepted) {
      const amended = judged.find((record) => record.kind === 'society.amend')
      if (amended === undefined) continue
      this.#cancels.get(actorOf('pool', amended.author))?.()
      if (own) this.#wantNewest()
    }
    const last = accepted.findLast(
      ({ own, judged }) => own && judged.some(({ kind }) => handovers.has(kind)),
    )
    if (last !== undefined) this.want(last)
  }

  /** A connection begins: what this peer holds is news again. */
  connected(peer: PeerName): void {
    this.#holders.delete(peer)
  }

  /** A peer told what it holds: a witness that has by now what is wanted is asked at once. */
  heard(peer: PeerName, entries: readonly FrontierEntry[]): void {
    const society = this.#parts.societyOf(peer)
    if (society === undefined || this.#wanted.size === 0) return
    const holds = new Map(entries.map(({ actor, seq }) => [actor, seq]))
    for (const [actor, { seq }] of this.#wanted) {
      const again = this.#cancels.get(actor)
      const before = this.#holders.get(peer) ?? new Map<Actor, number>()
      if (again === undefined || (holds.get(actor) ?? 0) < seq) continue
      if ((before.get(actor) ?? 0) >= seq) continue
      if (!this.certificates.witnessesOf(keyOfActor(actor)).includes(society)) continue
      this.#holders.set(peer, before.set(actor, seq))
      again()
    }
  }

  /** Takes a certificate that was gossiped. */
  async take(certificate: Certificate): Promise<CertificateMeaning> {
    const meaning = await this.certificates.take(certificate)
    if (meaning === 'new') this.#certified(certificate)
    return meaning
  }

  #certified({ actor, seq }: Certificate): void {
    const { events, clock, onCertified } = this.#parts
    if ((this.#wanted.get(actor)?.seq ?? Infinity) <= seq) this.#wanted.delete(actor)
    const society = keyOfActor(actor)
    events.emit('certified', clock.now(), { society: didOf(society), seq })
    onCertified()
  }

  /** Collects a certificate for a change, its author's or another's, until there is one. */
  want({ actor, seq, hash }: ChangePlaced): void {
    const society = keyOfActor(actor)
    if (this.#stopped || this.certificates.witnessesOf(society).length === 0) return
    if (this.certificates.reach(actor) >= seq) return
    if ((this.#wanted.get(actor)?.seq ?? 0) < seq) this.#wanted.set(actor, { actor, seq, hash })
    if (this.#collecting.has(actor)) return
    this.#collecting.add(actor)
    void this.#collect(actor, society)
  }

  /** Waits, until it is over or somebody ends it by its name. */
  async #pause(name: string, ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.after(ms, resolve)
      this.#cancels.set(name, () => {
        cancel()
        resolve()
      })
    })
    this.#cancels.delete(name)
  }

  async #collect(actor: Actor, society: SocietyKey): Promise<void> {
    let pauseMs = witnessRetryMs
    for (;;) {
      const wanted = this.#wanted.get(actor)
      if (wanted === undefined || this.#stopped) break
      if (this.certificates.reach(actor) >= wanted.seq) break
      if (this.certificates.witnessesOf(society).length === 0) break
      const certificate = (await this.#ask(society, wanted)) ?? (await this.#fetch(society, actor))
      if (certificate === undefined) {
        // Nobody acknowledges what a liar wrote; whoever has a certificate of it may still show it.
        if (this.#parts.ledger.forks.convicted(society)) break
        await this.#pause(actor, pauseMs)
        pauseMs = Math.min(2 * pauseMs, witnessRetryMsMax)
        continue
      }
      pauseMs = witnessRetryMs
      const meaning = await this.take(certificate)
      if (meaning === 'new' && society === this.#parts.ledger.self) {
        this.#parts.publish(certificate)
      }
      if (meaning !== 'new' && meaning !== 'known') this.#wanted.delete(actor)
    }
    this.#wanted.delete(actor)
    this.#collecting.delete(actor)
  }

  /** Asks all witnesses for their acknowledgement; a certificate as soon as they are enough. */
  async #ask(society: SocietyKey, placed: ChangePlaced): Promise<Certificate | undefined> {
    const appointments = this.certificates.appointmentsOf(society)
    const witnesses = appointments.at(-1)?.witnesses ?? []
    const quorum = quorumOf(witnesses.length)
    const termPlaced = { ...placed, term: appointments.length - 1 }
    const found: Certificate['acknowledgements'][number][] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const asked = witnesses.map(async (witness) => {
      const signature = await this.#acknowledgementOf(witness, termPlaced)
      if (signature !== undefined) found.push({ witness, signature })
      if (found.length >= quorum) resolve()
    })
    void Promise.all(asked).then(() => resolve())
    await promise
    if (found.length < quorum) return undefined
    const acknowledgements = found.toSorted((a, b) => (a.witness < b.witness ? -1 : 1))
    return { ...termPlaced, acknowledgements }
  }

  async #acknowledgementOf(
    witness: SocietyKey,
    placed: TermPlaced,
  ): Promise<Uint8Array | undefined> {
    const { ledger, verifier } = this.#parts
    if (witness === ledger.self) return this.#witness.acknowledge(placed).catch(() => undefined)
    const body = Uint8Array.of(tags.acknowledgement, ...encodeTermPlaced(placed))
    const signature = await this.#request(witness, body)
    const isValid =
      signature !== undefined &&
      verifier.verify(signature, acknowledgementMessage(placed), bytesOfKey(witness))
    return isValid ? signature : undefined
  }

  /** Asks the author and its witnesses for a certificate that there may be already. */
  async #fetch(society: SocietyKey, actor: Actor): Promise<Certificate | undefined> {
    const { ledger } = this.#parts
    if (society === ledger.self) return undefined
    for (const asked of [society, ...this.certificates.witnessesOf(society)]) {
      const certificate = await this.#newerOf(asked, actor)
      if (certificate !== undefined) return certificate
    }
    return undefined
  }

  /** A newer certificate than the one known that another node has. */
  async #newerOf(asked: SocietyKey, actor: Actor): Promise<Certificate | undefined> {
    if (asked === this.#parts.ledger.self) return undefined
    const body = Uint8Array.of(tags.certificate, ...encoder.encode(actor))
    const answer = await this.#request(asked, body)
    const certificate = answer === undefined ? undefined : decodeCertificate(answer)
    if (certificate?.ok !== true || certificate.value.actor !== actor) return undefined
    const known = this.certificates.of(actor)?.seq ?? 0
    return certificate.value.seq > known ? certificate.value : undefined
  }

  /** A society signed two pasts: what its witnesses acknowledged before still tells which holds. */
  convicted(society: SocietyKey): void {
    const actor = actorOf('pool', society)
    if (this.#stopped || this.#seeking.has(actor)) return
    this.#seeking.add(actor)
    void this.#seek(society, actor).finally(() => {
      this.#seeking.delete(actor)
      // What is certified may be taken, and what nobody has certified is given up.
      if (!this.#stopped) this.#parts.onCertified()
    })
  }

  async #seek(society: SocietyKey, actor: Actor): Promise<void> {
    const { log, onCertified } = this.#parts
    try {
      await this.certificates.remember(society)
    } catch (error) {
      log.warn('witnesses-not-remembered', { actor, error: String(error) })
    }
    if (this.certificates.witnessesOf(society).length === 0) return
    // What is certified by those may be taken all the same.
    onCertified()
    for (let round = 0; round < seekRoundsMax && !this.#stopped; round++) {
      if (round > 0) await this.#pause(`liar ${actor}`, seekPauseMs)
      // Of all, for each may have an older one, or tell a lie.
      for (const asked of [...this.certificates.witnessesOf(society), society]) {
        const certificate = await this.#newerOf(asked, actor)
        if (certificate !== undefined) await this.take(certificate)
      }
    }
  }

  async #request(society: SocietyKey, body: Uint8Array): Promise<Uint8Array | undefined> {
    const { network, peersOf, log } = this.#parts
    for (const peer of peersOf(society)) {
      try {
        const answer = await network.request(peer, protocols.acknowledge, body)
        if (answer[0] === body[0]) return answer.slice(1)
        log.debug('not-acknowledged', { peer, why: decoder.decode(answer.slice(1)) })
      } catch (error) {
        log.debug('witness-unavailable', { peer, error: String(error) })
      }
    }
    return undefined
  }

  async #answer(peer: PeerName, question: Uint8Array): Promise<Uint8Array> {
    try {
      const answer = await this.#answered(peer, question[0], question.subarray(1))
      return Uint8Array.of(question[0] as number, ...answer)
    } catch (error) {
      if (error instanceof Failure) return refused(error)
      return refused(new Failure('store-damaged', codes['store-damaged'][1]))
    }
  }

  async #answered(peer: PeerName, tag: number | undefined, body: Uint8Array): Promise<Uint8Array> {
    if (tag === tags.certificate) {
      const certificate = this.certificates.of(decoder.decode(body) as Actor)
      if (certificate === undefined) throw new Failure('unknown-reference', 'none is known here')
      return encodeCertificate(certificate)
    }
    if (tag === tags.appointment) {
      const asked = decodeAskedFor(body)
      if (!asked.ok) throw new Failure('malformed', 'no question to a witness')
      this.#assertOwn(peer, asked.value.appointing.actor)
      return this.#witness.appoint(asked.value)
    }
    const placed = decodeTermPlaced(body)
    if (!placed.ok || (tag !== tags.end && tag !== tags.acknowledgement)) {
      throw new Failure('malformed', 'no question to a witness')
    }
    if (tag === tags.acknowledgement) return this.#witness.acknowledge(placed.value)
    this.#assertOwn(peer, placed.value.actor)
    const signed = await this.#witness.end(placed.value)
    return signed === undefined ? new Uint8Array() : encodeAskedFor(signed)
  }

  /** Refuses whoever asks about the witnesses of another society than its own. */
  #assertOwn(peer: PeerName, actor: Actor): void {
    const asking = this.#parts.societyOf(peer)
    if (asking !== undefined && asking === ownerOfActor(actor)?.key) return
    throw new Failure('not-authorised', 'a society alone has its witnesses replaced')
  }

  /** Whether what a liar handed over is certified by nobody, and not looked for any more. */
  async isLost(placed: ChangePlaced): Promise<boolean> {
    const giver = keyOfActor(placed.actor)
    if (!this.#parts.ledger.forks.convicted(giver) || this.#seeking.has(placed.actor)) return false
    return (await this.refusal(placed)) !== undefined
  }

  /** Why what another society handed over is not taken yet; undefined where it may be. */
  async refusal(placed: ChangePlaced): Promise<Failure | undefined> {
    const { held, self } = this.#parts.ledger
    const giver = keyOfActor(placed.actor)
    const isAsked = held.trust(self).policy.acceptFinality === 1
    const appointments = this.certificates.appointmentsOf(giver)
    const witnesses = appointments[termAt(appointments, placed.seq)]?.witnesses ?? []
    if (!isAsked || giver === self || witnesses.length === 0) return undefined
    if (await this.certificates.covers(placed)) return undefined
    this.want(placed)
    return new Failure('uncertified', 'the giver’s witnesses have not acknowledged it yet')
  }
}
