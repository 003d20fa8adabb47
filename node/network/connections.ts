import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'

import type { Connection, PeerInfo, Stream } from '@libp2p/interface'

import { Failure } from '../../src/index.ts'
import type { Log, PeerName } from '../../src/index.ts'
import { Connector } from './connector.ts'
import { Contacts } from './contacts.ts'
import type { Counters } from './counters.ts'
import type { DialTarget, DialView } from './dial-list.ts'
import type { Gossip } from './gossip.ts'
import { graylistScore } from './gossip-options.ts'
import type { SocietyLibp2p } from './libp2p-node.ts'
import type { NetworkLimits } from './limits.ts'
import { isPeerName, parseAddress, parsePeer, peerOfAddress } from './peer-address.ts'
import type { PeerScores } from './peer-scores.ts'
import { memberTag, memberTagValue, storedPeers, trimPeerStore } from './peer-store.ts'
import { Watchdog } from './watchdog.ts'
import type { WatchReason, WatchedPeer } from './watchdog.ts'

/** What an operator may know about a peer: connected ones, and members that are not. */
export type PeerDetails = {
  readonly peer: PeerName
  /** Multiaddrs of its connections. */
  readonly addresses: readonly string[]
  /** Who dialled; `none` for a member that is not connected. */
  readonly direction: 'inbound' | 'outbound' | 'none'
  /** Milliseconds since 1970 when the oldest connection opened; null without one. */
  readonly since: number | null
  /** Last measured round trip. */
  readonly latencyMs?: number
  readonly lastFailure?: string
  /** Points for faults, 0 for a good peer; at 100 it is cut off. */
  readonly points: number
  readonly member: boolean
}

/** Time for a connection to close in good order before it is torn. */
const closeTimeoutMs = 500

type Parts = {
  readonly libp2p: SocietyLibp2p
  readonly limits: NetworkLimits
  readonly log: Log
  readonly counters: Counters
  readonly nowMs: () => number
  readonly maxConnections: number
  readonly bootstrap: readonly string[]
  readonly scores: PeerScores
  /** Shared with the gate; this class fills it. */
  readonly members: Set<PeerName>
  /** Refused because the operator says so; shared with the gate, this class fills it. */
  readonly blocked: Set<PeerName>
  readonly gossip: () => Pick<Gossip, 'score' | 'reaches' | 'forget' | 'forgetStream'>
  connected(peer: PeerName): void
  disconnected(peer: PeerName): void
}

/**
 * The connections of a node: who has one, who gets one, who loses it.
 *
 * Invariants: `connected` and `disconnected` alternate for each peer; members and bootstrap nodes
 * are dialled for ever; a peer that was cut off has no connection while it is refused.
 */
export class Connections {
  readonly #parts: Parts
  readonly #contacts: Contacts
  readonly #connector: Connector
  readonly #watchdog: Watchdog
  #membersTold = false
  #started = false
  #stopped = false
  #trimTimer: NodeJS.Timeout | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#contacts = new Contacts(parts.nowMs)
    this.#connector = new Connector({
      ...parts,
      self: parts.libp2p.peerId.toString(),
      chance: Math.random,
      view: () => this.#dialView(),
      dial: async (target) => this.#dialTarget(target),
    })
    this.#watchdog = new Watchdog({
      ...parts,
      see: () => this.#watched(),
      renew: async (peer, reason) => this.#renew(peer, reason),
      ping: async (peer) => this.#ping(peer),
    })
    this.#listen()
  }

  /** Starts dialling and watching; to be called once libp2p runs. */
  async start(): Promise<void> {
    await Promise.all(this.#parts.bootstrap.map(async (address) => this.#addBootstrap(address)))
    const stored = await this.#storedPeers()
    this.#started = true
    for (const peer of this.#parts.members) this.#tag(peer, true)
    if (this.#membersTold) {
      for (const peer of stored.members) if (!this.#parts.members.has(peer)) this.#tag(peer, false)
    }
    this.#connector.addKnown(stored.others)
    // Until the replica has read who the members are, last time's are good enough.
    if (!this.#membersTold) this.#connector.setMembers(new Set(stored.members))
    this.#connector.start()
    this.#watchdog.start()
    this.#trimTimer = setInterval(() => void this.#trim(), this.#parts.limits.storeTrimMs)
    void this.#trim()
  }

  /** Dials and closes nothing any more; to be called before libp2p stops. */
  stop(): void {
    this.#stopped = true
    clearInterval(this.#trimTimer)
    this.#connector.stop()
    this.#watchdog.stop()
  }

  /** Names of the connected peers. */
  peers(): readonly PeerName[] {
    return this.#contacts.peers()
  }

  /** A peer gave a sign of life. */
  heard(peer: PeerName): void {
    this.#contacts.heard(peer)
  }

  /** An open connection to a peer, dialled if need be; fails, in the end with libp2p's errors. */
  async open(peer: PeerName): Promise<Connection> {
    const { libp2p, limits } = this.#parts
    if (this.#stopped || libp2p.status !== 'started') {
      throw new Failure('peer-unavailable', 'The network is not running.')
    }
    const id = parsePeer(peer)
    const open = libp2p.getConnections(id).find(({ status }) => status === 'open')
    if (open !== undefined) return open
    return libp2p.dial(id, { signal: AbortSignal.timeout(limits.dialTimeoutMs) })
  }

  /** Connects to a multiaddr or a known peer; fails with `peer-unavailable` or `malformed`. */
  async dial(target: string): Promise<PeerName> {
    const { libp2p, limits } = this.#parts
    const where = target.startsWith('/') ? parseAddress(target) : parsePeer(target)
    const signal = AbortSignal.timeout(limits.dialTimeoutMs)
    try {
      const peer = (await libp2p.dial(where, { signal })).remotePeer.toString()
      this.#connector.addKnown([peer])
      return peer
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const message = `Cannot connect to ${target}: ${why}`
      throw new Failure('peer-unavailable', message, { cause: error })
    }
  }

  /** Exactly these peers are members: tagged, kept connected, dialled for ever. */
  setMembers(peers: ReadonlySet<PeerName>): void {
    const { libp2p, members } = this.#parts
    const self = libp2p.peerId.toString()
    const wanted = new Set([...peers].filter((peer) => peer !== self && isPeerName(peer)))
    if (this.#started) {
      for (const peer of members) if (!wanted.has(peer)) this.#tag(peer, false)
      for (const peer of wanted) if (!members.has(peer)) this.#tag(peer, true)
    }
    members.clear()
    for (const peer of wanted) members.add(peer)
    this.#membersTold = true
    this.#connector.setMembers(wanted)
  }

  /** Exactly these peers are refused from now on; what they have of connections is cut off. */
  setBlocked(peers: ReadonlySet<PeerName>): void {
    const { blocked } = this.#parts
    blocked.clear()
    for (const peer of peers) {
      if (!isPeerName(peer)) continue
      blocked.add(peer)
      this.#abort(peer, 'blocked')
    }
  }

  /** Charges a peer with a fault, and cuts it off where that is enough. */
  penalise(peer: PeerName, code: string): void {
    const { counters, limits, log, nowMs, scores } = this.#parts
    counters.add(`penalties.${code}`)
    if (!scores.penalise(peer, code, nowMs())) return
    log.warn('peer-cut-off', { peer, code, refusedMs: limits.refusalMs })
    counters.add('peers.cut-off')
    // Not at once: this may be called while a stream of that very connection is being read.
    setImmediate(() => {
      if (this.#contacts.of(peer) !== undefined) this.#abort(peer, code)
    })
  }

  /** What there is to know about connected peers, and members that are not connected. */
  details(): PeerDetails[] {
    const away = this.#connector.members().filter((peer) => !this.#contacts.of(peer))
    return [...this.peers(), ...away].map((peer) => this.#detailsOf(peer))
  }

  /** Tears all connections. */
  tear(): void {
    for (const connection of this.#parts.libp2p.getConnections()) {
      connection.abort(new Failure('peer-unavailable', 'The node stops.'))
    }
  }

  async #storedPeers(): ReturnType<typeof storedPeers> {
    try {
      return await storedPeers(this.#parts.libp2p)
    } catch (error) {
      this.#parts.log.warn('peer-store-not-read', { error: String(error) })
      return { members: [], others: [] }
    }
  }

  #listen(): void {
    const { libp2p } = this.#parts
    libp2p.addEventListener('peer:connect', ({ detail }) => this.#connected(detail.toString()))
    libp2p.addEventListener('peer:disconnect', ({ detail }) => this.#gone(detail.toString()))
    libp2p.addEventListener('peer:identify', ({ detail }) => {
      const speaksGossip = detail.protocols.some((protocol) => protocol.startsWith('/meshsub/'))
      this.#contacts.identified(detail.peerId.toString(), speaksGossip)
    })
    libp2p.addEventListener('peer:discovery', ({ detail }: CustomEvent<PeerInfo>) => {
      if (detail.multiaddrs.length > 0) this.#connector.addKnown([detail.id.toString()])
    })
  }

  #connected(peer: PeerName): void {
    if (this.#stopped || this.#contacts.of(peer) !== undefined) return
    if (this.#parts.blocked.has(peer)) {
      // It was past the gate when it was blocked.
      this.#abort(peer, 'blocked')
      return
    }
    this.#contacts.open(peer)
    this.#connector.connected(peer)
    this.#parts.connected(peer)
  }

  #gone(peer: PeerName): void {
    if (this.#stopped || !this.#contacts.close(peer)) return
    this.#parts.gossip().forget(peer)
    this.#connector.disconnected(peer)
    this.#parts.disconnected(peer)
  }

  async #addBootstrap(text: string): Promise<void> {
    const address = parseAddress(text)
    const { libp2p } = this.#parts
    const peer = peerOfAddress(address)
    if (peer !== undefined && peer !== libp2p.peerId.toString()) {
      await libp2p.peerStore.merge(parsePeer(peer), { multiaddrs: [address] })
    }
    this.#connector.addBootstrap(text, peer)
  }

  #dialView(): Omit<DialView, 'nowMs'> {
    const { blocked, libp2p, maxConnections, nowMs, scores } = this.#parts
    const connections = libp2p.getConnections()
    const outbound = connections.filter(({ direction }) => direction === 'outbound')
    return {
      connections: connections.length,
      connectionsMax: maxConnections,
      outboundPeers: new Set(outbound.map(({ remotePeer }) => remotePeer.toString())).size,
      isConnected: (peer) => this.#contacts.of(peer) !== undefined,
      isRefused: (peer) => blocked.has(peer) || scores.refused(peer, nowMs()),
    }
  }

  async #dialTarget({ peer, address }: DialTarget): Promise<PeerName> {
    const { libp2p, limits } = this.#parts
    assert.ok(peer ?? address, 'a dial target has a name or an address')
    const where = peer === undefined ? parseAddress(address ?? '') : parsePeer(peer)
    const signal = AbortSignal.timeout(limits.dialTimeoutMs)
    return (await libp2p.dial(where, { signal })).remotePeer.toString()
  }

  #of(peer: PeerName): readonly Connection[] {
    return this.#parts.libp2p.getConnections(parsePeer(peer))
  }

  #watched(): readonly WatchedPeer[] {
    const { nowMs } = this.#parts
    const gossip = this.#parts.gossip()
    for (const peer of this.peers()) {
      if (gossip.score(peer) < graylistScore) this.penalise(peer, 'graylisted')
    }
    return this.peers().flatMap((peer) => {
      const contact = this.#contacts.of(peer)
      const connections = this.#of(peer)
      if (contact === undefined || connections.length === 0) return []
      return [
        {
          ...contact,
          peer,
          connection: connections.map(({ id }) => id).join(' '),
          direction: directionOf(connections),
          openedMs: nowMs() - (Date.now() - openedAt(connections)),
          reached: gossip.reaches(peer) && hasGossipStream(connections),
          unsentBytes: unsentGossip(connections),
        },
      ]
    })
  }

  async #renew(peer: PeerName, reason: WatchReason): Promise<void> {
    const { libp2p, limits, log } = this.#parts
    if (reason === 'gossip-silent') {
      if (await this.#mendGossip(peer)) return
    }
    if (reason.startsWith('gossip-silent')) await this.#close(peer)
    else this.#abort(peer, reason)
    if (this.#stopped) return
    log.warn('connection-renewed', { peer, reason })
    try {
      await libp2p.dial(parsePeer(peer), { signal: AbortSignal.timeout(limits.dialTimeoutMs) })
    } catch (error) {
      // A peer that dialled us may have no address; it watches as well and comes back by itself.
      log.debug('not-redialled', { peer, error: String(error) })
    }
  }

  /**
   * Asks a peer to identify itself once more, upon which gossipsub takes its connection for a new
   * one and opens its stream: requests under way live on, and peers without an address stay.
   */
  async #mendGossip(peer: PeerName): Promise<boolean> {
    const { libp2p, limits, log } = this.#parts
    try {
      const signal = AbortSignal.timeout(limits.mendMs)
      const gossip = this.#parts.gossip()
      gossip.forgetStream(peer)
      await Promise.all(
        this.#of(peer).map(async (connection) =>
          libp2p.services.identify.identify(connection, { signal }),
        ),
      )
      // A stream that the peer resets is there for a moment as well.
      await setTimeout(limits.mendMs)
      const mended = gossip.reaches(peer) && hasGossipStream(this.#of(peer))
      if (mended) log.info('gossip-mended', { peer })
      return mended
    } catch (error) {
      log.debug('gossip-not-mended', { peer, error: String(error) })
      return false
    }
  }

  async #close(peer: PeerName): Promise<void> {
    const signal = AbortSignal.timeout(closeTimeoutMs)
    const closing = this.#of(peer).map(async (connection) => {
      try {
        await connection.close({ signal })
      } catch (error) {
        connection.abort(error instanceof Error ? error : new Error(String(error)))
      }
    })
    await Promise.all(closing)
  }

  #abort(peer: PeerName, why: string): void {
    for (const connection of this.#of(peer)) {
      connection.abort(new Failure('peer-unavailable', `Cut off: ${why}.`))
    }
  }

  async #ping(peer: PeerName): Promise<void> {
    const { libp2p, limits } = this.#parts
    if (this.#of(peer).length === 0) return
    const signal = AbortSignal.timeout(limits.pingTimeoutMs)
    try {
      const latencyMs = await libp2p.services.ping.ping(parsePeer(peer), { signal })
      this.#contacts.pinged(peer, latencyMs)
    } catch {
      this.#contacts.pingFailed(peer)
    }
  }

  async #trim(): Promise<void> {
    const { libp2p, limits, log } = this.#parts
    try {
      const keep = (peer: PeerName): boolean => this.#contacts.of(peer) !== undefined
      const deleted = await trimPeerStore(libp2p, limits.storedPeersMax, keep)
      if (deleted > 0) log.info('peer-store-trimmed', { deleted })
    } catch (error) {
      log.warn('peer-store-not-trimmed', { error: String(error) })
    }
  }

  #tag(peer: PeerName, member: boolean): void {
    const { libp2p, log } = this.#parts
    const tags = { [memberTag]: member ? { value: memberTagValue } : undefined }
    libp2p.peerStore.merge(parsePeer(peer), { tags }).catch((error: unknown) => {
      log.warn('member-not-tagged', { peer, error: String(error) })
    })
  }

  #detailsOf(peer: PeerName): PeerDetails {
    const { members, nowMs, scores } = this.#parts
    const connections = this.#of(peer)
    const latencyMs = this.#contacts.of(peer)?.latencyMs
    const lastFailure = this.#connector.lastFailure(peer)
    const connected = connections.length > 0
    return {
      peer,
      addresses: connections.map(({ remoteAddr }) => remoteAddr.toString()),
      direction: connected ? directionOf(connections) : 'none',
      since: connected ? openedAt(connections) : null,
      ...(latencyMs !== undefined && { latencyMs }),
      ...(lastFailure !== undefined && { lastFailure }),
      points: scores.points(peer, nowMs()),
      member: members.has(peer),
    }
  }
}

const openedAt = (connections: readonly Connection[]): number =>
  Math.min(...connections.map(({ timeline }) => timeline.open))

const directionOf = (connections: readonly Connection[]): 'inbound' | 'outbound' =>
  connections.some(({ direction }) => direction === 'outbound') ? 'outbound' : 'inbound'

/** The streams on which we gossip. */
const gossipStreams = (connections: readonly Connection[]): readonly Stream[] =>
  connections
    .flatMap(({ streams }) => streams)
    .filter((stream) => stream.direction === 'outbound' && stream.protocol.startsWith('/meshsub/'))

const hasGossipStream = (connections: readonly Connection[]): boolean =>
  gossipStreams(connections).some(({ writeStatus }) => writeStatus === 'writable')

const unsentGossip = (connections: readonly Connection[]): number =>
  gossipStreams(connections).reduce((sum, { writeBufferLength }) => sum + writeBufferLength, 0)
