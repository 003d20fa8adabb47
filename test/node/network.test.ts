import { networkContract } from '../contracts/network.ts'
import { libp2pWorld } from '../support/libp2p-world.ts'
import { MemoryHub } from '../support/memory-network.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'

networkContract('in memory', async () => {
  const hub = new MemoryHub({ meshed: false, answerTimeoutMs: 600 })
  const nodes: MemoryNetwork[] = []
  return {
    async create() {
      const node = hub.join(`node-${nodes.length}`)
      nodes.push(node)
      return node
    },
    async connect(from, to) {
      hub.connect(from.self, to.self)
    },
    async dispose() {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
})

networkContract('libp2p', libp2pWorld)
