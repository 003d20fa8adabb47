import type { Socket } from 'node:net'

import type { Connection, Stream } from '@libp2p/interface'

import { Failure } from '../../src/index.ts'
import type { PeerName } from '../../src/index.ts'
import type { Counters } from './counters.ts'
import type { NetworkLimits } from './limits.ts'
import { StreamSocket } from './stream-socket.ts'

/** Takes a stream of bytes that a member's node has opened; ends it when it is done with it. */
export type BytesHandler = (peer: PeerName, socket: Socket) => void

/** Streams of bytes between nodes, besides requests with their answers. */
export interface ByteStreams {
  /** Opens a stream to a peer on a protocol. Fails with `peer-unavailable`. */
  openBytes(peer: PeerName, protocol: string, signal: AbortSignal): Promise<Socket>
  /** Takes streams of a protocol that members' nodes open. */
  serveBytes(protocol: string, handler: BytesHandler): void
}

type Parts = {
  readonly limits: NetworkLimits
  readonly counters: Counters
  /** An open connection to a peer, dialled if need be; fails with `peer-unavailable`. */
  connection(peer: PeerName): Promise<Connection>
  isMember(peer: PeerName): boolean
}

/**
 * Streams of bytes.
 *
 * Invariants: none is served to a stranger; those served are bounded, for each peer and in all; all
 * of them end with `stop`.
 */
export class Streams {
  readonly #parts: Parts
  readonly #served = new Map<Socket, PeerName>()
  #stopped = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Opens a stream; fails with `peer-unavailable`. */
  async open(peer: PeerName, protocol: string, signal: AbortSignal): Promise<Socket> {
    const { limits } = this.#parts
    try {
      const connection = await this.#parts.connection(peer)
      const stream = await connection.newStream(protocol, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(limits.openTimeoutMs)]),
        maxOutboundStreams: limits.byteStreamsPerPeerMax,
      })
      return new StreamSocket(stream)
    } catch (error) {
      if (error instanceof Failure) throw error
      const why = error instanceof Error ? error.message : String(error)
      const message = `${peer} opens no stream on ${protocol}: ${why}`
      throw new Failure('peer-unavailable', message, { cause: error })
    }
  }

  /** Hands a stream that a peer has opened to its handler, or refuses it. */
  serve(stream: Stream, peer: PeerName, handler: BytesHandler): void {
    const { limits, counters } = this.#parts
    const ofPeer = [...this.#served.values()].filter((other) => other === peer).length
    const isFull =
      ofPeer >= limits.byteStreamsPerPeerMax || this.#served.size >= limits.byteStreamsMax
    if (this.#stopped || isFull || !this.#parts.isMember(peer)) {
      counters.add('streams.refused')
      stream.abort(new Failure('rate-limited', `${peer} holds ${ofPeer} streams open`))
      return
    }
    counters.add('streams.served')
    const socket = new StreamSocket(stream)
    this.#served.set(socket, peer)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#served.delete(socket))
    handler(peer, socket)
  }

  /** Ends what is served, and serves nothing more. */
  stop(): void {
    this.#stopped = true
    for (const socket of this.#served.keys()) socket.destroy()
  }
}
