import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import type { Socket } from 'node:net'

import type { Connection, PeerId, Stream } from '@libp2p/interface'

import type { Log, Network, NetworkHandlers, NodeIdentity, PeerName } from '../../src/index.ts'
import { privateKeyOf } from '../keys/ed25519-seed.ts'
import { Connections } from './connections.ts'
import type { PeerDetails } from './connections.ts'
import { Counters } from './counters.ts'
import { Door } from './door.ts'
import { gate } from './gate.ts'
import { Gossip } from './gossip.ts'
import { createNode, startNode } from './libp2p-node.ts'
import type { SocietyLibp2p } from './libp2p-node.ts'
import { networkLimits } from './limits.ts'
import type { NetworkLimits } from './limits.ts'
import { peerDatastore } from './peer-store.ts'
import type { PeerDatastore } from './peer-store.ts'
import { PeerScores } from './peer-scores.ts'
import { Requests } from './requests.ts'
import type { RequestHandler } from './requests.ts'
import { Streams } from './streams.ts'
import type { ByteStreams, BytesHandler } from './streams.ts'

/** What a node is told about its network. */
export type Libp2pNetworkOptions = {
  /** 32 bytes; the node's own key, never the society's. */
  readonly nodeKeySeed: Uint8Array
  /** Multiaddrs to listen on, such as `/ip4/0.0.0.0/tcp/4001`; none means dial only. */
  readonly listen: readonly string[]
  /** Multiaddrs to tell others instead of those listened on; none means those. */
  readonly announce: readonly string[]
  /** Multiaddrs that are dialled for ever, with or without `/p2p/NAME`. */
  readonly bootstrap: readonly string[]
  /** Whether to look for nodes of the same federation in the local network. */
  readonly mdns: boolean
  /** Whether to speak WebSocket besides TCP, listening on addresses that end in `/ws`. */
  readonly webSockets: boolean
  readonly maxConnections: number
  /** Directory of the peer store, this node's alone; null keeps peers in memory. */
  readonly datastoreDirectory: string | null
  /** The federation; keeps networks apart in mDNS. */
  readonly serviceTag: string
  readonly log: Log
  /** Standing of a peer's society, -50 to 50; weighs in gossipsub's score. */
  readonly memberScore?: (peer: PeerName) => number
}

/** A `Network` over libp2p, with what an operator needs besides. */
export interface Libp2pNetwork extends Network, ByteStreams {
  /** The libp2p node beneath, for metrics and tests. */
  readonly libp2p: SocietyLibp2p
  /** Multiaddrs under which others reach this node, each with its name. */
  addresses(): string[]
  /** Connects to a multiaddr or a known peer; fails with `peer-unavailable` or `malformed`. */
  dial(target: string): Promise<PeerName>
  peerDetails(): PeerDetails[]
  /** Exactly these peers are kept connected and are dialled for ever. */
  setMembers(peers: ReadonlySet<PeerName>): void
  /** Exactly these peers are refused from now on, and lose the connections they have. */
  setBlocked(peers: ReadonlySet<PeerName>): void
  /** Counts of what was sent, received and dropped, by name. */
  counters(): Readonly<Record<string, number>>
}

/** How far a society's standing moves its node's score, either way. */
const memberScoreMax = 50

const nowMs = (): number => performance.now()

/** What exists before the adapter, because the libp2p node asks it. */
type Base = {
  readonly libp2p: SocietyLibp2p
  readonly options: Libp2pNetworkOptions
  readonly limits: NetworkLimits
  readonly scores: PeerScores
  readonly members: Set<PeerName>
  readonly blocked: Set<PeerName>
  readonly datastore: PeerDatastore | undefined
  readonly counters: Counters
}

/**
 * Makes the network of a node; it neither listens nor dials until it is started. `start` fails with
 * `port-in-use`, with `directory-in-use` for the peer store, or with `malformed` for an address.
 */
export const createLibp2pNetwork = async (
  options: Libp2pNetworkOptions,
  limits: NetworkLimits = networkLimits,
): Promise<Libp2pNetwork> => {
  const { datastoreDirectory, log, maxConnections, memberScore } = options
  const scores = new PeerScores(limits)
  const members = new Set<PeerName>()
  const blocked = new Set<PeerName>()
  const datastore = datastoreDirectory === null ? undefined : peerDatastore(datastoreDirectory, log)
  const made: { libp2p?: SocietyLibp2p } = {}
  const counters = new Counters()
  const door = new Door({ limits, counters, nowMs })
  made.libp2p = await createNode({
    ...options,
    limits,
    datastore,
    door,
    gater: gate({
      limits,
      door,
      maxConnections,
      members,
      isRefused: (peer) => blocked.has(peer) || scores.refused(peer, nowMs()),
      connections: (peer?: PeerId) => made.libp2p?.getConnections(peer) ?? [],
    }),
    score: (peer) => {
      const standing = memberScore?.(peer) ?? 0
      const bounded = Math.max(-memberScoreMax, Math.min(memberScoreMax, standing))
      return bounded + scores.score(peer, nowMs())
    },
  })
  const { libp2p } = made
  const base = { libp2p, options, limits, scores, members, blocked, datastore, counters }
  return new Libp2pAdapter(base)
}

/**
 * The network over libp2p: puts the parts together and tells them of each other.
 *
 * Invariants: handlers are called between `start` and `stop` only, and what they throw stays here;
 * `stop` ends within twice `stopMs`, whatever peers do.
 */
class Libp2pAdapter implements Libp2pNetwork {
  readonly self: PeerName
  readonly identity: NodeIdentity
  readonly libp2p: SocietyLibp2p
  readonly #base: Base
  readonly #counters: Counters
  readonly #served = new Map<string, RequestHandler>()
  readonly #bytesServed = new Map<string, BytesHandler>()
  readonly #gossip: Gossip
  readonly #requests: Requests
  readonly #streams: Streams
  readonly #connections: Connections
  #handlers: NetworkHandlers | undefined
  #serving = false
  #stopping: Promise<void> | undefined

  constructor(base: Base) {
    const { libp2p, limits, options } = base
    this.#base = base
    this.#counters = base.counters
    const key = privateKeyOf(options.nodeKeySeed)
    const peerId = libp2p.peerId.toString()
    this.identity = { peerId, sign: (message) => new Uint8Array(sign(null, message, key)) }
    this.libp2p = libp2p
    this.self = libp2p.peerId.toString()
    const shared = { limits, log: options.log, counters: this.#counters, nowMs }
    const penalise = (peer: PeerName, code: string): void => this.penalise(peer, code)
    const heard = (peer: PeerName): void => this.#connections.heard(peer)
    this.#connections = new Connections({
      ...base,
      ...shared,
      maxConnections: options.maxConnections,
      bootstrap: options.bootstrap,
      gossip: () => this.#gossip,
      connected: (peer) => this.#tell((handlers) => handlers.connected(peer)),
      disconnected: (peer) => this.#tell((handlers) => handlers.disconnected(peer)),
    })
    this.#gossip = new Gossip(libp2p.services.gossipsub, {
      ...shared,
      judge: async (peer, topic, data) => this.#handlers?.gossip(peer, topic, data) ?? 'ignore',
      penalise,
      heard,
    })
    this.#requests = new Requests({
      ...shared,
      connection: async (peer) => this.#connections.open(peer),
      isMember: (peer) => base.members.has(peer),
      penalise,
      heard,
    })
    this.#streams = new Streams({
      limits,
      counters: this.#counters,
      connection: async (peer) => this.#connections.open(peer),
      isMember: (peer) => base.members.has(peer),
    })
  }

  async start(handlers: NetworkHandlers): Promise<void> {
    assert.ok(this.#handlers === undefined && this.#stopping === undefined, 'started before')
    const { options, datastore } = this.#base
    this.#handlers = handlers
    await datastore?.open()
    try {
      // Before the first connection, so that nobody is told that we lack a protocol.
      this.#serving = true
      await Promise.all([...this.#served.keys()].map(async (protocol) => this.#handle(protocol)))
      await Promise.all([...this.#bytesServed].map(async (each) => this.#handleBytes(...each)))
      await startNode(this.libp2p, options.listen)
      this.#gossip.start()
      await this.#connections.start()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  peers(): readonly PeerName[] {
    return this.#connections.peers()
  }

  addresses(): string[] {
    return this.libp2p.getMultiaddrs().map(String)
  }

  subscribe(topic: string): void {
    this.#gossip.subscribe(topic)
  }

  unsubscribe(topic: string): void {
    this.#gossip.unsubscribe(topic)
  }

  publish(topic: string, data: Uint8Array): void {
    this.#gossip.publish(topic, data)
  }

  serve(protocol: string, handler: RequestHandler): void {
    const isNew = !this.#served.has(protocol)
    this.#served.set(protocol, handler)
    if (!isNew || !this.#serving) return
    this.#handle(protocol).catch((error: unknown) => {
      this.#base.options.log.error('protocol-not-served', { protocol, error: String(error) })
    })
  }

  async request(peer: PeerName, protocol: string, body: Uint8Array): Promise<Uint8Array> {
    return this.#requests.request(peer, protocol, body)
  }

  openBytes(peer: PeerName, protocol: string, signal: AbortSignal): Promise<Socket> {
    return this.#streams.open(peer, protocol, signal)
  }

  serveBytes(protocol: string, handler: BytesHandler): void {
    assert.ok(!this.#bytesServed.has(protocol), 'served before')
    this.#bytesServed.set(protocol, handler)
    if (!this.#serving) return
    this.#handleBytes(protocol, handler).catch((error: unknown) => {
      this.#base.options.log.error('protocol-not-served', { protocol, error: String(error) })
    })
  }

  penalise(peer: PeerName, code: string): void {
    this.#connections.penalise(peer, code)
  }

  async dial(target: string): Promise<PeerName> {
    return this.#connections.dial(target)
  }

  peerDetails(): PeerDetails[] {
    return this.#connections.details()
  }

  setMembers(peers: ReadonlySet<PeerName>): void {
    this.#connections.setMembers(peers)
  }

  setBlocked(peers: ReadonlySet<PeerName>): void {
    this.#connections.setBlocked(peers)
  }

  counters(): Readonly<Record<string, number>> {
    return this.#counters.all()
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  #tell(call: (handlers: NetworkHandlers) => void): void {
    try {
      if (this.#handlers && this.#stopping === undefined) call(this.#handlers)
    } catch (error) {
      this.#base.options.log.error('network-handler-failed', { error: String(error) })
    }
  }

  async #handle(protocol: string): Promise<void> {
    const most = this.#base.limits.servedStreamsPerPeerMax
    const serve = async (stream: Stream, connection: Connection): Promise<void> => {
      const handler = this.#served.get(protocol)
      assert.ok(handler, 'a protocol is never given up')
      await this.#requests.serve(stream, connection.remotePeer.toString(), handler)
    }
    await this.libp2p.handle(protocol, serve, { maxInboundStreams: most, maxOutboundStreams: most })
  }

  async #handleBytes(protocol: string, handler: BytesHandler): Promise<void> {
    const most = this.#base.limits.byteStreamsPerPeerMax
    const serve = (stream: Stream, connection: Connection): void =>
      this.#streams.serve(stream, connection.remotePeer.toString(), handler)
    await this.libp2p.handle(protocol, serve, { maxInboundStreams: most, maxOutboundStreams: most })
  }

  async #stop(): Promise<void> {
    const { datastore, limits, options } = this.#base
    this.#connections.stop()
    this.#gossip.stop()
    this.#requests.stop()
    this.#streams.stop()
    const stopped = (async (): Promise<void> => this.libp2p.stop())()
    if (!(await settlesWithin(stopped, limits.stopMs))) {
      options.log.warn('network-torn-down', { connections: this.libp2p.getConnections().length })
      this.#connections.tear()
      await settlesWithin(stopped, limits.stopMs)
    }
    await datastore?.close()
  }
}

/** Whether a promise settles in time; how it does is not of interest any more. */
const settlesWithin = async (promise: Promise<void>, timeoutMs: number): Promise<boolean> => {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), timeoutMs)
  const settled = promise.then(
    () => true,
    () => true,
  )
  const inTime = await Promise.race([settled, late])
  clearTimeout(timer)
  return inTime
}
