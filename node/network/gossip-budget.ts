import type { PeerName } from '../../src/index.ts'
import type { Counters } from './counters.ts'
import type { GossipFrame } from './gossip-internals.ts'
import type { NetworkLimits } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

type Parts = {
  readonly limits: Pick<
    NetworkLimits,
    | 'gossipMessagesPerSecond'
    | 'gossipMessagesBurst'
    | 'gossipBytesPerSecond'
    | 'gossipExcessPerSecond'
    | 'gossipBytesMax'
    | 'gossipFrameBytesMax'
    | 'topicLengthMax'
    | 'scoredPeersMax'
  >
  readonly counters: Counters
  readonly nowMs: () => number
  /** Whether we listen to a topic. */
  wants(topic: string): boolean
  penalise(peer: PeerName, code: string): void
}

type Account = {
  readonly messages: TokenBucket
  readonly bytes: TokenBucket
  excess: number
  excessSinceMs: number
}

/** Subscriptions and control entries that cost as much as one message. */
const entriesPerMessage = 16

/**
 * What each peer may send in gossip, in messages and bytes, for gossipsub itself has no budget.
 * What is over it is dropped, which sync repairs; far over it costs the peer points. Subscriptions
 * are never dropped for it: they are told once, and a lost one would silence us for the peer.
 */
export class GossipBudget {
  readonly #parts: Parts
  readonly #accounts = new Map<PeerName, Account>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The part of a frame that is within budget, for topics that we listen to. */
  admit(peer: PeerName, frame: GossipFrame): GossipFrame {
    const { limits, nowMs } = this.#parts
    const account = this.#accountOf(peer)
    this.#charge(peer, account, costOf(frame))
    const subscriptions = frame.subscriptions.filter(
      ({ topic }) => topic !== undefined && topic.length <= limits.topicLengthMax,
    )
    const messages = frame.messages.filter((message) => {
      const bytes = message.data?.length ?? 0
      if (bytes > limits.gossipBytesMax) {
        this.#parts.penalise(peer, 'too-large')
        return false
      }
      if (!this.#charge(peer, account, 1)) return false
      if (account.bytes.waitMs(bytes, nowMs()) > 0) return this.#drop(peer, account, 1)
      account.bytes.take(bytes, nowMs())
      // Without this, gossipsub would keep messages of any topic for five seconds.
      return this.#parts.wants(message.topic)
    })
    frame.subscriptions = subscriptions
    frame.messages = messages
    return frame
  }

  /** Forgets a peer that left. */
  forget(peer: PeerName): void {
    this.#accounts.delete(peer)
  }

  #accountOf(peer: PeerName): Account {
    const known = this.#accounts.get(peer)
    if (known) return known
    const { limits, nowMs } = this.#parts
    const account: Account = {
      messages: new TokenBucket(
        limits.gossipMessagesPerSecond,
        limits.gossipMessagesBurst,
        nowMs(),
      ),
      bytes: new TokenBucket(limits.gossipBytesPerSecond, limits.gossipFrameBytesMax * 4, nowMs()),
      excess: 0,
      excessSinceMs: nowMs(),
    }
    // A frame that comes in after its peer left would leave an account behind.
    if (this.#accounts.size >= limits.scoredPeersMax) this.#accounts.clear()
    this.#accounts.set(peer, account)
    return account
  }

  #charge(peer: PeerName, account: Account, cost: number): boolean {
    const nowMs = this.#parts.nowMs()
    if (account.messages.waitMs(cost, nowMs) > 0) return this.#drop(peer, account, cost)
    account.messages.take(cost, nowMs)
    return true
  }

  #drop(peer: PeerName, account: Account, cost: number): false {
    const { counters, limits, nowMs } = this.#parts
    counters.add('gossip.dropped-over-budget')
    if (nowMs() - account.excessSinceMs >= 1000) {
      account.excess = 0
      account.excessSinceMs = nowMs()
    }
    const before = account.excess
    account.excess += cost
    if (before < limits.gossipExcessPerSecond && account.excess >= limits.gossipExcessPerSecond) {
      this.#parts.penalise(peer, 'rate-limited')
    }
    return false
  }
}

/** In messages. Subscriptions told one by one cost one each: who tells many does so at once. */
const costOf = ({ control = {}, subscriptions }: GossipFrame): number => {
  const told = subscriptions.length
  const entries = Object.values(control).reduce((sum, { length }) => sum + length, told)
  return Math.max(told > 0 ? 1 : 0, entries / entriesPerMessage)
}
