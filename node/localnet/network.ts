import type { Devices } from './devices.ts'
import { writeState, type KeptState } from './kept-state.ts'
import type { LocalSociety } from './society.ts'

/** Nodes that are started at a time: more would wait for each other's processor. */
export const startsAtOnce = 4

/** Tells how far something is, for people. */
export type Tell = (line: string) => void

/**
 * A local network that is kept: its nodes and simulators, who is apart, and how far all clocks are
 * ahead. What it is stands in its directory as well, and is written there when it changes.
 */
export class LocalNetwork {
  readonly root: string
  readonly societies: readonly LocalSociety[]
  readonly #devices: Devices
  /** Those on one side of a partition; none while there is none. */
  #apart: readonly LocalSociety[] = []
  #aheadSeconds = 0

  constructor(root: string, societies: readonly LocalSociety[], devices: Devices) {
    this.root = root
    this.societies = societies
    this.#devices = devices
  }

  /** How far its clocks are ahead of the machine's, in s. */
  get aheadSeconds(): number {
    return this.#aheadSeconds
  }

  /** Its own time, in ms since 1970. */
  get now(): number {
    return Date.now() + this.#aheadSeconds * 1_000
  }

  /** Names of those on one side of a partition. */
  get apart(): readonly string[] {
    return this.#apart.map(({ name }) => name)
  }

  /** What there is now, with the simulators at their places. */
  get state(): KeptState {
    return {
      format: 1,
      aheadSeconds: this.#aheadSeconds,
      apart: [...this.apart],
      societies: this.societies.map(({ name, id, peer, running: runs }) => ({
        name,
        id,
        peer,
        runs,
      })),
      simulators: [...this.#devices.places],
    }
  }

  /** Writes down what there is. */
  async save(): Promise<void> {
    await writeState(this.root, this.state)
  }

  /** Those on the other side of a society's. */
  beyond(society: LocalSociety): readonly LocalSociety[] {
    if (this.#apart.length === 0) return []
    const side = this.#apart.includes(society)
    return this.societies.filter((other) => this.#apart.includes(other) !== side)
  }

  /** Puts these apart from the rest, or nobody. */
  async divide(apart: readonly LocalSociety[]): Promise<void> {
    this.#apart = apart
    await this.tellSides(this.societies)
    await this.save()
  }

  /** Tells societies whose nodes run whom to refuse. */
  async tellSides(societies: readonly LocalSociety[]): Promise<void> {
    const running = societies.filter((society) => society.running)
    await Promise.all(running.map((society) => society.block(this.beyond(society))))
  }

  /** Stops every node in good order, and the simulators. */
  async stop(tell: Tell): Promise<void> {
    tell('stopping all nodes and simulators ...')
    await Promise.all([...this.societies.map((society) => society.stop()), this.#devices.stop()])
  }

  /**
   * Starts what a state says, all of it being stopped: the simulators where they were, and the
   * nodes that ran, one side of a partition after the other, so that they never meet.
   */
  async start(state: KeptState, tell: Tell): Promise<void> {
    this.#aheadSeconds = state.aheadSeconds
    this.#apart = this.societies.filter(({ name }) => state.apart.includes(name))
    const byName = new Map(state.societies.map((society) => [society.name, society]))
    for (const society of this.societies) {
      const kept = byName.get(society.name)
      if (kept !== undefined) society.known(kept)
    }
    await this.#devices.start(state.simulators, state.aheadSeconds)
    const runs = this.societies.filter(({ name }) => byName.get(name)?.runs === true)
    for (const society of this.societies) await society.setAhead(state.aheadSeconds)
    const apart = runs.filter((society) => this.#apart.includes(society))
    const rest = runs.filter((society) => !apart.includes(society))
    for (const side of [apart, rest]) {
      for (let i = 0; i < side.length; i += startsAtOnce) {
        const some = side.slice(i, i + startsAtOnce)
        tell(`starting ${some.map(({ name }) => name).join(', ')} ...`)
        await Promise.all(some.map((society) => society.start()))
        await this.tellSides(some)
      }
    }
    await this.save()
  }
}
