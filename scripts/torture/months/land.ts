import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientOf } from '../../../node/cli/client.ts'
import type { AnswerOf } from '../../../node/client/index.ts'
import { Devices } from '../../../node/localnet/devices.ts'
import { LocalNetwork } from '../../../node/localnet/network.ts'
import { Processes } from '../../../node/localnet/processes.ts'
import { LocalSociety, until } from '../../../node/localnet/society.ts'
import type { HistoryKept } from '../../../src/index.ts'

/** What a node says of its checkpoints and of what it keeps. */
export type Kept = AnswerOf<'getCheckpoints'>

const day = 86_400
const silent = (): void => undefined
const permissions = 0o700

/** Five societies, each with the other four as its witnesses; `keeper` keeps all history. */
const founders = ['sage', 'leaf', 'loom', 'oak', 'keeper'] as const

/** Watts and watt hours of the simulated batteries. */
const battery = ['--rate', '4000', '--energy', '8000', '--charge', '100', '--watts', '0']

/** Every document's head and state as a node has it, as one text. */
async function statesAt(society: LocalSociety): Promise<string> {
  const { heads } = await society.status()
  return heads
    .map((head) => `${head.society} ${head.kind} ${head.seq} ${head.hash} ${head.state}`)
    .join('\n')
}

/** Societies that there are at most at a time, about. */
const societiesMax = 8

/** Nodes of a few societies as processes on loopback, which live through months in minutes. */
export class Land {
  readonly root: string
  /** All of them, in the order in which they settled. */
  readonly all: LocalSociety[] = []
  readonly #processes: Processes
  readonly #devices: Devices
  readonly #batteries: Map<string, string> = new Map()
  readonly #network: LocalNetwork

  private constructor(root: string) {
    this.root = root
    this.#processes = new Processes(societiesMax)
    this.#devices = new Devices(this.#processes)
    this.#network = new LocalNetwork(root, this.all, this.#devices)
  }

  /** Founds the five, has them find each other and appoint each other as witnesses. */
  static async found(): Promise<Land> {
    const land = new Land(await mkdtemp(join(tmpdir(), 'society-months-')))
    try {
      const [first, ...rest] = founders
      const { addresses } = await land.settle(first, 'window')
      const others = rest.map((name) =>
        land.settle(name, name === 'keeper' ? 'all' : 'window', addresses[0]),
      )
      await Promise.all(others)
      await land.#begin()
      return land
    } catch (error) {
      await land.remove()
      throw error
    }
  }

  async #begin(): Promise<void> {
    await this.agreed()
    for (const society of this.all) {
      const witnesses = this.all.filter((other) => other !== society).map(({ id }) => id)
      await society.write('society.amend', { witnesses })
    }
    for (const name of ['sage', 'leaf']) await this.installBattery(name)
    await this.agreed()
  }

  /** A society has a battery of its own from now on. */
  async installBattery(name: string): Promise<void> {
    const serial = ['--serial', `SIM-${this.#batteries.size + 1}`]
    const flags = [...serial, ...battery]
    const { listening } = await this.#devices.begin(
      'sunspec-battery.ts',
      flags,
      this.#network.aheadSeconds,
    )
    const { host, port } = listening as { readonly host: string; readonly port: number }
    this.#batteries.set(name, `${host}:${port}`)
  }

  /** Makes a society, and starts its node. */
  async settle(
    name: string,
    keep: HistoryKept,
    bootstrap?: string,
  ): Promise<{ readonly addresses: readonly string[] }> {
    const directory = join(this.root, name)
    await mkdir(directory, { mode: permissions })
    const society = new LocalSociety(name, directory, this.#processes)
    const sections = {
      policy: { admission: 'open', minimumOccupancy: 0 },
      history: { keep },
      cosign: { worker: 'known', beneficiary: 'known' },
      // Looks at batteries of others are tried elsewhere.
      witness: { allow: [] },
      clock: { aheadSeconds: this.#network.aheadSeconds },
    }
    await society.init({ adp: '1000', sections }, bootstrap)
    this.all.push(society)
    return society.start()
  }

  /** One by its name. */
  named(name: string): LocalSociety {
    const society = this.all.find((each) => each.name === name)
    if (society === undefined) throw new TypeError(`assertion: ${name} was settled`)
    return society
  }

  /** Waits until `look` finds what it looks for. */
  until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    return until(this.#processes.patience, what, look)
  }

  /** Waits until all that run have the same of every document; what that is. */
  agreed(): Promise<string> {
    return this.until('all have the same states', async () => {
      const running = this.all.filter((society) => society.running)
      const texts = await Promise.all(running.map((society) => statesAt(society)))
      const isWhole = texts[0]?.split('\n').length === 2 * this.all.length
      return isWhole && new Set(texts).size === 1 ? texts[0] : undefined
    })
  }

  /** Stops all, looks at what they left, and starts them so many days later. */
  async pass(days: number, look: () => Promise<void> = async () => {}): Promise<void> {
    const aheadSeconds = this.#network.aheadSeconds + days * day
    const state = { ...this.#network.state, aheadSeconds }
    await this.#network.stop(silent)
    await look()
    await this.#network.start(state, silent)
  }

  /** A society proves its battery, charges, and works a little for another. */
  async work(name: string, worker: string): Promise<void> {
    const society = this.named(name)
    const client = await clientOf(society.directory)
    const sunspec = this.#batteries.get(name) ?? ''
    const { source } = await client.call('measure', { body: { type: 'battery', sunspec } })
    await society.write('atp.charge', { source, amount: '30' })
    const given = { amount: '5', worker: this.named(worker).id, description: 'index' }
    const ticket = await society.write('work.allocate', given)
    await this.until('the worker knows the ticket', async () => {
      const { work } = await this.named(worker).view(society)
      return work.tickets.find(({ id }) => id === ticket)
    })
    await society.write('work.complete', { ticket, quality: '0.9' })
  }

  /** One sells to another, to the end. */
  async trade(seller: string, buyer: string, amount: number): Promise<void> {
    const to = this.named(buyer)
    const { available } = (await to.status()).atp
    const offer = await this.named(seller).write('trade.offer', { amount, price: 1 })
    await this.until('the buyer knows the offer', () => to.write('trade.accept', { offer }))
    await to.see('what it bought', ({ atp }) => atp.available === available + amount)
  }

  /** A society tells so often of another: what a window has to drop. */
  async observe(name: string, subject: string, times: number): Promise<void> {
    const given = { subject: this.named(subject).id, success: true }
    for (let time = 0; time < times; time += 1) {
      await this.named(name).write('trust.observe', given)
    }
  }

  /** Has a society's checkpoints signed now. */
  async certify(society: LocalSociety): Promise<Kept> {
    const client = await clientOf(society.directory)
    return this.until(`${society.name} has its checkpoints signed`, () =>
      client.call('writeCheckpoints'),
    )
  }

  /** Ends everything, and removes it. */
  async remove(): Promise<void> {
    await this.#processes.endAll()
    await rm(this.root, { recursive: true, force: true })
  }
}
