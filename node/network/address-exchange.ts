import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { keyOfPeerId } from '../../protocol/index.ts'
import { protocols, type Log, type PeerName } from '../../src/index.ts'
import type { Libp2pNetwork } from './libp2p-network.ts'

/** Peers and addresses of each in one answer; more would only be a way to fill memory. */
const peersMax = 256
const addressesPerPeerMax = 8
/** How often connected peers are asked, and the pause after something gave reason to, in ms. */
const askIntervalMs = 30_000
const nudgeMs = 100
/** Peers asked in one round. */
const askedMax = 4

const answerSchema = Type.Array(
  Type.Object(
    {
      peer: Type.String({ maxLength: 128 }),
      addresses: Type.Array(Type.String({ maxLength: 256 }), { maxItems: addressesPerPeerMax }),
    },
    { additionalProperties: false },
  ),
  { maxItems: peersMax },
)

/**
 * Tells members where other members' nodes are reached. Only addresses of certified members' nodes
 * are given and taken, and a wrong one costs a failed dial, for noise proves who answers.
 */
export class AddressExchange {
  readonly #network: Libp2pNetwork
  readonly #log: Log
  #members: ReadonlySet<PeerName> = new Set()
  #interval: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #stopped = false
  /** Whom to begin with next, so that everybody is asked in turn. */
  #turn = 0

  constructor(network: Libp2pNetwork, log: Log) {
    this.#network = network
    this.#log = log
    network.serve(protocols.addresses, () => this.#answer())
  }

  /** Begins to ask. */
  start(): void {
    this.#interval = setInterval(() => void this.#askSome(), askIntervalMs)
    this.#nudge()
  }

  /** Stops asking. */
  stop(): void {
    this.#stopped = true
    clearInterval(this.#interval)
    clearTimeout(this.#soon)
  }

  /** Says whose nodes are members'; asks soon where some of them are not connected. */
  setMembers(members: ReadonlySet<PeerName>): void {
    this.#members = new Set([...members].filter((peer) => keyOfPeerId(peer) !== undefined))
    if (!this.#stopped) this.#nudge()
  }

  #nudge(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      void this.#askSome()
    }, nudgeMs)
  }

  /** Members' nodes without a connection. */
  #missing(): readonly PeerName[] {
    const connected = new Set([this.#network.self, ...this.#network.peers()])
    return [...this.#members].filter((peer) => !connected.has(peer))
  }

  async #askSome(): Promise<void> {
    if (this.#missing().length === 0) return
    const peers = this.#network.peers().filter((peer) => this.#members.has(peer))
    const from = peers.length === 0 ? 0 : this.#turn % peers.length
    this.#turn += askedMax
    for (const peer of [...peers.slice(from), ...peers.slice(0, from)].slice(0, askedMax)) {
      try {
        const answer = await this.#network.request(peer, protocols.addresses, new Uint8Array())
        await this.#take(peer, answer)
      } catch (error) {
        this.#log.debug('addresses-not-had', { peer, error: String(error) })
      }
    }
  }

  async #take(peer: PeerName, answer: Uint8Array): Promise<void> {
    const found: unknown = JSON.parse(new TextDecoder().decode(answer))
    if (!Value.Check(answerSchema, found)) {
      this.#network.penalise(peer, 'malformed')
      return
    }
    const missing = new Set(this.#missing())
    for (const { peer: name, addresses } of found) {
      if (!missing.has(name)) continue
      const multiaddrs = addresses.flatMap(parsed)
      if (multiaddrs.length === 0) continue
      await this.#network.libp2p.peerStore.merge(peerIdFromString(name), { multiaddrs })
      this.#network.dial(name).catch((error: unknown) => {
        this.#log.debug('member-not-reached', { peer: name, error: String(error) })
      })
    }
  }

  async #answer(): Promise<Uint8Array> {
    const told: { peer: PeerName; addresses: string[] }[] = []
    for (const peer of this.#network.peers()) {
      if (!this.#members.has(peer) || told.length >= peersMax) continue
      const addresses = await this.#addressesOf(peerIdFromString(peer))
      if (addresses.length > 0) told.push({ peer, addresses })
    }
    return new TextEncoder().encode(JSON.stringify(told))
  }

  async #addressesOf(peer: PeerId): Promise<string[]> {
    const known = await this.#network.libp2p.peerStore.get(peer).catch(() => undefined)
    const addresses = (known?.addresses ?? []).map(({ multiaddr: address }) => address.toString())
    return addresses.filter((address) => address.length <= 256).slice(0, addressesPerPeerMax)
  }
}

function parsed(address: string): Multiaddr[] {
  try {
    return [multiaddr(address)]
  } catch {
    return []
  }
}
