import { addressOf, loopbackNode } from '../support/libp2p-world.ts'

/**
 * A real node as a process of its own: prints its name and address, listens to one topic and dials
 * the address it is given. It stops when its input ends, and must then exit by itself.
 */
const [topic, address] = process.argv.slice(2)
if (topic === undefined || address === undefined) throw new RangeError('a topic and an address')

const node = await loopbackNode({ bootstrap: [address] })
node.subscribe(topic)
await node.start({
  gossip: async () => 'accept',
  connected: () => undefined,
  disconnected: () => undefined,
})
console.log(`${node.self} ${addressOf(node)}`)

process.stdin.resume()
process.stdin.once('end', () => void node.stop().then(() => console.log('stopped')))
