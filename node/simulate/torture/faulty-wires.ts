import type { PeerName } from '../../../src/index.ts'
import type { SeededRandom } from '../random.ts'
import { SimulatedNetwork, type Message, type Wires } from '../simulated-network.ts'
import type { EventClock } from './event-clock.ts'

/** How one direction of a link treats messages. */
export type LinkFaults = {
  /** Share of messages that vanish, 0..1. */
  readonly loss: number
  /** Share that arrives twice, 0..1. */
  readonly duplicates: number
  /** Longest delay in ms; each message has one of its own, so they overtake each other. */
  readonly delayMs: number
}

/** A link as it should be. */
const soundLink: LinkFaults = { loss: 0, duplicates: 0, delayMs: 40 }

/** After how long an unanswered request has failed, in ms. */
const requestMs = 30_000

/** Who looks at what is published and answered. */
export type Watcher = NonNullable<Wires['watch']>

/** Wires of a world with a clock: every message has its delay, and links lose, repeat and block. */
export class FaultyWires implements Wires {
  readonly #clock: EventClock
  readonly #random: SeededRandom
  readonly #nodes: Map<PeerName, SimulatedNetwork> = new Map()
  readonly #faults: Map<string, LinkFaults> = new Map()
  /** Directions in which nothing passes although the connection seems to be there. */
  readonly #blocked: Set<string> = new Set()
  #groups: ReadonlyMap<PeerName, number> = new Map()
  readonly watch: Watcher

  constructor(clock: EventClock, random: SeededRandom, watch: Watcher) {
    this.#clock = clock
    this.#random = random
    this.watch = watch
  }

  /** A new node on the wires, not up yet. */
  join(name: PeerName): SimulatedNetwork {
    return new SimulatedNetwork(name, this)
  }

  connected(a: PeerName, b: PeerName): boolean {
    const both = this.#nodes.has(a) && this.#nodes.has(b)
    return both && this.#groups.get(a) === this.#groups.get(b)
  }

  neighbours(of: PeerName): readonly PeerName[] {
    return [...this.#nodes.keys()].filter((name) => name !== of && this.connected(of, name))
  }

  node(name: PeerName): SimulatedNetwork | undefined {
    return this.#nodes.get(name)
  }

  raise(node: SimulatedNetwork): void {
    this.#change(() => this.#nodes.set(node.self, node))
  }

  drop(name: PeerName): void {
    this.#change(() => this.#nodes.delete(name))
  }

  /** Divides the nodes: only those of one group have connections. None: everybody has. */
  divide(groups: ReadonlyMap<PeerName, number>): void {
    this.#change(() => {
      this.#groups = groups
    })
  }

  /** Lets nothing pass in one direction, or everything again. */
  block(from: PeerName, to: PeerName, blocked: boolean): void {
    if (blocked) this.#blocked.add(`${from} ${to}`)
    else this.#blocked.delete(`${from} ${to}`)
  }

  /** Gives one direction of a link its faults. */
  spoil(from: PeerName, to: PeerName, faults: LinkFaults): void {
    this.#faults.set(`${from} ${to}`, faults)
  }

  /** Everything works again. */
  heal(): void {
    this.#blocked.clear()
    this.#faults.clear()
    this.divide(new Map())
  }

  send(message: Message): void {
    const link = `${message.from} ${message.to}`
    const { loss, duplicates, delayMs } = this.#faults.get(link) ?? soundLink
    const lost = this.#random.next() < loss
    const copies = this.#random.next() < duplicates && message.fail === null ? 2 : 1
    if (lost) return
    const target = this.#nodes.get(message.to)
    for (let copy = 0; copy < copies; copy++) {
      const ms = 1 + Math.floor(this.#random.next() * delayMs)
      this.#clock.after(ms, () => this.#arrive(message, link, target))
    }
  }

  #arrive(message: Message, link: string, target: SimulatedNetwork | undefined): void {
    const { from, to } = message
    // What was sent to a node before it crashed is not for the one that was started after.
    const there = target !== undefined && this.#nodes.get(to) === target
    if (there && this.connected(from, to)) {
      if (!this.#blocked.has(link)) void message.deliver()
    } else {
      message.fail?.()
    }
  }

  expire(fail: () => void): void {
    this.#clock.after(requestMs, fail)
  }

  #change(how: () => void): void {
    const before = this.#pairs()
    how()
    const after = this.#pairs()
    for (const pair of before) if (!after.has(pair)) this.#tell(pair, 'disconnected')
    for (const pair of after) if (!before.has(pair)) this.#tell(pair, 'connected')
  }

  #pairs(): ReadonlySet<string> {
    const names = [...this.#nodes.keys()]
    return new Set(names.flatMap((a) => this.neighbours(a).map((b) => `${a} ${b}`)))
  }

  #tell(pair: string, what: 'connected' | 'disconnected'): void {
    const [a = '', b = ''] = pair.split(' ')
    this.#nodes.get(a)?.tell(what, b)
  }
}
