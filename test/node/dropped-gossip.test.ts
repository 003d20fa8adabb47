import { afterEach, expect, test } from 'vitest'
import type { RunningNode } from '../../node/start.ts'
import { decodeGossip } from '../../protocol/index.ts'
import type { Network } from '../../src/index.ts'
import {
  eventually,
  makeNode,
  removeNode,
  runNode,
  type RealDirectory,
} from '../support/real-node.ts'

const records = 2_000
const dropsWanted = 200

const directories: RealDirectory[] = []
const nodes: RunningNode[] = []

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  await Promise.all(directories.splice(0).map(removeNode))
})

/** Changes in a gossip message. */
function changesIn(data: Uint8Array): number {
  const message = decodeGossip(data)
  return message.ok && message.value.type === 'changes' ? message.value.frame.changes.length : 0
}

/** Loses every tenth gossip message that arrives, until so many changes were in them. */
function losing(count: { dropped: number }): (network: Network) => Network {
  return (network) => {
    let seen = 0
    return through(network, (handlers) =>
      network.start({
        ...handlers,
        gossip: async (peer, topic, data) => {
          seen += 1
          if (seen % 10 !== 0 || count.dropped >= dropsWanted) {
            return handlers.gossip(peer, topic, data)
          }
          count.dropped += changesIn(data)
          return 'ignore'
        },
      }),
    )
  }
}

/** Methods of the adapter use private fields: they must be called on it. */
function through(network: Network, start: Network['start']): Network {
  return {
    self: network.self,
    identity: network.identity,
    start,
    peers: () => network.peers(),
    subscribe: (topic) => network.subscribe(topic),
    unsubscribe: (topic) => network.unsubscribe(topic),
    publish: (topic, data) => network.publish(topic, data),
    serve: (protocol, handler) => network.serve(protocol, handler),
    request: (peer, protocol, body) => network.request(peer, protocol, body),
    penalise: (peer, code) => network.penalise(peer, code),
    stop: () => network.stop(),
  }
}

test('2,000 changes reach three others that lose messages with 200 of them (R74)', async () => {
  const first = await makeNode('sage', { adp: '3000' })
  directories.push(first)
  const sage = await runNode(first)
  nodes.push(sage)
  const counts = [{ dropped: 0 }, { dropped: 0 }, { dropped: 0 }]
  for (const [i, count] of counts.entries()) {
    const made = await makeNode(`other-${i}`, { bootstrap: sage.network.addresses() })
    directories.push(made)
    nodes.push(await runNode(made, { wrapNetwork: losing(count) }))
  }
  const [, ...others] = nodes as [RunningNode, ...RunningNode[]]
  await eventually('all are connected and hold all documents', () =>
    nodes.every(({ replica }) => replica.documentHeads().length === 8),
  )
  const head = () =>
    sage.replica.documentHeads().find(({ name, kind }) => name === 'sage' && kind === 'trust')
  const before = head()?.seq ?? 0
  for (let i = 0; i < records; i++) {
    await sage.replica.write('trust.observe', { subject: 'other-0', success: i % 2 === 0 })
  }
  expect(head()?.seq).toBe(before + records)
  await eventually(
    'the others have every change',
    () =>
      others.every(({ replica }) =>
        replica.documentHeads().some(({ hash }) => hash === head()?.hash),
      ),
    60_000,
  )
  const key = sage.replica.self
  const documents = await Promise.all(
    nodes.map(({ replica }) => replica.exportDocument('trust', key)),
  )
  const [mine, ...theirs] = documents.map(({ saved }) => Buffer.from(saved).toString('base64'))
  for (const saved of theirs) expect(saved).toBe(mine)
  expect(counts.reduce((sum, { dropped }) => sum + dropped, 0)).toBeGreaterThanOrEqual(dropsWanted)
  const states = nodes.map(({ replica }) => JSON.stringify(replica.documentHeads()))
  expect(new Set(states).size).toBe(1)
}, 180_000)
