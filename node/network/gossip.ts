import { StrictNoSign, gossipsub } from '@libp2p/gossipsub'
import type { GossipSub, GossipSubComponents, GossipsubMessage } from '@libp2p/gossipsub'

import type { GossipVerdict, Log, PeerName } from '../../src/index.ts'
import type { Counters } from './counters.ts'
import { GossipBudget } from './gossip-budget.ts'
import {
  gossipInternals,
  guardForwards,
  guardFrames,
  openStreamsSideBySide,
  sendControl,
} from './gossip-internals.ts'
import type { GossipControl, GossipInternals } from './gossip-internals.ts'
import { gossipOptions, topicScoreParams } from './gossip-options.ts'
import type { NetworkLimits } from './limits.ts'
import { bytesOfMessageId, messageIdText } from './message-id.ts'
import { PublishQueue } from './publish-queue.ts'
import { SpareLinks } from './spare-links.ts'
import { VerdictQueue } from './verdict-queue.ts'
import type { PendingMessage } from './verdict-queue.ts'

type Parts = {
  readonly limits: NetworkLimits
  readonly counters: Counters
  readonly log: Log
  readonly nowMs: () => number
  judge(peer: PeerName, topic: string, data: Uint8Array): Promise<GossipVerdict>
  penalise(peer: PeerName, code: string): void
  /** A peer gave a sign of life. */
  heard(peer: PeerName): void
}

/** The service to give to libp2p; `score` is what our own books say of a peer, 0 for a good one. */
export const gossipService = (
  limits: NetworkLimits,
  score: (peer: PeerName) => number,
): ((components: GossipSubComponents) => GossipSub) =>
  gossipsub({ ...gossipOptions(limits, score), globalSignaturePolicy: StrictNoSign })

/**
 * gossipsub with bounds on both sides: what comes in passes a budget per peer and a queue, what
 * goes out is paced. Gossip is a hint: every drop here is counted and repaired by sync.
 */
export class Gossip {
  readonly #parts: Parts
  readonly #gossipsub: GossipSub
  readonly #internals: GossipInternals
  readonly #topics = new Set<string>()
  readonly #budget: GossipBudget
  readonly #verdicts: VerdictQueue
  readonly #publishes: PublishQueue
  readonly #links: SpareLinks
  /** Messages that are passed on in a moment. */
  readonly #forwards = new Set<NodeJS.Timeout>()
  #started = false

  constructor(gossipsubService: GossipSub, parts: Parts) {
    const { limits, counters, log, nowMs } = parts
    this.#parts = parts
    this.#gossipsub = gossipsubService
    this.#internals = gossipInternals(gossipsubService)
    this.#budget = new GossipBudget({
      limits,
      counters,
      nowMs,
      wants: (topic) => this.#topics.has(topic),
      penalise: (peer, code) => parts.penalise(peer, code),
    })
    this.#verdicts = new VerdictQueue({
      limits,
      counters,
      log,
      nowMs,
      judge: async ({ peer, topic, data }) => parts.judge(peer, topic, data),
      settle: (message, verdict) => this.#settle(message, verdict),
    })
    this.#publishes = new PublishQueue({
      limits,
      counters,
      log,
      nowMs,
      send: async (topic, data) => this.#send(topic, data),
    })
    this.#links = new SpareLinks({
      limits,
      nowMs,
      refuse: (peer, id) => this.#refuse(peer, id),
      offer: (peer, topic, ids) => this.#offer(peer, topic, ids),
    })
    this.#guard()
  }

  /** Announces the topics subscribed so far; to be called once libp2p runs. */
  start(): void {
    this.#started = true
    for (const topic of this.#topics) this.#join(topic)
  }

  /** Drops what waits; to be called before libp2p stops. */
  stop(): void {
    this.#started = false
    for (const timer of this.#forwards) clearTimeout(timer)
    this.#links.stop()
    this.#publishes.stop()
    this.#verdicts.stop()
  }

  subscribe(topic: string): void {
    if (this.#topics.has(topic)) return
    this.#topics.add(topic)
    if (this.#started) this.#join(topic)
  }

  unsubscribe(topic: string): void {
    if (!this.#topics.delete(topic) || !this.#started) return
    // Its score parameters stay: gossipsub looks them up for every peer that ever used the topic.
    this.#gossipsub.unsubscribe(topic)
  }

  publish(topic: string, data: Uint8Array): void {
    if (this.#started) this.#publishes.push(topic, data)
  }

  /** gossipsub's score of a peer, our own books included; see `graylistScore`. */
  score(peer: PeerName): number {
    return this.#internals.score.score(peer)
  }

  /** Whether gossipsub has a stream to a peer, or believes it has. */
  reaches(peer: PeerName): boolean {
    return this.#internals.streamsOutbound.has(peer)
  }

  /** Makes gossipsub forget a stream: one that is reset while it opens stays in its books. */
  forgetStream(peer: PeerName): void {
    this.#internals.streamsOutbound.delete(peer)
  }

  /** Peers that are linked to us in the mesh of a topic. */
  mesh(topic: string): readonly PeerName[] {
    return [...(this.#internals.mesh.get(topic) ?? [])]
  }

  /** Forgets the budget of a peer that left. */
  forget(peer: PeerName): void {
    this.#budget.forget(peer)
    this.#links.forget(peer)
  }

  #guard(): void {
    guardFrames(this.#internals, {
      admit: (peer, frame) => {
        this.#parts.heard(peer)
        const admitted = this.#budget.admit(peer, frame)
        this.#learn(peer, admitted.control)
        return admitted
      },
      unreadable: (peer, code) => {
        this.#parts.counters.add(`gossip.frame-${code}`)
        this.#parts.penalise(peer, code)
      },
    })
    guardForwards(this.#internals, {
      arrivedAgain: (id, sender) => {
        this.#parts.counters.add('gossip.copies')
        this.#links.arrivedAgain(id, sender)
      },
      spare: (id, topic, neighbours) => this.#links.spare(id, topic, neighbours),
    })
    openStreamsSideBySide(this.#internals)
    this.#gossipsub.addEventListener('gossipsub:message', (event) => this.#receive(event.detail))
  }

  /** What a frame says of messages that came from others. */
  #learn(peer: PeerName, { iwant = [], idontwant = [] }: GossipControl = {}): void {
    for (const id of this.#idsOf(idontwant)) this.#links.has(id, peer)
    for (const id of this.#idsOf(iwant)) this.#links.lacks(id, peer)
  }

  /** The ids that a part of a frame names, as many as an honest one does. */
  #idsOf(entries: NonNullable<GossipControl['iwant']>): readonly string[] {
    const most = this.#parts.limits.sparedIdsMax
    const ids = entries.slice(0, most).flatMap(({ messageIDs = [] }) => messageIDs.slice(0, most))
    return ids.slice(0, most).map(messageIdText)
  }

  #refuse(peer: PeerName, id: string): void {
    this.#parts.counters.add('gossip.refusals')
    sendControl(this.#internals, peer, { idontwant: [{ messageIDs: [bytesOfMessageId(id)] }] })
  }

  #offer(peer: PeerName, topic: string, ids: readonly string[]): void {
    this.#parts.counters.add('gossip.offers')
    const offered = { topicID: topic, messageIDs: ids.map(bytesOfMessageId) }
    sendControl(this.#internals, peer, { ihave: [offered] })
  }

  /** A listener that throws would end the process. */
  #receive({ propagationSource, msgId, msg }: GossipsubMessage): void {
    try {
      this.#parts.counters.add('gossip.received')
      if (this.#isFlooded(msg.topic)) {
        this.#links.arrived(msgId, propagationSource.toString(), msg.data)
      }
      this.#verdicts.push({
        peer: propagationSource.toString(),
        topic: msg.topic,
        id: msgId,
        // gossipsub goes on using its bytes, which are part of a larger buffer.
        data: msg.data.slice(),
        arrivedMs: this.#parts.nowMs(),
      })
    } catch (error) {
      this.#parts.log.error('gossip-not-taken', { error: String(error) })
    }
  }

  #settle(message: PendingMessage, verdict: GossipVerdict): void {
    const { counters, limits } = this.#parts
    counters.add(`gossip.verdict-${verdict}`)
    if (verdict === 'reject') this.#parts.penalise(message.peer, 'gossip-rejected')
    const { id, topic } = message
    const mayWait = this.#isFlooded(topic) && this.#links.mayWait(id, this.mesh(topic))
    if (verdict !== 'accept' || !mayWait) {
      this.#report(message, verdict)
      return
    }
    // Whoever speaks tells everybody itself here: whom it reaches hears it from it first.
    const timer = setTimeout(() => {
      this.#forwards.delete(timer)
      this.#report(message, verdict)
    }, limits.forwardPauseMs)
    this.#forwards.add(timer)
  }

  #report({ id, peer }: PendingMessage, verdict: GossipVerdict): void {
    try {
      this.#internals.reportMessageValidationResult(id, peer, verdict)
    } catch (error) {
      this.#parts.log.error('gossip-verdict-not-taken', { error: String(error) })
    }
  }

  /** Whether so few listen to a topic that its speakers send to all of them. */
  #isFlooded(topic: string): boolean {
    const listeners = this.#gossipsub.getSubscribers(topic).length
    return listeners <= this.#parts.limits.floodPublishPeersMax
  }

  #join(topic: string): void {
    this.#internals.score.params.topics[topic] ??= topicScoreParams
    this.#gossipsub.subscribe(topic)
  }

  async #send(topic: string, data: Uint8Array): Promise<void> {
    await this.#internals.publish(topic, data, { floodPublish: this.#isFlooded(topic) })
  }
}
