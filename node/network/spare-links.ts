import type { PeerName } from '../../src/index.ts'
import type { NetworkLimits } from './limits.ts'

type Parts = {
  readonly limits: Pick<
    NetworkLimits,
    | 'spareMessagesMax'
    | 'spareTellMs'
    | 'spareTrialMs'
    | 'spareUseMs'
    | 'spareRefusalMs'
    | 'sparedIdsMax'
    | 'scoredPeersMax'
  >
  readonly nowMs: () => number
  /** Tells a peer that it need not send a message which is here, nor others of that way. */
  refuse(peer: PeerName, id: string): void
  /** Offers messages to a peer, which asks for those that it lacks. */
  offer(peer: PeerName, topic: string, ids: readonly string[]): void
}

/** A neighbour, for the messages of one way. */
type Link = {
  /** Whether it has them from elsewhere. */
  spare: boolean
  /** Since when they are sent to it. */
  sinceMs: number
  /** When it was told that it need not send them. */
  refusedMs: number
}

/** By which way messages come: who sends them, and who wrote them. */
type Way = {
  readonly source: PeerName
  readonly links: Map<PeerName, Link>
  /** When a spare link was used for it. */
  usedMs: number
}

/** Bytes in which messages of one author are equal: their type and its actor (R63, R64). */
const beginBytes = 34

/**
 * Which neighbours need not be sent what comes by a certain way, for they have it from elsewhere:
 * mostly from its author, who tells everybody itself. Such a link is spare. Of the spare ones one,
 * each time another, is sent a message all the same, unless they come in quick succession: where an
 * author told but some, the message is news to it and comes by a new way, of which no link is
 * spare. All others are offered it a moment later; who asks is sent such at once from then on.
 *
 * Invariants: a link becomes spare only by what the neighbour itself said or sent, so a liar can
 * but keep itself waiting; what is not sent is offered; what is remembered is bounded in messages,
 * ways and neighbours.
 */
export class SpareLinks {
  readonly #parts: Parts
  /** Messages by id, the newest last: by which way the first copy came. */
  readonly #messages = new Map<string, Way>()
  /** By source and beginning, the newest last. */
  readonly #ways = new Map<string, Way>()
  /** By neighbour and topic: what is to be offered. */
  readonly #offers = new Map<PeerName, Map<string, string[]>>()
  #timer: NodeJS.Timeout | undefined
  #turn = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The first copy of a message came in. */
  arrived(id: string, source: PeerName, data: Uint8Array): void {
    const { spareMessagesMax } = this.#parts.limits
    const begin = Buffer.from(data.buffer, data.byteOffset, Math.min(beginBytes, data.length))
    const name = `${source} ${begin.toString('latin1')}`
    const way = this.#ways.get(name) ?? newWay(source)
    this.#ways.set(name, way)
    this.#messages.set(id, way)
    dropOldest(this.#ways, spareMessagesMax)
    dropOldest(this.#messages, spareMessagesMax)
  }

  /** Another copy came in: its sender has it from elsewhere, and need not send such. */
  arrivedAgain(id: string, sender: PeerName): void {
    const link = this.#linkOf(id, sender)
    if (link === undefined) return
    link.spare = true
    // Now and then it sends one all the same.
    const nowMs = this.#parts.nowMs()
    if (nowMs - link.refusedMs < this.#parts.limits.spareRefusalMs) return
    link.refusedMs = nowMs
    this.#parts.refuse(sender, id)
  }

  /** A neighbour said that it has a message. */
  has(id: string, neighbour: PeerName): void {
    const link = this.#linkOf(id, neighbour)
    if (link !== undefined) link.spare = true
  }

  /** A neighbour asked for a message: nobody else sends it such. */
  lacks(id: string, neighbour: PeerName): void {
    const link = this.#linkOf(id, neighbour)
    if (link === undefined) return
    link.spare = false
    // As if it had been sent such for long: nothing has to be found out.
    link.sinceMs = -Infinity
  }

  /**
   * Whether a message should first have time to reach the neighbours by other ways: one of them
   * may have it from elsewhere, or has, and is to be sent it all the same.
   */
  mayWait(id: string, neighbours: Iterable<PeerName>): boolean {
    const way = this.#messages.get(id)
    if (way === undefined) return false
    const began = this.#parts.nowMs() - this.#parts.limits.spareTrialMs
    return [...neighbours].some((peer) => {
      if (peer === way.source) return false
      const link = way.links.get(peer)
      return link?.spare === true ? this.#isDue(way) : !(link && link.sinceMs <= began)
    })
  }

  /** Of the neighbours that a message would be sent to those that it is only offered to. */
  spare(id: string, topic: string, neighbours: Iterable<PeerName>): readonly PeerName[] {
    const spared: PeerName[] = []
    for (const peer of neighbours) if (this.#linkOf(id, peer)?.spare === true) spared.push(peer)
    const way = this.#messages.get(id)
    if (way !== undefined && spared.length > 0 && this.#isDue(way)) {
      way.usedMs = this.#parts.nowMs()
      spared.splice(this.#turn++ % spared.length, 1)
    }
    for (const peer of spared) this.#offer(peer, topic, id)
    return spared
  }

  /** Forgets a peer that left. */
  forget(peer: PeerName): void {
    for (const [name, { source, links }] of this.#ways) {
      if (source === peer) this.#ways.delete(name)
      links.delete(peer)
    }
    for (const [id, { source }] of this.#messages) if (source === peer) this.#messages.delete(id)
    this.#offers.delete(peer)
  }

  /** Drops what was to be offered. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#offers.clear()
  }

  #isDue({ usedMs }: Way): boolean {
    return this.#parts.nowMs() - usedMs >= this.#parts.limits.spareUseMs
  }

  /** What is known of a neighbour for a message; undefined for its source and without one. */
  #linkOf(id: string, neighbour: PeerName): Link | undefined {
    const way = this.#messages.get(id)
    if (way === undefined || way.source === neighbour) return undefined
    const known = way.links.get(neighbour)
    if (known !== undefined) return known
    const link = { spare: false, sinceMs: this.#parts.nowMs(), refusedMs: -Infinity }
    // A frame that comes in after its peer left would leave a link behind.
    if (way.links.size >= this.#parts.limits.scoredPeersMax) way.links.clear()
    way.links.set(neighbour, link)
    return link
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

function newWay(source: PeerName): Way {
  return { source, links: new Map(), usedMs: -Infinity }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.size > most ? map.keys() : []
  if (oldest !== undefined) map.delete(oldest)
}
