import type { GossipVerdict, Log, PeerName } from '../../src/index.ts'
import type { Counters } from './counters.ts'
import type { NetworkLimits } from './limits.ts'

/** A received message that waits for a verdict; its data is a copy of our own. */
export type PendingMessage = {
  readonly peer: PeerName
  readonly topic: string
  readonly id: string
  readonly data: Uint8Array
  readonly arrivedMs: number
}

type Parts = {
  readonly limits: Pick<
    NetworkLimits,
    | 'verdictQueueMax'
    | 'verdictQueueBytesMax'
    | 'verdictQueuePerPeerMax'
    | 'verdictsMax'
    | 'verdictsPerTurnMax'
    | 'verdictMs'
  >
  readonly counters: Counters
  readonly log: Log
  readonly nowMs: () => number
  judge(message: PendingMessage): Promise<GossipVerdict>
  /** Called once for every message pushed, also for those that were dropped. */
  settle(message: PendingMessage, verdict: GossipVerdict): void
}

/**
 * Between gossipsub, which validates without any bound, and the replica.
 *
 * Invariants: the messages waiting and being judged are bounded in number, in bytes and per peer;
 * peers take turns, so a loud one cannot starve the others; at most `verdictsMax` are being judged,
 * a judge that hangs keeps its place; every message is settled exactly once, within `verdictMs`.
 */
export class VerdictQueue {
  readonly #parts: Parts
  readonly #waiting = new Map<PeerName, PendingMessage[]>()
  readonly #deadlines = new Set<NodeJS.Timeout>()
  #count = 0
  #bytes = 0
  #judging = 0
  #turn: NodeJS.Immediate | undefined
  #stopped = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Takes a message, or drops it (verdict ignore) where a bound is reached. */
  push(message: PendingMessage): void {
    const { limits, counters } = this.#parts
    const ofPeer = this.#waiting.get(message.peer) ?? []
    const full =
      this.#stopped ||
      this.#count >= limits.verdictQueueMax ||
      this.#bytes + message.data.length > limits.verdictQueueBytesMax ||
      ofPeer.length >= limits.verdictQueuePerPeerMax
    if (full) {
      counters.add('gossip.dropped-queue-full')
      this.#parts.settle(message, 'ignore')
      return
    }
    ofPeer.push(message)
    this.#waiting.set(message.peer, ofPeer)
    this.#count += 1
    this.#bytes += message.data.length
    this.#wake()
  }

  /** Drops what waits and forgets what is being judged. */
  stop(): void {
    this.#stopped = true
    if (this.#turn !== undefined) clearImmediate(this.#turn)
    for (const deadline of this.#deadlines) clearTimeout(deadline)
    this.#deadlines.clear()
    this.#waiting.clear()
  }

  #wake(): void {
    if (this.#turn !== undefined || this.#stopped || this.#count === 0) return
    if (this.#judging >= this.#parts.limits.verdictsMax) return
    // One frame may carry thousands of messages: sockets and timers get their turn in between.
    this.#turn = setImmediate(() => {
      this.#turn = undefined
      this.#run()
      this.#wake()
    })
  }

  #run(): void {
    const { limits, counters, nowMs } = this.#parts
    let started = 0
    while (started < limits.verdictsPerTurnMax && this.#judging < limits.verdictsMax) {
      const message = this.#next()
      if (message === undefined) return
      const remainingMs = message.arrivedMs + limits.verdictMs - nowMs()
      if (remainingMs <= 0) {
        counters.add('gossip.dropped-late')
        this.#leave(message)
        this.#parts.settle(message, 'ignore')
      } else {
        this.#judge(message, remainingMs)
      }
      started += 1
    }
  }

  /** The next message of the peer whose turn it is. */
  #next(): PendingMessage | undefined {
    for (const [peer, messages] of this.#waiting) {
      this.#waiting.delete(peer)
      const message = messages.shift()
      if (messages.length > 0) this.#waiting.set(peer, messages)
      if (message !== undefined) return message
    }
    return undefined
  }

  #leave(message: PendingMessage): void {
    this.#count -= 1
    this.#bytes -= message.data.length
  }

  #judge(message: PendingMessage, remainingMs: number): void {
    const { counters } = this.#parts
    this.#judging += 1
    let settled = false
    const settle = (verdict: GossipVerdict): void => {
      clearTimeout(deadline)
      this.#deadlines.delete(deadline)
      if (settled || this.#stopped) return
      settled = true
      this.#parts.settle(message, verdict)
    }
    const deadline = setTimeout(() => {
      counters.add('gossip.verdict-late')
      settle('ignore')
    }, remainingMs)
    this.#deadlines.add(deadline)
    void this.#ask(message, settle)
  }

  async #ask(message: PendingMessage, settle: (verdict: GossipVerdict) => void): Promise<void> {
    try {
      settle(await this.#parts.judge(message))
    } catch (error) {
      // Our own fault: the peer is not charged for it.
      this.#parts.log.error('gossip-handler-failed', { topic: message.topic, error: String(error) })
      this.#parts.counters.add('gossip.handler-failed')
      settle('ignore')
    } finally {
      this.#judging -= 1
      this.#leave(message)
      this.#wake()
    }
  }
}
