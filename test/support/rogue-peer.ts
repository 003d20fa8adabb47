import { gossipsub, StrictNoSign } from '@libp2p/gossipsub'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

/** A peer with no manners and none of our limits. */
export type RoguePeer = {
  readonly name: string
  readonly libp2p: Libp2p<{ identify: Identify; gossipsub: GossipSub }>
  /** Opens a stream of a protocol to whoever it is connected to. */
  stream(protocol: string): Promise<Stream>
  /** Writes frames into a stream; rejects when the other side has had enough. */
  write(stream: Stream, frames: readonly Uint8Array[]): Promise<void>
  stop(): Promise<void>
}

/** Connects a rogue to an address. */
export const roguePeer = async (address: string): Promise<RoguePeer> => {
  const libp2p = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      gossipsub: gossipsub({
        globalSignaturePolicy: StrictNoSign,
        allowPublishToZeroTopicPeers: true,
      }),
    },
  })
  await libp2p.dial(multiaddr(address))
  return {
    name: libp2p.peerId.toString(),
    libp2p,
    async stream(protocol) {
      const [connection] = libp2p.getConnections()
      if (connection === undefined) throw new RangeError('not connected')
      return connection.newStream(protocol)
    },
    async write(stream, frames) {
      const lengthPrefixed = lpStream(stream)
      for (const frame of frames) await lengthPrefixed.write(frame)
    },
    stop: async () => libp2p.stop(),
  }
}
