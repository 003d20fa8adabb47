import type { RunningNode } from '../../node/start.ts'
import {
  encodeGossip,
  headMessage,
  recordId,
  type ChangesFrame,
  type DocumentKind,
  type HeadStatement,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { topicOf } from '../../src/index.ts'
import { fieldsOf } from '../../src/write/resolve.ts'
import { ChainAuthor, type Signed } from './chain-author.ts'
import { eventually } from './real-node.ts'
import { roguePeer, type RoguePeer } from './rogue-peer.ts'

const federation = 'test-real'
const watts = 1_000
const week = 7 * 86_400_000

/**
 * A hostile program on real libp2p: a society's key without a node of ours, which signs whatever it
 * likes and tells each of its peers something else. It keeps nobody's books.
 */
export class LyingNode {
  readonly #peers: ReadonlyMap<RunningNode, RoguePeer>
  readonly #authors: Readonly<Record<DocumentKind, ChainAuthor>>

  private constructor(name: string, peers: ReadonlyMap<RunningNode, RoguePeer>) {
    this.#peers = peers
    this.#authors = { trust: new ChainAuthor(name, 'trust'), pool: new ChainAuthor(name, 'pool') }
  }

  /** Dials each of these nodes with an identity of its own. */
  static async dial(name: string, nodes: readonly RunningNode[]): Promise<LyingNode> {
    const peers = new Map<RunningNode, RoguePeer>()
    for (const node of nodes) {
      const [address] = node.network.addresses()
      if (address === undefined) throw new RangeError('a node has no address')
      peers.set(node, await roguePeer(address))
    }
    return new LyingNode(name, peers)
  }

  get key(): SocietyKey {
    return this.#authors.trust.key
  }

  /** Founds the society with 1,000 ADP, proves a connection and charges so much ATP on it. */
  async begin(charged: number): Promise<void> {
    const policy = { 'policy.minimumOccupancy': 0 }
    const terms = { name: 'vex', federation, adp: 1_000_000, witnesses: [], ...policy }
    const founding = await this.write('trust', 'society.found', terms)
    await this.write('trust', 'federation.join', { federation })
    await this.write('pool', 'pool.open', { founding })
    const how = { measuredAt: Date.now(), method: 'said', assurance: 1, evidence: 'ab'.repeat(32) }
    const source = { source: 'grid:test:vex', allocated: watts * 1_000 }
    const proof = await this.write('trust', 'energy.prove', { ...source, ...how })
    const charge = { amount: charged * 1_000, proof, supplies: [], lifetime: week }
    await this.write('pool', 'atp.charge', charge)
  }

  /** Where the own pool stands, to sign something else from there. */
  get place(): ChainAuthor['chain'] {
    return this.#authors.pool.chain
  }

  /** Writes a record of wire values as the next of its document, and tells everybody. */
  async write(document: DocumentKind, kind: string, value: object): Promise<RecordId> {
    const { frame, hash } = this.sign(document, kind, value)
    await this.tell(frame)
    return recordId(hash, 0)
  }

  /** The same, told to nobody; `from` is where the document is said to have stood. */
  sign(
    document: DocumentKind,
    kind: string,
    value: object,
    { from, at = Date.now() }: { from?: ChainAuthor['chain']; at?: number } = {},
  ): Signed {
    const author = this.#authors[document]
    if (from !== undefined) author.chain = from
    return author.write([fieldsOf(kind, value)], at)
  }

  /** Signs that the pool stood somewhere at some time. */
  head(statement: Pick<HeadStatement, 'seq' | 'hash' | 'time'>): Uint8Array {
    const { signer, key } = this.#authors.pool
    const head: HeadStatement = { author: key, document: 'pool', ...statement }
    const signed = { head, signature: signer.sign(headMessage(head)) }
    return encodeGossip({ type: 'head', head: signed })
  }

  /** Gossips a frame, or any message, to these nodes alone. */
  async tell(
    said: ChangesFrame | Uint8Array,
    nodes: Iterable<RunningNode> = this.#peers.keys(),
  ): Promise<void> {
    const isBytes = said instanceof Uint8Array
    const actor = isBytes ? this.#authors.pool.chain.actor : said.actor
    const topic = topicOf(federation, actor)
    if (topic === undefined) throw new TypeError('an actor has a topic')
    const data = isBytes ? said : encodeGossip({ type: 'changes', frame: said })
    for (const node of nodes) {
      const peer = this.#peers.get(node)
      if (peer === undefined) throw new RangeError('not a peer of it')
      const { gossipsub } = peer.libp2p.services
      await eventually('who listens', () => gossipsub.getSubscribers(topic).length > 0)
      await gossipsub.publish(topic, data)
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#peers.values()].map((peer) => peer.stop()))
  }
}
