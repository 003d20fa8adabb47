/**
 * The node in the directory given, as `society start` runs it, but for a head signed every 100 ms.
 * Prints a line when it publishes: `head` or `changes`. Whoever reads may kill it at that moment.
 */
import { writeSync } from 'node:fs'
import { startNode } from '../../../node/start.ts'
import { decodeGossip } from '../../../protocol/index.ts'
import type { Network } from '../../../src/index.ts'

const headMs = 100
const [, , directory = ''] = process.argv

/** Methods of the adapter use private fields: they must be called on it. */
function telling(network: Network): Network {
  return {
    self: network.self,
    identity: network.identity,
    start: (handlers) => network.start(handlers),
    peers: () => network.peers(),
    subscribe: (topic) => network.subscribe(topic),
    unsubscribe: (topic) => network.unsubscribe(topic),
    publish: (topic, data) => {
      network.publish(topic, data)
      const read = decodeGossip(data)
      if (read.ok) writeSync(1, `${read.value.type}\n`)
    },
    serve: (protocol, handler) => network.serve(protocol, handler),
    request: (peer, protocol, body) => network.request(peer, protocol, body),
    penalise: (peer, code) => network.penalise(peer, code),
    stop: () => network.stop(),
  }
}

const node = await startNode({ directory, passphrase: null, wrapNetwork: telling, headMs })
process.once('SIGTERM', () => void node.close())
await node.closed
