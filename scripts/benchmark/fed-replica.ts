import { hash, sign } from 'node:crypto'
import { DocumentsThread } from '../../node/documents/documents-thread.ts'
import { openKey, openNodeKey } from '../../node/keys/key-store.ts'
import { privateKeyOf, publicKeyOf } from '../../node/keys/ed25519-seed.ts'
import { createThreadedVerifier } from '../../node/keys/zip215-verifier.ts'
import { physics } from '../../node/plausibility/physics.ts'
import { lockDirectory } from '../../node/store/directory-lock.ts'
import { openLevelStore } from '../../node/store/level-store.ts'
import { systemClock, systemRandom } from '../../node/system-clock.ts'
import { encodeGossip, keyOfBytes, peerIdOf, type ChangesFrame } from '../../protocol/index.ts'
import {
  headIntervalMs,
  Replica,
  syncIntervalMs,
  topicOf,
  type Network,
  type NetworkHandlers,
} from '../../src/index.ts'
import { federation } from './author.ts'
import { quietLog } from './quiet-log.ts'

const nothing = (): void => {}
/** Messages that wait for their verdicts at once: what a busy node has in flight. */
const inFlight = 256

/** A network of one, whose only neighbour is the program that measures. */
class Feeding implements Network {
  readonly self: string
  readonly identity: Network['identity']
  handlers: NetworkHandlers | undefined

  constructor(identity: Network['identity']) {
    this.self = identity.peerId
    this.identity = identity
  }

  async start(handlers: NetworkHandlers): Promise<void> {
    this.handlers = handlers
  }
  peers = (): readonly string[] => []
  subscribe = nothing
  unsubscribe = nothing
  publish = nothing
  serve = nothing
  penalise = nothing
  request = async (): Promise<Uint8Array> => new Uint8Array()
  async stop(): Promise<void> {}
}

/**
 * A real replica on a real store whose gossip comes from this process: all that happens to foreign
 * changes behind the socket.
 */
export class FedReplica {
  readonly replica: Replica
  readonly #network: Feeding
  readonly #close: () => Promise<void>

  private constructor(replica: Replica, network: Feeding, close: () => Promise<void>) {
    this.replica = replica
    this.#network = network
    this.#close = close
  }

  /** Opens the node of a directory, without its sockets. */
  static async open(directory: string): Promise<FedReplica> {
    const lock = await lockDirectory(directory)
    const signer = await openKey(directory, null)
    const store = await openLevelStore(directory, { lock, log: quietLog })
    const documents = new DocumentsThread()
    const verifier = createThreadedVerifier()
    const nodeKey = privateKeyOf(await openNodeKey(directory))
    const network = new Feeding({
      peerId: peerIdOf(keyOfBytes(publicKeyOf(nodeKey))),
      sign: (message) => new Uint8Array(sign(null, message, nodeKey)),
    })
    const policy = { admission: 'open', minimumOccupancy: 0 }
    const replica = await Replica.open({
      store,
      network,
      clock: systemClock,
      random: systemRandom,
      log: quietLog,
      verifier,
      signer,
      documents,
      sha256: (bytes) => hash('sha256', bytes),
      founding: { name: 'fed', federation, adp: '1000000', policy, witnesses: [] },
      bootstrapPeers: new Set(),
      manual: true,
      cosign: { worker: 'ask', beneficiary: 'ask' },
      timing: { headMs: headIntervalMs, syncMs: syncIntervalMs },
      plausibility: physics,
    })
    await replica.start()
    return new FedReplica(replica, network, async () => {
      await replica.stop()
      await documents.close()
      await verifier.close()
      await store.close()
      await lock.release()
    })
  }

  /** Hands frames in as gossip, waits until each has its verdict; throws unless all are taken. */
  async feed(frames: readonly ChangesFrame[]): Promise<void> {
    await this.feedEncoded(frames.map(messageOf))
  }

  /** The same with messages as they come off the wire. */
  async feedEncoded(messages: readonly Message[]): Promise<void> {
    const { handlers } = this.#network
    if (handlers === undefined) throw new TypeError('not started')
    let next = 0
    const feedSome = async (): Promise<void> => {
      for (let at = next++; at < messages.length; at = next++) {
        const { topic, data } = messages[at] as Message
        const verdict = await handlers.gossip('neighbour', topic, data)
        if (verdict !== 'accept') throw new TypeError(`message ${at}: ${verdict}`)
      }
    }
    await Promise.all(Array.from({ length: inFlight }, feedSome))
  }

  /** Closes all that was opened. */
  async close(): Promise<void> {
    await this.#close()
  }
}

/** A gossip message and its topic. */
export type Message = { readonly topic: string; readonly data: Uint8Array }

/** A frame as it is gossiped. */
export function messageOf(frame: ChangesFrame): Message {
  const topic = topicOf(federation, frame.actor)
  if (topic === undefined) throw new TypeError('an actor of no known document')
  return { topic, data: encodeGossip({ type: 'changes', frame }) }
}
