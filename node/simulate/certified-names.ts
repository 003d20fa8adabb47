import type { Network } from '../../src/index.ts'
import { nodeIdentityOf } from './simulated-keys.ts'

const certified = (name: string): string => nodeIdentityOf(name).peerId

/**
 * A simulated network that calls nodes by the PeerIds that their societies certify, as a real one
 * does, and not by the names of the societies: so that it can be told whose node asks.
 */
export function byCertifiedNames(network: Network): Network {
  return {
    self: certified(network.self),
    identity: network.identity,
    start: (handlers) =>
      network.start({
        gossip: (peer, topic, data) => handlers.gossip(certified(peer), topic, data),
        connected: (peer) => handlers.connected(certified(peer)),
        disconnected: (peer) => handlers.disconnected(certified(peer)),
      }),
    peers: () => network.peers().map(certified),
    subscribe: (topic) => network.subscribe(topic),
    unsubscribe: (topic) => network.unsubscribe(topic),
    publish: (topic, data) => network.publish(topic, data),
    serve: (protocol, handler) =>
      network.serve(protocol, (peer, body) => handler(certified(peer), body)),
    request: (peer, protocol, body) => network.request(peer, protocol, body),
    penalise: (peer, code) => network.penalise(peer, code),
    stop: () => network.stop(),
  }
}
