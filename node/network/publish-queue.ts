import type { Log } from '../../src/index.ts'
import type { Counters } from './counters.ts'
import type { NetworkLimits } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

type Message = { readonly topic: string; readonly data: Uint8Array }

type Parts = {
  readonly limits: Pick<
    NetworkLimits,
    | 'gossipBytesMax'
    | 'publishesPerSecond'
    | 'publishBytesPerSecond'
    | 'publishQueueMax'
    | 'publishQueueBytesMax'
  >
  readonly counters: Counters
  readonly log: Log
  readonly nowMs: () => number
  send(topic: string, data: Uint8Array): Promise<void>
}

/**
 * Paces own messages, for gossipsub takes all it is given and buffers without bound.
 *
 * Invariants: what waits is bounded in number and bytes, the oldest is dropped for the newest
 * (newer heads and frontiers say more); messages leave in order, one at a time.
 */
export class PublishQueue {
  readonly #parts: Parts
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  readonly #waiting: Message[] = []
  #waitingBytes = 0
  #timer: NodeJS.Timeout | undefined
  #sending = false
  #stopped = false

  constructor(parts: Parts) {
    const { limits } = parts
    this.#parts = parts
    const nowMs = parts.nowMs()
    // A second's worth may leave at once.
    this.#messages = new TokenBucket(limits.publishesPerSecond, limits.publishesPerSecond, nowMs)
    this.#bytes = new TokenBucket(limits.publishBytesPerSecond, limits.publishBytesPerSecond, nowMs)
  }

  /** Takes a copy of a message; one that is too large is dropped and told to the log. */
  push(topic: string, data: Uint8Array): void {
    const { limits, counters, log } = this.#parts
    if (this.#stopped) return
    if (data.length > limits.gossipBytesMax) {
      counters.add('publish.dropped-too-large')
      log.error('gossip-too-large', { topic, bytes: data.length, most: limits.gossipBytesMax })
      return
    }
    this.#waiting.push({ topic, data: data.slice() })
    this.#waitingBytes += data.length
    while (
      this.#waiting.length > limits.publishQueueMax ||
      this.#waitingBytes > limits.publishQueueBytesMax
    ) {
      this.#shift()
      counters.add('publish.dropped-queue-full')
    }
    this.#wake()
  }

  /** Drops what waits. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#waiting.length = 0
  }

  #shift(): Message | undefined {
    const message = this.#waiting.shift()
    this.#waitingBytes -= message?.data.length ?? 0
    return message
  }

  #wake(): void {
    if (this.#sending || this.#stopped || this.#timer !== undefined) return
    this.#sending = true
    void this.#run().finally(() => {
      this.#sending = false
      // A message that came in the very moment the last one left would otherwise wait for the next.
      if (this.#waiting.length > 0) this.#wake()
    })
  }

  async #run(): Promise<void> {
    const { counters, log, nowMs } = this.#parts
    for (;;) {
      const next = this.#waiting[0]
      if (next === undefined || this.#stopped) return
      const waitMs = Math.max(
        this.#messages.waitMs(1, nowMs()),
        this.#bytes.waitMs(next.data.length, nowMs()),
      )
      if (waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined
          this.#wake()
        }, waitMs)
        return
      }
      this.#shift()
      this.#messages.take(1, nowMs())
      this.#bytes.take(next.data.length, nowMs())
      counters.add('publish.sent')
      try {
        await this.#parts.send(next.topic, next.data)
      } catch (error) {
        counters.add('publish.failed')
        log.warn('gossip-not-sent', { topic: next.topic, error: String(error) })
      }
    }
  }
}
