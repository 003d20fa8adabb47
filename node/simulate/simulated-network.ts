import {
  Failure,
  type GossipVerdict,
  type Network,
  type NetworkHandlers,
  type NodeIdentity,
  type PeerName,
} from '../../src/index.ts'
import { nodeIdentityOf, nodeNameOf } from './simulated-keys.ts'
import type { SeededRandom } from './random.ts'

/** A message on its way. */
export type Message = {
  readonly from: PeerName
  readonly to: PeerName
  /** Hands it to its receiver. */
  readonly deliver: () => Promise<void>
  /** Tells the sender that it will not arrive; null where nobody waits for an answer. */
  readonly fail: (() => void) | null
}

/** What carries messages between simulated nodes: who reaches whom, and when what arrives. */
export interface Wires {
  /** Whether two nodes have a connection. */
  connected(a: PeerName, b: PeerName): boolean
  /** Nodes that a node has a connection to. */
  neighbours(of: PeerName): readonly PeerName[]
  /** The node of a name, if it is up. */
  node(name: PeerName): SimulatedNetwork | undefined
  /** A node comes up. */
  raise(node: SimulatedNetwork): void
  /** A node goes down; what is under way to it and from it is lost. */
  drop(name: PeerName): void
  /** Puts a message on the wires. */
  send(message: Message): void
  /** Calls back when a request that began now has waited for too long. */
  expire(fail: () => void): void
  /** Shows what a node published or answered, for whoever watches. */
  watch?(from: PeerName, what: 'gossip' | 'answer', bytes: Uint8Array, protocol: string): void
}

/**
 * The wires of a simulated world: every message waits until the world delivers it, in an order that
 * the seed decides but for what one peer sends another, which keeps its order.
 */
export class SimulatedWires implements Wires {
  readonly #nodes: Map<PeerName, SimulatedNetwork> = new Map()
  readonly #waiting: Message[] = []
  readonly #random: SeededRandom
  #groups: ReadonlyMap<PeerName, number> = new Map()

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** A new node on the wires. */
  join(name: PeerName): SimulatedNetwork {
    const node = new SimulatedNetwork(name, this)
    return node
  }

  /** Whether messages pass between two nodes now. */
  connected(a: PeerName, b: PeerName): boolean {
    const both = this.#nodes.has(a) && this.#nodes.has(b)
    return both && this.#groups.get(a) === this.#groups.get(b)
  }

  /** Nodes that a node can reach. */
  neighbours(of: PeerName): readonly PeerName[] {
    return [...this.#nodes.keys()].filter((name) => name !== of && this.connected(of, name))
  }

  /** The node of a name, if it is up. */
  node(name: PeerName): SimulatedNetwork | undefined {
    return this.#nodes.get(name)
  }

  /** Divides the nodes into groups; nodes of no group form one more. */
  partition(groups: readonly (readonly PeerName[])[]): void {
    this.#regroup(
      new Map(groups.flatMap((group, i) => group.map((name) => [name, i + 1] as const))),
    )
  }

  /** Lets everybody reach everybody again. */
  heal(): void {
    this.#regroup(new Map())
  }

  #regroup(groups: ReadonlyMap<PeerName, number>): void {
    const before = this.#pairs()
    this.#groups = groups
    this.#tellChanges(before)
  }

  #pairs(): ReadonlySet<string> {
    const names = [...this.#nodes.keys()]
    const pairs = names.flatMap((a) => this.neighbours(a).map((b) => `${a} ${b}`))
    return new Set(pairs)
  }

  #tellChanges(before: ReadonlySet<string>): void {
    const after = this.#pairs()
    for (const pair of before) if (!after.has(pair)) this.#tell(pair, 'disconnected')
    for (const pair of after) if (!before.has(pair)) this.#tell(pair, 'connected')
  }

  #tell(pair: string, what: 'connected' | 'disconnected'): void {
    const [a = '', b = ''] = pair.split(' ')
    this.#nodes.get(a)?.tell(what, b)
  }

  /** A node comes up. */
  raise(node: SimulatedNetwork): void {
    const before = this.#pairs()
    this.#nodes.set(node.self, node)
    this.#tellChanges(before)
  }

  /** A node goes down; what is under way to it and from it is lost. */
  drop(name: PeerName): void {
    const before = this.#pairs()
    this.#nodes.delete(name)
    this.#tellChanges(before)
  }

  /** Puts a message on the wires. */
  send(message: Message): void {
    this.#waiting.push(message)
  }

  /** Requests never hang here: what is on the wires is delivered or fails. */
  expire(): void {}

  /** Messages that wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Delivers one waiting message, the oldest of the link that chance picks; false if none. */
  async deliverOne(): Promise<boolean> {
    if (this.#waiting.length === 0) return false
    const picked = this.#waiting[Math.floor(this.#random.next() * this.#waiting.length)] as Message
    const at = this.#waiting.findIndex(({ from, to }) => from === picked.from && to === picked.to)
    const [message] = this.#waiting.splice(at, 1)
    if (message === undefined) return false
    if (this.connected(message.from, message.to)) await message.deliver()
    else message.fail?.()
    return true
  }
}

/**
 * The `Network` of one node on simulated wires. The wires know nodes by their names; the replica
 * hears of them by their PeerIds, as from a real network.
 */
export class SimulatedNetwork implements Network {
  readonly self: PeerName
  readonly subscriptions: Set<string> = new Set()
  readonly serving: Map<string, (peer: PeerName, body: Uint8Array) => Promise<Uint8Array>> =
    new Map()
  handlers: NetworkHandlers | undefined
  readonly #wires: Wires

  readonly identity: NodeIdentity

  constructor(self: PeerName, wires: Wires) {
    this.self = self
    this.identity = nodeIdentityOf(self)
    this.#wires = wires
  }

  async start(handlers: NetworkHandlers): Promise<void> {
    this.handlers = handlers
    this.#wires.raise(this)
  }

  /** Whether this is the node that is up under its name, not one that has crashed. */
  get #up(): boolean {
    return this.#wires.node(this.self) === this
  }

  /** A connection to a node of a name came up or went down. */
  tell(what: 'connected' | 'disconnected', name: string): void {
    this.handlers?.[what](nodeIdentityOf(name).peerId)
  }

  /** A message of gossip arrives from a node of a name; undefined where nobody listens. */
  hear(from: string, topic: string, data: Uint8Array): Promise<GossipVerdict> | undefined {
    return this.handlers?.gossip(nodeIdentityOf(from).peerId, topic, data)
  }

  /** A question arrives from a node of a name; undefined where nobody answers. */
  ask(from: string, protocol: string, body: Uint8Array): Promise<Uint8Array> | undefined {
    return this.serving.get(protocol)?.(nodeIdentityOf(from).peerId, body)
  }

  get #neighbours(): readonly string[] {
    return this.#up ? this.#wires.neighbours(this.self) : []
  }

  peers(): readonly PeerName[] {
    return this.#neighbours.map((name) => nodeIdentityOf(name).peerId)
  }

  subscribe(topic: string): void {
    this.subscriptions.add(topic)
  }

  unsubscribe(topic: string): void {
    this.subscriptions.delete(topic)
  }

  publish(topic: string, data: Uint8Array): void {
    if (this.#up) this.#wires.watch?.(this.self, 'gossip', data, topic)
    for (const to of this.#neighbours) {
      const deliver = async (): Promise<void> => {
        const node = this.#wires.node(to)
        if (node?.subscriptions.has(topic) !== true) return
        void node.hear(this.self, topic, data.slice())
      }
      this.#wires.send({ from: this.self, to, deliver, fail: null })
    }
  }

  serve(
    protocol: string,
    handler: (peer: PeerName, body: Uint8Array) => Promise<Uint8Array>,
  ): void {
    this.serving.set(protocol, handler)
  }

  request(named: PeerName, protocol: string, body: Uint8Array): Promise<Uint8Array> {
    const peer = nodeNameOf(named)
    const from = this.self
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Failure('peer-unavailable', `${peer} is not reachable`))
      if (!this.#up || !this.#wires.connected(from, peer)) {
        fail()
        return
      }
      this.#wires.expire(fail)
      const answer = (bytes: Uint8Array): void => {
        this.#wires.watch?.(peer, 'answer', bytes, protocol)
        const deliver = async (): Promise<void> => resolve(bytes)
        this.#wires.send({ from: peer, to: from, deliver, fail })
      }
      const deliver = async (): Promise<void> => {
        const answering = this.#wires.node(peer)?.ask(from, protocol, body.slice())
        if (answering === undefined) fail()
        else void answering.then(answer, fail)
      }
      this.#wires.send({ from, to: peer, deliver, fail })
    })
  }

  penalise(): void {
    // Nobody is cut off in a simulated world: what liars do is what is watched.
  }

  async stop(): Promise<void> {
    if (this.#up) this.#wires.drop(this.self)
  }
}
