import { lpStream } from '@libp2p/utils'
import type { LengthPrefixedStream } from '@libp2p/utils'
import type { Connection, Stream } from '@libp2p/interface'

import { Failure } from '../../src/index.ts'
import type { Log, PeerName } from '../../src/index.ts'
import type { Counters } from './counters.ts'
import type { NetworkLimits } from './limits.ts'

/** Answers a request; what it throws closes the stream. */
export type RequestHandler = (peer: PeerName, body: Uint8Array) => Promise<Uint8Array>

type Parts = {
  readonly limits: NetworkLimits
  readonly counters: Counters
  readonly log: Log
  /** An open connection to a peer, dialled if need be; fails with `peer-unavailable`. */
  connection(peer: PeerName): Promise<Connection>
  isMember(peer: PeerName): boolean
  penalise(peer: PeerName, code: string): void
  /** A peer gave a sign of life. */
  heard(peer: PeerName): void
}

/** A stream with its frames; kept for the next request while it is sound. */
type Channel = { readonly stream: Stream; readonly frames: LengthPrefixedStream<Stream> }

/** What one peer is being asked in one protocol. */
type Lane = {
  readonly idle: { readonly channel: Channel; readonly expiry: NodeJS.Timeout }[]
  readonly waiting: (() => void)[]
  running: number
}

/** Room for a frame's length beside its body. */
const frameSlackBytes = 64 * 1024

/**
 * Requests and answers over streams: one frame there, one frame back, and the stream is kept for
 * the next, for opening one costs five times as much as a request on an open one.
 *
 * Invariants: one request at a time on a stream; a stream that failed is reset, never kept; frames,
 * streams and requests are bounded both ways; every wait ends by itself.
 */
export class Requests {
  readonly #parts: Parts
  readonly #lanes = new Map<string, Lane>()
  readonly #served = new Map<PeerName, number>()
  #servedStreams = 0
  #stopped = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** One request; fails with `too-large` or `peer-unavailable`. */
  async request(peer: PeerName, protocol: string, body: Uint8Array): Promise<Uint8Array> {
    const { limits, counters } = this.#parts
    if (body.length > limits.bodyBytesMax) {
      const most = `${limits.bodyBytesMax} bytes`
      throw new Failure('too-large', `A request has ${body.length} bytes; the most is ${most}.`)
    }
    counters.add('requests.sent')
    const key = `${peer} ${protocol}`
    const lane = this.#laneOf(key)
    try {
      await this.#enter(lane)
      try {
        return await this.#exchange(lane, peer, protocol, body)
      } finally {
        this.#leave(key, lane)
      }
    } catch (error) {
      counters.add('requests.failed')
      if (error instanceof Failure) throw error
      const why = error instanceof Error ? error.message : String(error)
      const message = `${peer} did not answer on ${protocol}: ${why}`
      throw new Failure('peer-unavailable', message, { cause: error })
    }
  }

  /** Answers the requests of a stream until the other side closes it; never rejects. */
  async serve(stream: Stream, peer: PeerName, handler: RequestHandler): Promise<void> {
    const { limits, counters } = this.#parts
    const ofPeer = this.#served.get(peer) ?? 0
    if (this.#stopped || !this.#hasRoom(peer, ofPeer)) {
      counters.add('requests.refused')
      stream.abort(new Failure('rate-limited', `${peer} holds ${ofPeer} streams open`))
      return
    }
    this.#served.set(peer, ofPeer + 1)
    this.#servedStreams += 1
    try {
      await this.#answerAll(stream, peer, handler)
      await stream.close({ signal: AbortSignal.timeout(limits.openTimeoutMs) })
    } catch (error) {
      this.#charge(peer, error)
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.#servedStreams -= 1
      const left = (this.#served.get(peer) ?? 1) - 1
      if (left === 0) this.#served.delete(peer)
      else this.#served.set(peer, left)
    }
  }

  /** Lets nothing new in and closes the streams that are kept. */
  stop(): void {
    this.#stopped = true
    for (const lane of this.#lanes.values()) {
      for (const { channel, expiry } of lane.idle.splice(0)) {
        clearTimeout(expiry)
        channel.stream.abort(new Failure('peer-unavailable', 'The node stops.'))
      }
      for (const wake of lane.waiting.splice(0)) wake()
    }
  }

  #hasRoom(peer: PeerName, ofPeer: number): boolean {
    const { limits } = this.#parts
    if (this.#parts.isMember(peer)) {
      return (
        ofPeer < limits.servedStreamsPerPeerMax && this.#servedStreams < limits.servedStreamsMax
      )
    }
    const ofStrangers = limits.servedStreamsMax * limits.strangerShareMax
    return ofPeer < limits.servedStreamsPerStrangerMax && this.#servedStreams < ofStrangers
  }

  #laneOf(key: string): Lane {
    const lane = this.#lanes.get(key) ?? { idle: [], waiting: [], running: 0 }
    this.#lanes.set(key, lane)
    return lane
  }

  /** Waits for one of the places that a peer has in a protocol. */
  async #enter(lane: Lane): Promise<void> {
    const { limits } = this.#parts
    if (this.#stopped) throw new Failure('peer-unavailable', 'The node stops.')
    if (lane.running < limits.requestsPerPeerMax) {
      lane.running += 1
      return
    }
    if (lane.waiting.length >= limits.requestQueueMax) {
      throw new Failure('peer-unavailable', 'Too many requests wait for this peer already.')
    }
    // The place is handed over by whoever leaves; every request ends, so every wait does.
    await new Promise<void>((resolve) => {
      lane.waiting.push(resolve)
    })
    if (this.#stopped) throw new Failure('peer-unavailable', 'The node stops.')
  }

  #leave(key: string, lane: Lane): void {
    const next = lane.waiting.shift()
    if (next !== undefined) next()
    else lane.running -= 1
    this.#tidy(key, lane)
  }

  #tidy(key: string, lane: Lane): void {
    if (lane.running === 0 && lane.idle.length === 0) this.#lanes.delete(key)
  }

  async #exchange(
    lane: Lane,
    peer: PeerName,
    protocol: string,
    body: Uint8Array,
  ): Promise<Uint8Array> {
    const { limits } = this.#parts
    const channel = takeIdle(lane) ?? (await this.#open(peer, protocol))
    try {
      await channel.frames.write(body, { signal: AbortSignal.timeout(limits.writeTimeoutMs) })
      const signal = AbortSignal.timeout(limits.answerTimeoutMs)
      const answer = await channel.frames.read({ signal })
      this.#parts.heard(peer)
      this.#keep(`${peer} ${protocol}`, lane, channel)
      // A copy: the frame is a view into a buffer of the connection.
      return answer.slice()
    } catch (error) {
      this.#charge(peer, error)
      channel.stream.abort(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  async #open(peer: PeerName, protocol: string): Promise<Channel> {
    const { limits } = this.#parts
    const connection = await this.#parts.connection(peer)
    const stream = await connection.newStream(protocol, {
      signal: AbortSignal.timeout(limits.openTimeoutMs),
      maxOutboundStreams: limits.servedStreamsPerPeerMax,
    })
    return this.#channel(stream)
  }

  #channel(stream: Stream): Channel {
    const { bodyBytesMax } = this.#parts.limits
    const maxBufferSize = bodyBytesMax + frameSlackBytes
    return { stream, frames: lpStream(stream, { maxDataLength: bodyBytesMax, maxBufferSize }) }
  }

  #keep(key: string, lane: Lane, channel: Channel): void {
    if (this.#stopped || !isSound(channel)) {
      channel.stream.abort(new Failure('peer-unavailable', 'The stream is of no further use.'))
      return
    }
    const expiry = setTimeout(() => {
      const place = lane.idle.findIndex((entry) => entry.channel === channel)
      if (place < 0) return
      lane.idle.splice(place, 1)
      this.#tidy(key, lane)
      void closeQuietly(channel.stream, this.#parts.limits.openTimeoutMs)
    }, this.#parts.limits.idleAskerMs)
    expiry.unref()
    lane.idle.push({ channel, expiry })
  }

  async #answerAll(stream: Stream, peer: PeerName, handler: RequestHandler): Promise<void> {
    const { limits, counters } = this.#parts
    const { frames } = this.#channel(stream)
    for (;;) {
      const body = await nextRequest(frames, limits.idleServerMs)
      if (body === undefined || this.#stopped) return
      this.#parts.heard(peer)
      counters.add('requests.served')
      const answer = await within(handler(peer, body), limits.handlerTimeoutMs)
      if (answer.length > limits.bodyBytesMax) {
        throw new Failure(
          'too-large',
          `The answer on ${stream.protocol} has ${answer.length} bytes.`,
        )
      }
      await frames.write(answer, { signal: AbortSignal.timeout(limits.writeTimeoutMs) })
    }
  }

  /** Tells apart what a peer did wrong from what our handler or the line did. */
  #charge(peer: PeerName, error: unknown): void {
    const name = error instanceof Error ? error.name : ''
    if (name.startsWith('InvalidDataLength') || name === 'InvalidMessageLengthError') {
      this.#parts.penalise(peer, 'too-large')
    } else {
      this.#parts.log.debug('request-failed', { peer, error: String(error) })
    }
  }
}

const isSound = ({ stream }: Channel): boolean =>
  stream.status === 'open' &&
  stream.writeStatus === 'writable' &&
  stream.remoteWriteStatus === 'writable'

const takeIdle = (lane: Lane): Channel | undefined => {
  for (;;) {
    const entry = lane.idle.pop()
    if (entry === undefined) return undefined
    clearTimeout(entry.expiry)
    if (isSound(entry.channel)) return entry.channel
  }
}

/** The next body, or nothing when the other side has closed or says nothing more. */
const nextRequest = async (
  frames: LengthPrefixedStream<Stream>,
  idleMs: number,
): Promise<Uint8Array | undefined> => {
  try {
    return (await frames.read({ signal: AbortSignal.timeout(idleMs) })).slice()
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    if (['UnexpectedEOFError', 'AbortError', 'TimeoutError'].includes(name)) return undefined
    throw error
  }
}

const within = async (answer: Promise<Uint8Array>, timeoutMs: number): Promise<Uint8Array> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Failure('peer-unavailable', `No answer within ${timeoutMs} ms.`)),
    timeoutMs,
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

const closeQuietly = async (stream: Stream, timeoutMs: number): Promise<void> => {
  try {
    await stream.close({ signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
  }
}
