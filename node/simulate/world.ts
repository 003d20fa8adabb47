import { createHash } from 'node:crypto'
import { keyOfBytes, recordId, type SocietyKey } from '../../protocol/index.ts'
import {
  createMemoryDisk,
  documentsInThread,
  Replica,
  topicOf,
  type CosignPolicy,
  type Founding,
  type HistoryKept,
  type Log,
  type MemoryDisk,
  type Signer,
  type Verifier,
  type WitnessOptions,
} from '../../src/index.ts'
import { physics } from '../plausibility/physics.ts'
import { forgeSecond, messageOf } from './forger.ts'
import { SeededRandom } from './random.ts'
import { signerOf } from './simulated-keys.ts'
import { SimulatedWires } from './simulated-network.ts'
import { MachineClock, VirtualClock } from './virtual-clock.ts'

/** A society of a simulated world. */
export type Resident = {
  readonly name: string
  readonly key: SocietyKey
  readonly signer: Signer
  readonly disk: MemoryDisk
  readonly founding: Founding
  readonly manual: boolean
  /** What its node keeps; it may be changed while the node is stopped. */
  history: HistoryKept
  /** The clock of its machine. */
  readonly clock: MachineClock
  readonly cosign: CosignPolicy
  /** Its node while it is up. */
  replica: Replica | null
}

/** What a world is made of. */
export type WorldParts = {
  readonly startMs: number
  /** Societies whose nodes sign whatever they are told, physics or not. */
  readonly lawless?: ReadonlySet<string>
  readonly seed: number
  readonly verifier: Verifier
  readonly log: Log
  /** Keys of everybody who signs completions. */
  readonly localSigners: ReadonlyMap<SocietyKey, Signer>
  /** What nodes keep; all history where it is not said. */
  readonly history?: ReadonlyMap<string, HistoryKept>
  /** How nodes witness; without it they do not. */
  readonly witness?: WitnessOptions
}

/** Nobody is there to be asked. */
const signsWhatItKnows: CosignPolicy = { worker: 'known', beneficiary: 'known' }

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const longAdvanceMs = 10 * dayMs
/** Any number of societies with the real protocol and replica on a simulated network and clock. */
export class World {
  readonly clock: VirtualClock
  readonly wires: SimulatedWires
  readonly residents: Map<string, Resident> = new Map()
  readonly #parts: WorldParts
  readonly #random: SeededRandom
  /** What nodes do regularly they do hourly; daily while much time passes at once. */
  readonly #timing = { headMs: hourMs, syncMs: hourMs }

  /** When everybody has last signed heads at once. */
  #headsAt: number

  constructor(parts: WorldParts) {
    this.#parts = parts
    this.#headsAt = parts.startMs
    this.#random = new SeededRandom(parts.seed)
    this.clock = new VirtualClock(parts.startMs)
    this.wires = new SimulatedWires(this.#random.fork('order of delivery'))
  }

  /** Adds a society and starts its node. */
  async add(
    name: string,
    founding: Founding,
    manual: boolean,
    cosign: CosignPolicy = signsWhatItKnows,
  ): Promise<Resident> {
    const signer = signerOf(name)
    const key = keyOfBytes(signer.publicKey)
    const disk = createMemoryDisk()
    const clock = new MachineClock(this.clock)
    const about = { name, key, signer, disk, founding, manual, cosign, clock }
    const history = this.#parts.history?.get(name) ?? 'all'
    const resident: Resident = { ...about, history, replica: null }
    this.residents.set(name, resident)
    await this.start(name)
    return resident
  }

  /** The society of a name. */
  resident(name: string): Resident {
    const found = this.residents.get(name)
    if (found === undefined) throw new TypeError(`no society ${name} in this world`)
    return found
  }

  /** The running node of a society. */
  replica(name: string): Replica {
    const { replica } = this.resident(name)
    if (replica === null) throw new TypeError(`the node of ${name} is stopped`)
    return replica
  }

  /**
   * Has a society sign a second, different change at the place of its newest one in the document
   * that the record belongs to. Its node has no part in it. The second is shown to every running
   * node that lacks the first, across any partition, else to the first other one.
   */
  async equivocate(name: string, kind: string, given: unknown): Promise<void> {
    const { key, signer, founding } = this.resident(name)
    const replica = this.replica(name)
    const { document, fields } = await this.settled(replica.draft(kind, given))
    const changes = await replica.changes(document, key)
    const { frame, replaced } = forgeSecond(signer, document, changes, fields, this.clock.now())
    const topic = topicOf(founding.federation, frame.actor) ?? ''
    const others = [...this.residents.values()].filter((other) => other.name !== name)
    const running = others.filter((other) => other.replica !== null)
    const lacking: Resident[] = []
    for (const other of running) {
      const first = await other.replica?.record(recordId(replaced, 0))
      if (first === undefined) lacking.push(other)
    }
    for (const other of lacking.length > 0 ? lacking : running.slice(0, 1)) {
      void this.wires.node(other.name)?.hear(name, topic, messageOf(frame))
    }
  }

  /** Starts a society's node on its disk. */
  async start(name: string): Promise<void> {
    const resident = this.resident(name)
    const { verifier, log, localSigners, witness } = this.#parts
    const replica = await Replica.open({
      store: resident.disk.open(),
      network: this.wires.join(name),
      clock: resident.clock,
      random: this.#random.fork(`choices of ${name}`),
      log,
      verifier,
      signer: resident.signer,
      documents: documentsInThread,
      localSigners,
      sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
      founding: resident.founding,
      bootstrapPeers: new Set(),
      manual: resident.manual,
      history: resident.history,
      cosign: resident.cosign,
      timing: this.#timing,
      ...(this.#parts.lawless?.has(name) === true ? {} : { plausibility: physics }),
      ...(witness && { witness }),
    })
    resident.replica = replica
    await this.settled(replica.start())
  }

  /** Stops a society's node; its disk survives. */
  async stop(name: string): Promise<void> {
    const replica = this.replica(name)
    this.resident(name).replica = null
    await replica.stop()
    await this.quiet()
  }

  /** Lets everything that is under way happen until nothing is; takes no simulated time. */
  async quiet(): Promise<void> {
    for (;;) {
      await turn()
      if (await this.wires.deliverOne()) continue
      if (this.clock.runSoon()) continue
      await turn()
      if (this.wires.waiting === 0) return
    }
  }

  /** Waits for a promise while everything under way happens. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    const progress = { done: false }
    const watched = promise.finally(() => {
      progress.done = true
    })
    watched.catch(() => {})
    for (await turn(); !progress.done; await turn()) {
      if (!(await this.wires.deliverOne())) this.clock.runSoon()
    }
    const value = await watched
    await this.quiet()
    return value
  }

  /** Has all nodes sign their heads, where a minute has passed or nobody heard the last. */
  async signHeads(unheard: boolean): Promise<void> {
    if (!unheard && this.clock.now() - this.#headsAt < minuteMs) return
    this.#headsAt = this.clock.now()
    for (const { replica } of this.residents.values()) {
      if (replica !== null) await this.settled(replica.signHeads())
    }
  }

  /** Lets time pass; the network keeps delivering meanwhile. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms
    this.#timing.headMs = this.#timing.syncMs = ms > longAdvanceMs ? dayMs : hourMs
    while (this.clock.step(until)) await this.quiet()
    await this.quiet()
  }
}

/** One turn of the event loop: every promise that can go on has gone on. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
