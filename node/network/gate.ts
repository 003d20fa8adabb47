import type { Connection, ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'

import type { PeerName } from '../../src/index.ts'
import { hostOf } from './door.ts'
import type { Door } from './door.ts'
import type { NetworkLimits } from './limits.ts'
import { ipOfAddress } from './peer-address.ts'

type Parts = {
  readonly limits: Pick<
    NetworkLimits,
    'connectionsPerPeerMax' | 'pendingPerHostMax' | 'strangerShareMax'
  >
  readonly maxConnections: number
  readonly members: ReadonlySet<PeerName>
  readonly door: Pick<Door, 'trust'>
  readonly isRefused: (peer: PeerName) => boolean
  readonly connections: (peer?: PeerId) => readonly Connection[]
}

/**
 * Refuses who was cut off, a peer's surplus connections, a host's surplus handshakes, and strangers
 * where room is short.
 */
export const gate = (parts: Parts): ConnectionGater => {
  const { limits, members, connections } = parts
  const refused = (peer: PeerId): boolean => parts.isRefused(peer.toString())
  const strangersMax = Math.max(1, Math.floor(parts.maxConnections * limits.strangerShareMax))
  const crowded = (): boolean => {
    const strangers = connections().filter((one) => !members.has(one.remotePeer.toString()))
    return strangers.length >= strangersMax
  }
  const pending = new PendingHandshakes(limits.pendingPerHostMax)
  const proven = (peer: PeerId, { remoteAddr }: MultiaddrConnection): void => {
    const address = ipOfAddress(remoteAddr)
    if (address !== undefined && members.has(peer.toString())) parts.door.trust(address)
  }
  return {
    denyDialPeer: refused,
    denyOutboundEncryptedConnection: (peer, connection) => {
      proven(peer, connection)
      return refused(peer)
    },
    denyInboundConnection: (connection) => !pending.begin(connection),
    // The first place where it is proven who knocks.
    denyInboundEncryptedConnection: (peer, connection) => {
      pending.end(connection)
      proven(peer, connection)
      return (
        refused(peer) ||
        connections(peer).length >= limits.connectionsPerPeerMax ||
        (!members.has(peer.toString()) && crowded())
      )
    },
  }
}

/** Handshakes under way, by host; each ends once, when it is proven who it is or it is closed. */
class PendingHandshakes {
  readonly #hosts = new Map<MultiaddrConnection, string>()
  readonly #perHostMax: number

  constructor(perHostMax: number) {
    this.#perHostMax = perHostMax
  }

  /** Begins one; false if its host has as many as it may. */
  begin(connection: MultiaddrConnection): boolean {
    const address = ipOfAddress(connection.remoteAddr)
    if (address === undefined) return true
    const host = hostOf(address)
    const ofHost = [...this.#hosts.values()].filter((other) => other === host)
    if (ofHost.length >= this.#perHostMax) return false
    this.#hosts.set(connection, host)
    connection.addEventListener('close', () => this.end(connection), { once: true })
    return true
  }

  end(connection: MultiaddrConnection): void {
    this.#hosts.delete(connection)
  }
}
