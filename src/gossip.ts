import {
  actorOf,
  decodeEvidence,
  decodeGossip,
  didOf,
  encodeGossip,
  ownerOfActor,
  type Actor,
  type Certificate,
  type ChangesFrame,
  type SignedHead,
  type SocietyKey,
} from '../protocol/index.ts'
import type { CertificateMeaning } from './finality/certificates.ts'
import type { Heads } from './heads.ts'
import type { Accepted } from './ledger/batch.ts'
import type { Ledger } from './ledger/ledger.ts'
import { gossipBytes, publishPauseMs } from './limits.ts'
import type { Clock, GossipVerdict, Network, PeerName } from './ports.ts'

/** Topic of a federation's trust documents. */
export function trustTopic(federation: string): string {
  return `/society/1/${federation}/trust`
}

/** Topic of one society's pool. */
export function poolTopic(federation: string, society: SocietyKey): string {
  return `/society/1/${federation}/pool/${didOf(society)}`
}

/** Topic of an actor's document; undefined for an actor of no known kind. */
export function topicOf(federation: string, actor: Actor): string | undefined {
  const owner = ownerOfActor(actor)
  if (owner === undefined) return undefined
  return owner.kind === 'trust' ? trustTopic(federation) : poolTopic(federation, owner.key)
}

/** Own changes as gossip frames: consecutive runs of one document within the size of a message. */
function framesOf(accepted: readonly Accepted[]): readonly ChangesFrame[] {
  const frames: { actor: Actor; changes: Uint8Array[]; signature: Uint8Array; bytes: number }[] = []
  for (const { actor, bytes, signature } of accepted) {
    if (signature === null) continue
    const last = frames.at(-1)
    if (last !== undefined && last.actor === actor && last.bytes + bytes.length <= gossipBytes) {
      last.changes.push(bytes)
      last.signature = signature
      last.bytes += bytes.length
    } else {
      frames.push({ actor, changes: [bytes], signature, bytes: bytes.length })
    }
  }
  return frames
}

/** What gossip needs of the node. */
export type GossipParts = {
  readonly federation: string
  readonly ledger: Ledger
  readonly heads: Heads
  readonly network: Network
  readonly clock: Clock
  /** Whether anything of a document's owner is held: what is said of others is not kept. */
  readonly knows: (actor: Actor) => boolean
  /** A peer seems to have something that is missing here. */
  readonly hint: (peer: PeerName) => void
  readonly takeCertificate: (certificate: Certificate) => Promise<CertificateMeaning>
  /** A head that is no contradiction was taken. */
  readonly onHead: () => void
}

/**
 * Sends own changes and heads to their topics and judges what arrives there. Changes that follow
 * each other quickly share a message, and with it a signature to be checked: the first leaves at
 * once, what comes within `publishPauseMs` after it leaves together.
 */
export class Gossip {
  readonly #parts: GossipParts
  readonly #waiting: Accepted[] = []
  #sentAt = -Infinity
  #cancel: (() => void) | undefined

  constructor(parts: GossipParts) {
    this.#parts = parts
  }

  /** Publishes own changes, now or with those that come soon after them. */
  publishChanges(accepted: readonly Accepted[]): void {
    if (accepted.length === 0) return
    const { clock } = this.#parts
    this.#waiting.push(...accepted)
    // Where the clock was set back, what was sent before seems to be yet to come.
    const waitMs = Math.min(publishPauseMs, this.#sentAt + publishPauseMs - clock.now())
    const bytes = this.#waiting.reduce((sum, change) => sum + change.bytes.length, 0)
    if (waitMs <= 0 || bytes >= gossipBytes) this.flush()
    else this.#cancel ??= clock.after(waitMs, () => this.flush())
  }

  /** Publishes what waits. */
  flush(): void {
    const { federation, network, clock } = this.#parts
    this.#cancel?.()
    this.#cancel = undefined
    this.#sentAt = clock.now()
    for (const frame of framesOf(this.#waiting.splice(0))) {
      const topic = topicOf(federation, frame.actor)
      if (topic !== undefined) network.publish(topic, encodeGossip({ type: 'changes', frame }))
    }
  }

  /** Publishes an own head, after the changes that it stands on. */
  publishHead(signed: SignedHead): void {
    this.flush()
    const { federation, network } = this.#parts
    const { author, document } = signed.head
    const topic = document === 'trust' ? trustTopic(federation) : poolTopic(federation, author)
    network.publish(topic, encodeGossip({ type: 'head', head: signed }))
  }

  /** Publishes evidence, unless it is too large for gossip: then sync brings it. */
  publishEvidence(evidence: Uint8Array): void {
    const { federation, network } = this.#parts
    const message = encodeGossip({ type: 'evidence', evidence })
    if (message.length <= gossipBytes) network.publish(trustTopic(federation), message)
  }

  /** Publishes a certificate of an own change. */
  publishCertificate(certificate: Certificate): void {
    this.flush()
    const { federation, network } = this.#parts
    const topic = topicOf(federation, certificate.actor)
    if (topic !== undefined)
      network.publish(topic, encodeGossip({ type: 'certificate', certificate }))
  }

  /**
   * Judges a message; the verdict says whether it is forwarded and whether its sender pays. What is
   * good is so before it is on disk here: its author has it on its own.
   */
  async take(peer: PeerName, topic: string, data: Uint8Array): Promise<GossipVerdict> {
    const message = decodeGossip(data)
    if (!message.ok) return 'reject'
    if (message.value.type === 'head') return this.#takeHead(peer, message.value.head)
    if (message.value.type === 'evidence') return this.#takeEvidence(message.value.evidence)
    if (message.value.type === 'certificate')
      return this.#takeCertificate(message.value.certificate)
    const { frame } = message.value
    if (topicOf(this.#parts.federation, frame.actor) !== topic) return 'reject'
    return this.#takeChanges(peer, frame)
  }

  #takeChanges(peer: PeerName, frame: ChangesFrame): Promise<GossipVerdict> {
    return new Promise((resolve) => {
      void this.#ingest(peer, frame, () => resolve('accept')).then(resolve)
    })
  }

  async #ingest(peer: PeerName, frame: ChangesFrame, passed: () => void): Promise<GossipVerdict> {
    const { verdict, missing } = await this.#parts.ledger.ingest(frame, peer, passed)
    if (missing !== undefined) this.#parts.hint(peer)
    return verdict
  }

  async #takeHead(peer: PeerName, signed: SignedHead): Promise<GossipVerdict> {
    const { author, document } = signed.head
    if (!this.#parts.knows(actorOf(document, author))) return 'ignore'
    const meaning = await this.#parts.heads.take(signed)
    if (meaning === 'bad-signature') return 'reject'
    if (meaning === 'early') return 'ignore'
    this.#parts.onHead()
    if (meaning === 'ahead') this.#parts.hint(peer)
    return 'accept'
  }

  async #takeCertificate(certificate: Certificate): Promise<GossipVerdict> {
    if (!this.#parts.knows(certificate.actor)) return 'ignore'
    const meaning = await this.#parts.takeCertificate(certificate)
    if (meaning === 'bad-signature') return 'reject'
    return meaning === 'new' ? 'accept' : 'ignore'
  }

  async #takeEvidence(bytes: Uint8Array): Promise<GossipVerdict> {
    const evidence = decodeEvidence(bytes)
    if (!evidence.ok) return 'reject'
    return this.#parts.knows(evidence.value.actor)
      ? this.#parts.ledger.takeEvidence(bytes)
      : 'ignore'
  }
}
