import type { PeerName } from '../../src/index.ts'
import type { NetworkLimits } from './limits.ts'

type Parts = {
  readonly limits: Pick<NetworkLimits, 'spareMessagesMax' | 'spareTellMs' | 'sparedIdsMax'>
  readonly nowMs: () => number
  /** Tells a peer that it need not send a message which is here, nor others of that way. */
  refuse(peer: PeerName, id: string): void
  /** Offers messages to a peer, which asks for those that it lacks. */
  offer(peer: PeerName, topic: string, ids: readonly string[]): void
}

/**
 * Which neighbours need not be sent what a certain peer sends, for they have it from elsewhere:
 * mostly from that peer itself. Such a link is spare. What is not sent over it is offered a moment
 * later, so that a neighbour which lacks it asks for it, and from then on is sent it at once.
 *
 * Invariants: a link becomes spare only by what the neighbour itself said or sent, so a liar can
 * but keep itself waiting; nothing that passes a spare link is not offered; what is remembered is
 * bounded in messages, and in links by the peers that are connected.
 */
export class SpareLinks {
  readonly #parts: Parts
  /** Messages by id, the newest last: who sent the first copy. */
  readonly #sources = new Map<string, PeerName>()
  /** By who sends: the neighbours that have it from elsewhere. */
  readonly #spare = new Map<PeerName, Set<PeerName>>()
  /** By neighbour and topic: what is to be offered. */
  readonly #offers = new Map<PeerName, Map<string, string[]>>()
  readonly #refusedAtMs = new Map<PeerName, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The first copy of a message came in. */
  arrived(id: string, source: PeerName): void {
    this.#sources.set(id, source)
    if (this.#sources.size <= this.#parts.limits.spareMessagesMax) return
    for (const oldest of this.#sources.keys()) {
      this.#sources.delete(oldest)
      return
    }
  }

  /** Another copy came in: its sender has it from elsewhere, and need not send such. */
  arrivedAgain(id: string, sender: PeerName): void {
    if (!this.has(id, sender)) return
    const nowMs = this.#parts.nowMs()
    const refusedAtMs = this.#refusedAtMs.get(sender) ?? -Infinity
    // Told once it keeps to it; one that does not is not worth a message for each of its own.
    if (nowMs - refusedAtMs < this.#parts.limits.spareTellMs) return
    this.#refusedAtMs.set(sender, nowMs)
    this.#parts.refuse(sender, id)
  }

  /** A neighbour said that it has a message, or sent it; false where that tells nothing. */
  has(id: string, neighbour: PeerName): boolean {
    const source = this.#sources.get(id)
    if (source === undefined || source === neighbour) return false
    const links = this.#spare.get(source) ?? new Set()
    this.#spare.set(source, links.add(neighbour))
    return true
  }

  /** A neighbour asked for a message: it is not sent such by anybody else. */
  lacks(id: string, neighbour: PeerName): void {
    const source = this.#sources.get(id)
    if (source !== undefined) this.#spare.get(source)?.delete(neighbour)
  }

  /** Of the neighbours that a message would be sent to those that it is only offered to. */
  spare(id: string, topic: string, neighbours: Iterable<PeerName>): readonly PeerName[] {
    const source = this.#sources.get(id)
    const links = source === undefined ? undefined : this.#spare.get(source)
    if (links === undefined) return []
    const spared = [...neighbours].filter((peer) => peer !== source && links.has(peer))
    for (const peer of spared) this.#offer(peer, topic, id)
    return spared
  }

  /** Forgets a peer that left. */
  forget(peer: PeerName): void {
    this.#spare.delete(peer)
    for (const links of this.#spare.values()) links.delete(peer)
    this.#offers.delete(peer)
    this.#refusedAtMs.delete(peer)
  }

  /** Drops what was to be offered. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#offers.clear()
  }

  #offer(peer: PeerName, topic: string, id: string): void {
    const topics = this.#offers.get(peer) ?? new Map<string, string[]>()
    const ids = topics.get(topic) ?? []
    ids.push(id)
    if (ids.length > this.#parts.limits.sparedIdsMax) ids.shift()
    this.#offers.set(peer, topics.set(topic, ids))
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#tell()
    }, this.#parts.limits.spareTellMs)
  }

  #tell(): void {
    for (const [peer, topics] of this.#offers) {
      for (const [topic, ids] of topics) this.#parts.offer(peer, topic, ids)
    }
    this.#offers.clear()
  }
}
