import { createHash } from 'node:crypto'

import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify, identifyPush } from '@libp2p/identify'
import type { Identify, IdentifyPush } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PrivateKey } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { ping } from '@libp2p/ping'
import type { Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'

import { Failure } from '../../src/index.ts'
import type { PeerName } from '../../src/index.ts'
import { privateKeyOf, publicKeyOf } from '../keys/ed25519-seed.ts'
import { behind } from './door.ts'
import type { Door } from './door.ts'
import { gossipService } from './gossip.ts'
import type { NetworkLimits } from './limits.ts'
import type { PeerDatastore } from './peer-store.ts'
import { thriftyNoise, thriftyYamux } from './wire-internals.ts'

/** The libp2p node beneath, with the services we use. */
export type SocietyLibp2p = Libp2p<{
  readonly identify: Identify
  readonly identifyPush: IdentifyPush
  readonly ping: Ping
  readonly gossipsub: GossipSub
}>

/** What of the adapter's options concerns libp2p, and what it asks us. */
export type Libp2pParts = {
  readonly nodeKeySeed: Uint8Array
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly mdns: boolean
  readonly webSockets: boolean
  readonly maxConnections: number
  readonly serviceTag: string
  readonly limits: NetworkLimits
  readonly datastore: PeerDatastore | undefined
  readonly gater: ConnectionGater
  readonly door: Door
  /** Score of a peer in our own books, 0 for a good one. */
  readonly score: (peer: PeerName) => number
}

/** A peer store that forgets nobody: addresses of members stay good for months. */
const keepPeers = { maxAddressAge: Infinity, maxPeerAge: Infinity } as const

/** An mDNS service name for a federation: free text does not fit a DNS label, its hash does. */
const mdnsServiceTag = (federation: string): string => {
  const hash = createHash('sha256').update(federation).digest('hex').slice(0, 16)
  return `_society-${hash}._udp.local`
}

/** The key of a seed, its public half worked out by OpenSSL: libp2p takes 20 ms for it. */
const keyOfSeed = (seed: Uint8Array): PrivateKey => {
  const publicKey = publicKeyOf(privateKeyOf(seed))
  return privateKeyFromRaw(new Uint8Array([...seed, ...publicKey]))
}

/** A libp2p node, not started; asks the network for nothing until it is. */
export const createNode = async (parts: Libp2pParts): Promise<SocietyLibp2p> => {
  const { limits } = parts
  // Handshakes under way are not among the connections that libp2p counts.
  const sockets = parts.maxConnections + limits.pendingInboundMax
  return createLibp2p({
    start: false,
    privateKey: keyOfSeed(parts.nodeKeySeed),
    nodeInfo: { name: 'society', version: '1' },
    addresses: { listen: [...parts.listen], announce: [...parts.announce] },
    transports: [
      behind(parts.door, tcp({ maxConnections: sockets, backlog: sockets })),
      ...(parts.webSockets ? [behind(parts.door, webSockets())] : []),
    ],
    connectionEncrypters: [thriftyNoise()],
    streamMuxers: [
      thriftyYamux({
        maxInboundStreams: limits.streamsPerConnectionMax,
        maxOutboundStreams: limits.streamsPerConnectionMax,
        // What a handler has not taken yet; beyond it the stream is reset.
        streamOptions: { maxReadBufferLength: limits.gossipFrameBytesMax },
      }),
    ],
    ...(parts.datastore && { datastore: parts.datastore.datastore }),
    peerStore: keepPeers,
    connectionGater: parts.gater,
    connectionManager: {
      maxConnections: parts.maxConnections,
      maxParallelDials: limits.dialsMax * 2,
      maxPeerAddrsToDial: limits.addressesPerPeerMax,
      dialTimeout: limits.dialTimeoutMs,
      addressDialTimeout: limits.addressDialTimeoutMs,
      // The door has asked before, at a fraction of the price.
      inboundConnectionThreshold: limits.hostHandshakesBurst,
      maxIncomingPendingConnections: limits.pendingInboundMax,
      inboundUpgradeTimeout: limits.dialTimeoutMs,
      outboundStreamProtocolNegotiationTimeout: limits.openTimeoutMs,
      inboundStreamProtocolNegotiationTimeout: limits.openTimeoutMs,
      // Our own connector does it; libp2p's gives up after so many.
      reconnectRetries: 0,
    },
    // It cuts a connection after one late pong, which on a busy machine cuts most of them.
    connectionMonitor: { enabled: false },
    peerDiscovery: parts.mdns ? [mdns({ serviceTag: mdnsServiceTag(parts.serviceTag) })] : [],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      gossipsub: gossipService(limits, parts.score),
    },
  })
}

/** Starts a node; fails with `port-in-use`, or `malformed` for an address it cannot listen on. */
export const startNode = async (
  libp2p: SocietyLibp2p,
  listen: readonly string[],
): Promise<void> => {
  try {
    await libp2p.start()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const addresses = listen.join(', ')
    if (why.includes('EADDRINUSE')) {
      const message = `Another program listens on ${addresses}: stop it or choose another port.`
      throw new Failure('port-in-use', message, { cause: error })
    }
    if (why.includes('listen')) {
      // The library tells more lines, with a stack in them.
      const [reason] = /E[A-Z]{4,}[^\n]*/.exec(why) ?? [why.split('\n', 1)[0]]
      const message = `Cannot listen on ${addresses}: check the addresses. ${reason}`
      throw new Failure('malformed', message, { cause: error })
    }
    throw error
  }
}
