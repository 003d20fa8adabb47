import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { StrictNoSign, gossipsub, type GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { gossipOptions } from '../../../node/network/gossip-options.ts'
import { networkLimits } from '../../../node/network/limits.ts'
import { paced, sharedNow, type FleetQuestion, type Sightings } from '../fleet.ts'
import { answerEach } from '../workers.ts'

/** Bytes of a change of one observation in its frame. */
const messageBytes = 390
/** Messages of a burst that are handed to gossipsub at once. */
const callers = 64
const topic = 'benchmark'

type Told = { readonly bootstrap: readonly string[]; readonly size: number }

const { bootstrap } = JSON.parse(process.argv[2] ?? '{}') as Told
const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionManager: { inboundConnectionThreshold: 100, maxIncomingPendingConnections: 100 },
  connectionMonitor: { enabled: false },
  services: {
    identify: identify(),
    ping: ping(),
    gossipsub: gossipsub({
      ...gossipOptions(networkLimits, () => 0),
      asyncValidation: false,
      globalSignaturePolicy: StrictNoSign,
    }),
  },
})
const gossip: GossipSub = node.services.gossipsub
const nameOf = (data: Uint8Array): string => Buffer.from(data.subarray(0, 16)).toString('hex')
let seen: [string, number][] = []
gossip.addEventListener('message', ({ detail }) => {
  seen.push([nameOf(detail.data), sharedNow()])
})
gossip.subscribe(topic)
for (const address of bootstrap) await node.dial(multiaddr(address))
while (bootstrap.length > 0 && gossip.getSubscribers(topic).length < bootstrap.length) {
  await pause(50)
}

async function answer(question: FleetQuestion): Promise<Sightings> {
  if (question.type === 'seen') {
    const told = seen
    seen = []
    return told
  }
  const { count, perSecond } = question
  return paced(count, perSecond, callers, async () => {
    const data = randomBytes(messageBytes)
    await gossip.publish(topic, data)
    return nameOf(data)
  })
}

answerEach(
  (question) => answer(question as FleetQuestion),
  async () => {
    await node.stop()
  },
)
process.send?.(node.getMultiaddrs()[0]?.toString() ?? '')
