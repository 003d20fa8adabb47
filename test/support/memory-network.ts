import { PeerScores } from '../../node/network/peer-scores.ts'
import { networkLimits } from '../../node/network/limits.ts'
import { Failure } from '../../src/failure.ts'
import type {
  Clock,
  GossipVerdict,
  Network,
  NetworkHandlers,
  NodeIdentity,
  PeerName,
} from '../../src/ports.ts'
import { nodeIdentityOf } from '../../node/simulate/simulated-keys.ts'

/** What is under way between two nodes. */
export type Parcel = {
  readonly from: PeerName
  readonly to: PeerName
  readonly kind: 'gossip' | 'request' | 'answer'
  readonly topic: string
  readonly data: Uint8Array
}

/** How a hub behaves; by default everything arrives at once and in order. */
export type HubOptions = {
  /** Time of deliveries and timeouts; by default the real one. */
  readonly clock?: Clock
  /** Milliseconds until a parcel arrives; parcels of one moment arrive in the order sent. */
  readonly delayMs?: (parcel: Parcel) => number
  /** Whether a parcel gets lost; a lost request or answer ends in a timeout. */
  readonly drop?: (parcel: Parcel) => boolean
  /** Whether nodes connect as soon as both run; else `connect` does it. */
  readonly meshed?: boolean
  /** How long an answer is waited for. */
  readonly answerTimeoutMs?: number
}

type Delivery = { readonly atMs: number; readonly number: number; readonly run: () => void }

const realClock: Clock = {
  now: () => performance.now(),
  elapsed: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/**
 * Simulated network of nodes in one process, with the behaviour of the real one that a replica can
 * see: gossip reaches who listens, hop by hop and after a verdict, and may be lost; requests are
 * answered or fail; peers that misbehave are cut off and refused.
 *
 * Invariants: deliveries run one at a time, in the order of their time and then of their sending,
 * never from within the call that caused them; data is copied on the way.
 */
export class MemoryHub {
  readonly clock: Clock
  readonly options: HubOptions
  readonly #nodes = new Map<PeerName, MemoryNetwork>()
  readonly #deliveries: Delivery[] = []
  #number = 0
  #cancel: (() => void) | undefined

  constructor(options: HubOptions = {}) {
    this.options = options
    this.clock = options.clock ?? realClock
  }

  /** Adds a node under a name of its own; it takes part once it is started. */
  join(name: PeerName, identity: NodeIdentity = nodeIdentityOf(name)): MemoryNetwork {
    if (this.#nodes.has(name)) throw new RangeError(`${name} has joined already`)
    const node = new MemoryNetwork(this, name, identity)
    this.#nodes.set(name, node)
    return node
  }

  /** The node of a name if it runs. */
  running(name: PeerName): MemoryNetwork | undefined {
    const node = this.#nodes.get(name)
    return node?.isRunning() ? node : undefined
  }

  /** Connects two running nodes; false if one refuses the other or does not run. */
  connect(one: PeerName, other: PeerName): boolean {
    const [first, second] = [this.running(one), this.running(other)]
    if (!first || !second || one === other) return false
    if (first.refuses(other) || second.refuses(one)) return false
    first.link(other)
    second.link(one)
    return true
  }

  /** Takes a connection away. */
  disconnect(one: PeerName, other: PeerName): void {
    this.#nodes.get(one)?.unlink(other)
    this.#nodes.get(other)?.unlink(one)
  }

  /** Called by a node that has started. */
  appeared(name: PeerName): void {
    if (this.options.meshed === false) return
    for (const other of this.#nodes.keys()) this.connect(name, other)
  }

  /** Sends a parcel on its way, or loses it; `arrive` gets a copy of its data. */
  send(parcel: Parcel, arrive: (data: Uint8Array) => void): void {
    if (this.options.drop?.(parcel)) return
    const data = parcel.data.slice()
    this.#post(this.options.delayMs?.(parcel) ?? 0, () => arrive(data))
  }

  #post(delayMs: number, run: () => void): void {
    const delivery = { atMs: this.clock.now() + delayMs, number: this.#number++, run }
    const place = this.#deliveries.findLastIndex(({ atMs }) => atMs <= delivery.atMs)
    this.#deliveries.splice(place + 1, 0, delivery)
    this.#schedule()
  }

  #schedule(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const first = this.#deliveries[0]
    if (first === undefined) return
    const waitMs = Math.max(0, first.atMs - this.clock.now())
    this.#cancel = this.clock.after(waitMs, () => this.#deliver())
  }

  #deliver(): void {
    this.#cancel = undefined
    const nowMs = this.clock.now()
    // What these deliveries cause is for the next round.
    const due = this.#deliveries.filter(({ atMs }) => atMs <= nowMs)
    this.#deliveries.splice(0, due.length)
    for (const { run } of due) run()
    this.#schedule()
  }
}

type Handler = (peer: PeerName, body: Uint8Array) => Promise<Uint8Array>

/** One node of a `MemoryHub`. */
export class MemoryNetwork implements Network {
  readonly self: PeerName
  readonly identity: NodeIdentity
  readonly #hub: MemoryHub
  readonly #scores = new PeerScores(networkLimits)
  readonly #links = new Set<PeerName>()
  readonly #topics = new Set<string>()
  readonly #seen = new Set<string>()
  readonly #served = new Map<string, Handler>()
  readonly #pending = new Set<(why: string) => void>()
  #handlers: NetworkHandlers | undefined
  #stopped = false

  constructor(hub: MemoryHub, name: PeerName, identity: NodeIdentity) {
    this.#hub = hub
    this.self = name
    this.identity = identity
  }

  async start(handlers: NetworkHandlers): Promise<void> {
    this.#handlers = handlers
    this.#hub.appeared(this.self)
  }

  peers(): readonly PeerName[] {
    return [...this.#links]
  }

  subscribe(topic: string): void {
    this.#topics.add(topic)
  }

  unsubscribe(topic: string): void {
    this.#topics.delete(topic)
  }

  publish(topic: string, data: Uint8Array): void {
    if (!this.isRunning() || data.length > networkLimits.gossipBytesMax) return
    const id = idOf(topic, data)
    if (this.#seen.has(id)) return
    this.#seen.add(id)
    this.#spread(topic, data, undefined)
  }

  serve(protocol: string, handler: Handler): void {
    this.#served.set(protocol, handler)
  }

  async request(peer: PeerName, protocol: string, body: Uint8Array): Promise<Uint8Array> {
    if (body.length > networkLimits.bodyBytesMax) {
      throw new Failure('too-large', `A request has ${body.length} bytes.`)
    }
    const reached = this.#links.has(peer) || this.#hub.connect(this.self, peer)
    if (!reached) throw new Failure('peer-unavailable', `${peer} is not there.`)
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const fail = (why: string): void => reject(new Failure('peer-unavailable', `${peer}: ${why}`))
    this.#pending.add(fail)
    const timeoutMs = this.#hub.options.answerTimeoutMs ?? networkLimits.answerTimeoutMs
    const cancel = this.#hub.clock.after(timeoutMs, () => fail('no answer in time'))
    const there: Parcel = {
      from: this.self,
      to: peer,
      kind: 'request',
      topic: protocol,
      data: body,
    }
    this.#hub.send(there, (received) => {
      const node = this.#hub.running(peer)
      if (!node || !node.peers().includes(this.self)) return fail('gone')
      void node.#answer(this.self, protocol, received, resolve, fail)
    })
    try {
      return await promise
    } finally {
      cancel()
      this.#pending.delete(fail)
    }
  }

  penalise(peer: PeerName, code: string): void {
    if (this.#scores.penalise(peer, code, this.#hub.clock.now())) {
      this.#hub.disconnect(this.self, peer)
    }
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    for (const fail of this.#pending) fail('the node stops')
    for (const peer of this.#links) this.#hub.disconnect(this.self, peer)
  }

  /** Whether it is started and not stopped. */
  isRunning(): boolean {
    return this.#handlers !== undefined && !this.#stopped
  }

  /** Whether it was cut off here. */
  refuses(peer: PeerName): boolean {
    return this.#scores.refused(peer, this.#hub.clock.now())
  }

  /** Called by the hub. */
  link(peer: PeerName): void {
    if (this.#links.has(peer)) return
    this.#links.add(peer)
    this.#handlers?.connected(peer)
  }

  /** Called by the hub. */
  unlink(peer: PeerName): void {
    if (this.#links.delete(peer) && !this.#stopped) this.#handlers?.disconnected(peer)
  }

  #spread(topic: string, data: Uint8Array, source: PeerName | undefined): void {
    for (const to of this.#links) {
      const node = this.#hub.running(to)
      if (to === source || !node || !node.#topics.has(topic)) continue
      const parcel: Parcel = { from: this.self, to, kind: 'gossip', topic, data }
      this.#hub.send(parcel, (received) => {
        if (node.isRunning() && node.#links.has(this.self)) {
          void node.#hear(this.self, topic, received)
        }
      })
    }
  }

  async #hear(peer: PeerName, topic: string, data: Uint8Array): Promise<void> {
    const id = idOf(topic, data)
    // As with the real one, an id is remembered before its message is judged.
    if (!this.#topics.has(topic) || this.#seen.has(id)) return
    this.#seen.add(id)
    const verdict: GossipVerdict = (await this.#handlers?.gossip(peer, topic, data)) ?? 'ignore'
    if (!this.isRunning()) return
    if (verdict === 'accept') this.#spread(topic, data, peer)
    if (verdict === 'reject') this.penalise(peer, 'gossip-rejected')
  }

  async #answer(
    peer: PeerName,
    protocol: string,
    body: Uint8Array,
    resolve: (answer: Uint8Array) => void,
    fail: (why: string) => void,
  ): Promise<void> {
    const back = { from: this.self, to: peer, kind: 'answer', topic: protocol } as const
    try {
      const handler = this.#served.get(protocol)
      if (handler === undefined) throw new RangeError(`does not speak ${protocol}`)
      const data = await handler(peer, body)
      if (data.length > networkLimits.bodyBytesMax) throw new RangeError('answers too much')
      this.#hub.send({ ...back, data }, (answer) =>
        this.isRunning() ? resolve(answer) : fail('gone'),
      )
    } catch (error) {
      this.#hub.send({ ...back, data: new Uint8Array() }, () => fail(String(error)))
    }
  }
}

const idOf = (topic: string, data: Uint8Array): string =>
  `${topic} ${Buffer.from(data).toString('latin1')}`
