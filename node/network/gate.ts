import type { Connection, ConnectionGater, PeerId } from '@libp2p/interface'

import type { PeerName } from '../../src/index.ts'
import type { NetworkLimits } from './limits.ts'

type Parts = {
  readonly limits: Pick<NetworkLimits, 'connectionsPerPeerMax' | 'strangerShareMax'>
  readonly maxConnections: number
  readonly members: ReadonlySet<PeerName>
  readonly isRefused: (peer: PeerName) => boolean
  readonly connections: (peer?: PeerId) => readonly Connection[]
}

/** Refuses who was cut off, a peer's surplus connections, and strangers where room is short. */
export const gate = (parts: Parts): ConnectionGater => {
  const { limits, members, connections } = parts
  const refused = (peer: PeerId): boolean => parts.isRefused(peer.toString())
  const strangersMax = Math.max(1, Math.floor(parts.maxConnections * limits.strangerShareMax))
  const crowded = (): boolean => {
    const strangers = connections().filter((one) => !members.has(one.remotePeer.toString()))
    return strangers.length >= strangersMax
  }
  return {
    denyDialPeer: refused,
    denyOutboundEncryptedConnection: refused,
    // The first place where it is proven who knocks.
    denyInboundEncryptedConnection: (peer) =>
      refused(peer) ||
      connections(peer).length >= limits.connectionsPerPeerMax ||
      (!members.has(peer.toString()) && crowded()),
  }
}
