import { createHash, type Hash } from 'node:crypto'
import { keyOfBytes, type SocietyKey } from '../../../protocol/index.ts'
import {
  documentsInThread,
  Failure,
  Replica,
  type Founding,
  type HistoryKept,
  type Log,
  type Signer,
  type Verifier,
} from '../../../src/index.ts'
import { physics } from '../../plausibility/physics.ts'
import { SeededRandom } from '../random.ts'
import { signerOf } from '../simulated-keys.ts'
import { EventClock, NodeClock } from './event-clock.ts'
import { FaultyWires, type Watcher } from './faulty-wires.ts'
import { MortalDisk } from './mortal-disk.ts'

/** A society of a tortured world and its node. */
export type Victim = {
  readonly name: string
  readonly key: SocietyKey
  readonly signer: Signer
  readonly disk: MortalDisk
  readonly founding: Founding
  readonly manual: boolean
  readonly history: HistoryKept
  /** How far its clock is off, in ms. */
  offsetMs: number
  /** Its running node and that node's clock; null while it is down or on its way up. */
  replica: Replica | null
  clock: NodeClock | null
  /** Counts its runs, so that what belongs to an earlier one is known. */
  run: number
  /** Ids that `write` answered, never to be lost, and when, in ms. */
  readonly answered: Map<string, number>
  /** Whether its disk was last restored from a backup. */
  isRestored: boolean
}

/** What a tortured world reports to. */
export type Witness = {
  readonly watch: Watcher
  /** A node is up: its events can be listened to. */
  readonly raised: (victim: Victim, replica: Replica) => void
  /** Something happened that must not. */
  readonly fail: (what: string) => void
}

/** Start of every tortured world: noon of a summer's day. */
const worldStartMs: number = Date.UTC(2026, 5, 21, 12)

/** Time that one step of waiting may take, in ms. */
const stepMs = 60_000

/** Any number of real replicas on a simulated clock, network and disks that all go wrong. */
export class TortureWorld {
  readonly clock: EventClock = new EventClock(worldStartMs)
  readonly wires: FaultyWires
  readonly victims: Victim[] = []
  readonly #random: SeededRandom
  readonly #verifier: Verifier
  readonly #witness: Witness
  readonly #signers: Map<SocietyKey, Signer> = new Map()
  readonly #trace: Hash = createHash('sha256')
  /** Whether nodes hold one another's keys for work, or ask each other to sign for it. */
  readonly #isCosignedLocally: boolean
  /** Events so far. */
  events = 0

  constructor(seed: number, verifier: Verifier, witness: Witness) {
    this.#random = new SeededRandom(seed).fork('world')
    this.#isCosignedLocally = this.#random.fork('cosigners').next() < 1 / 2
    this.#verifier = verifier
    this.#witness = witness
    this.wires = new FaultyWires(this.clock, this.#random.fork('wires'), witness.watch)
  }

  /** Adds a society; its node is not started yet. */
  add(name: string, founding: Founding, manual: boolean, history: HistoryKept = 'all'): Victim {
    const signer = signerOf(name)
    const key = keyOfBytes(signer.publicKey)
    this.#signers.set(key, signer)
    const disk = new MortalDisk(this.clock)
    const victim: Victim = {
      name,
      key,
      signer,
      disk,
      founding,
      manual,
      history,
      offsetMs: 0,
      replica: null,
      clock: null,
      run: 0,
      answered: new Map(),
      isRestored: false,
    }
    this.victims.push(victim)
    return victim
  }

  /** Adds something to what two runs of one seed are compared by. */
  trace(what: string): void {
    this.#trace.update(`${this.clock.now()} ${what}\n`)
  }

  /** Adds bytes that somebody sent, all of them. */
  traceBytes(what: string, bytes: Uint8Array): void {
    this.trace(`${what} ${bytes.length}`)
    this.#trace.update(bytes)
  }

  /** Hash of everything traced. */
  traceHash(): string {
    return this.#trace.copy().digest('hex')
  }

  /** Starts a society's node on its disk, unless it is up. */
  async start(victim: Victim): Promise<void> {
    if (victim.clock !== null) return
    const run = ++victim.run
    const clock = new NodeClock(this.clock, victim.offsetMs)
    victim.clock = clock
    const random = this.#random.fork(`${victim.name} run ${run}`)
    const slow = 1 + Math.floor(random.next() * 20)
    const network = this.wires.join(victim.name)
    try {
      const replica = await Replica.open({
        store: victim.disk.open(() => 1 + Math.floor(random.next() * slow)),
        network,
        clock,
        random,
        log: this.#logOf(victim, run),
        verifier: this.#verifier,
        signer: victim.signer,
        documents: documentsInThread,
        localSigners: this.#isCosignedLocally ? this.#signers : new Map(),
        sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
        founding: victim.founding,
        bootstrapPeers: new Set(),
        manual: victim.manual,
        history: victim.history,
        cosign: { worker: 'known', beneficiary: 'known' },
        timing: { headMs: 60_000, syncMs: 30_000 },
        plausibility: physics,
      })
      if (victim.run !== run) return
      victim.replica = replica
      this.#witness.raised(victim, replica)
      await replica.start()
    } catch (error) {
      if (victim.run === run) this.#failed(victim, 'start', error)
    }
  }

  /** What a node calls an error is one, unless its disk is full. */
  #logOf(victim: Victim, run: number): Log {
    const error: Log['error'] = (event, data) => {
      if (victim.run !== run || victim.disk.full) return
      this.#witness.fail(`P8: ${victim.name} reports ${event}: ${JSON.stringify(data)}`)
    }
    return { debug() {}, info() {}, warn() {}, error }
  }

  #failed(victim: Victim, what: string, error: unknown): void {
    // A full disk stops a node; everything else that does is a bug.
    if (victim.disk.full && error instanceof Failure) return
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#witness.fail(`P8: ${victim.name} could not ${what}: ${stack}`)
  }

  /** The node is gone from one moment to the next; with a power cut, so is what was not synced. */
  crash(victim: Victim, kept: number | null): void {
    victim.run += 1
    victim.clock?.die()
    victim.clock = null
    victim.replica = null
    if (kept === null) victim.disk.kill()
    else victim.disk.cutPower(kept)
    this.wires.drop(victim.name)
  }

  /** Stops a node as its operator would. */
  async stop(victim: Victim): Promise<void> {
    const { replica, run } = victim
    if (replica === null) return
    try {
      await replica.stop()
    } catch (error) {
      this.#failed(victim, 'stop', error)
    }
    if (victim.run === run) this.crash(victim, null)
  }

  /** Sets a node's clock, at once and for its later runs. */
  setClock(victim: Victim, offsetMs: number): void {
    victim.offsetMs = offsetMs
    if (victim.clock !== null) victim.clock.offsetMs = offsetMs
  }

  /** Lets the next event happen of those until so much was simulated, and all it sets off. */
  async step(untilElapsedMs: number): Promise<boolean> {
    const happened = this.clock.step(untilElapsedMs)
    if (!happened) return false
    this.events += 1
    await turn()
    return true
  }

  /** Waits for a promise while everything goes on that it may wait for. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    const progress = { done: false }
    const watched = promise.finally(() => {
      progress.done = true
    })
    watched.catch(() => {})
    for (await turn(); !progress.done; await turn()) await this.step(this.clock.now() + stepMs)
    return watched
  }
}

/** One turn of the event loop: every promise that can go on has gone on. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
