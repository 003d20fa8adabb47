import type { KeptState } from './kept-state.ts'
import type { Device, Processes } from './processes.ts'

type Place = KeptState['simulators'][number]

/** The first line that a simulator says. */
type Said = Device['said']

type Open = { readonly place: Place; readonly device: Device }

const portOf = ({ listening }: Said): number => (listening as { readonly port: number }).port

/** Simulators of a local network, that can be stopped and started again where they were. */
export class Devices {
  readonly #processes: Processes
  #open: readonly Open[] = []

  constructor(processes: Processes) {
    this.#processes = processes
  }

  /** Starts a new one on any free port; what it said. */
  async begin(program: string, args: readonly string[], aheadSeconds = 0): Promise<Said> {
    return this.#start({ program, args: [...args], port: 0, since: Date.now() }, aheadSeconds)
  }

  async #start(place: Place, aheadSeconds: number): Promise<Said> {
    const { program, args, port, since } = place
    const device = await this.#processes.device(`../devices/${program}`, [
      '--port',
      `${port}`,
      '--since',
      `${since}`,
      '--ahead-seconds',
      `${aheadSeconds}`,
      '--attached',
      ...args,
    ])
    this.#open = [...this.#open, { place: { ...place, port: portOf(device.said) }, device }]
    return device.said
  }

  /** Where they are, and since when. */
  get places(): readonly Place[] {
    return this.#open.map(({ place }) => place)
  }

  /** Stops them all. */
  async stop(): Promise<void> {
    const ended = this.#open.map(({ device }) => this.#processes.end(device.child, 'SIGTERM'))
    this.#open = []
    await Promise.all(ended)
  }

  /** Starts them where they were, with clocks so many seconds ahead of the machine's. */
  async start(places: readonly Place[], aheadSeconds: number): Promise<void> {
    await Promise.all(places.map((place) => this.#start(place, aheadSeconds)))
  }
}
