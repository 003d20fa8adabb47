import { randomBytes } from 'node:crypto'
import { createLibp2pNetwork } from '../../node/network/libp2p-network.ts'
import type { Libp2pNetwork, Libp2pNetworkOptions } from '../../node/network/libp2p-network.ts'
import { networkLimits } from '../../node/network/limits.ts'
import type { NetworkLimits } from '../../node/network/limits.ts'
import type { Log } from '../../src/ports.ts'
import type { NetworkWorld } from '../contracts/network.ts'

/** A log that says nothing, or everything with NETWORK_LOG set. */
const log = (name: string): Log => {
  const write =
    (level: string) =>
    (event: string, fields?: Readonly<Record<string, unknown>>): void => {
      if (process.env['NETWORK_LOG']) console.error(level, name, event, JSON.stringify(fields))
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

/** Limits with shorter waits, so that failures show within a test. */
export const shortLimits: NetworkLimits = {
  ...networkLimits,
  answerTimeoutMs: 600,
  handlerTimeoutMs: 500,
  openTimeoutMs: 1_000,
}

let count = 0

/** A real node on a free port of the loopback interface, not started. */
export const loopbackNode = async (
  options: Partial<Libp2pNetworkOptions> = {},
  limits: NetworkLimits = shortLimits,
): Promise<Libp2pNetwork> =>
  createLibp2pNetwork(
    {
      nodeKeySeed: randomBytes(32),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      bootstrap: [],
      mdns: false,
      webSockets: false,
      maxConnections: 50,
      datastoreDirectory: null,
      serviceTag: 'test',
      log: log(`node-${count++}`),
      ...options,
    },
    limits,
  )

/** The address to dial a started node at. */
export const addressOf = (node: Libp2pNetwork): string => {
  const [address] = node.addresses()
  if (address === undefined) throw new RangeError('the node listens nowhere')
  return address
}

/** Real nodes on loopback that know nobody until they are connected. */
export const libp2pWorld = async (
  options: Partial<Libp2pNetworkOptions> = {},
): Promise<NetworkWorld> => {
  const nodes = new Map<string, Libp2pNetwork>()
  return {
    async create() {
      const node = await loopbackNode(options)
      nodes.set(node.self, node)
      return node
    },
    async connect(from, to) {
      const target = nodes.get(to.self)
      if (target) await nodes.get(from.self)?.dial(addressOf(target))
    },
    async dispose() {
      await Promise.all([...nodes.values()].map((node) => node.stop()))
    },
  }
}
