import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from './statistics.ts'
import type { Figures } from './trial.ts'
import { AskedProcess } from './workers.ts'

/** Nanoseconds of the clock that all processes of a machine share. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint())
}

/** A question to one of a fleet's processes: to write at a pace, or what it has seen. */
export type FleetQuestion =
  | { readonly type: 'write'; readonly count: number; readonly perSecond: number }
  | { readonly type: 'seen' }

/** When a record (by its name) was answered to its author's caller, or was in the state; ns. */
export type Sightings = readonly (readonly [name: string, at: number])[]

const lookMs = 50
const waitMsMax = 60_000

/** Processes that are connected to each other, of which the first writes and all others see. */
export class Fleet {
  readonly #nodes: AskedProcess[]

  private constructor(nodes: AskedProcess[]) {
    this.#nodes = nodes
  }

  /**
   * Starts `size` processes of a program; each is told the addresses of those before it, and the
   * first to have written `history` records.
   */
  static async start(program: URL, size: number, history: number): Promise<Fleet> {
    const nodes: AskedProcess[] = []
    const addresses: string[] = []
    for (let number = 0; number < size; number++) {
      const node = new AskedProcess(program, { bootstrap: addresses, number, size, history })
      nodes.push(node)
      addresses.push(await node.next<string>())
    }
    const fleet = new Fleet(nodes)
    // Until a record of the first is seen by all, the network is still being built.
    await fleet.write(1, 1)
    await pause(1_500)
    return fleet
  }

  /** Records of the first node at a pace: how long each took to the last of the others, in ms. */
  async write(count: number, perSecond: number): Promise<Figures> {
    const [author, ...others] = this.#nodes as [AskedProcess, ...AskedProcess[]]
    const startedAt = sharedNow()
    const answered = await author.ask<Sightings>({ type: 'write', count, perSecond })
    const seen = await Promise.all(others.map((node) => this.#seenBy(node, answered)))
    const latest = new Map<string, number>()
    for (const [name, at] of seen.flat()) latest.set(name, Math.max(at, latest.get(name) ?? 0))
    const delays = answered.map(([name, at]) => ((latest.get(name) ?? Number.NaN) - at) / 1e6)
    const endedAt = Math.max(...latest.values())
    return {
      p50Ms: quantile(delays, 0.5),
      p99Ms: quantile(delays, 0.99),
      perSecond: (count * 1e9) / (endedAt - startedAt),
    }
  }

  /** What a node has seen of the records, once it has seen them all. */
  async #seenBy(node: AskedProcess, answered: Sightings): Promise<Sightings> {
    const found = new Map<string, number>()
    const end = performance.now() + waitMsMax
    while (performance.now() < end) {
      for (const [name, at] of await node.ask<Sightings>({ type: 'seen' })) found.set(name, at)
      if (answered.every(([name]) => found.has(name))) {
        return answered.map(([name]) => [name, found.get(name) as number])
      }
      await pause(lookMs)
    }
    throw new TypeError('a node of the fleet did not see all')
  }

  /** Ends all processes. */
  async end(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.end()))
  }
}

/** Calls `write` at a pace, or as fast as `callers` callers can where it is 0. */
export async function paced(
  count: number,
  perSecond: number,
  callers: number,
  write: () => Promise<string>,
): Promise<Sightings> {
  const answered: [string, number][] = []
  const one = async (): Promise<void> => {
    const name = await write()
    answered.push([name, sharedNow()])
  }
  if (perSecond === 0) {
    let left = count
    const caller = async (): Promise<void> => {
      while (left-- > 0) await one()
    }
    await Promise.all(Array.from({ length: callers }, caller))
    return answered
  }
  const startedAt = performance.now()
  const underWay: Promise<void>[] = []
  for (let at = 0; at < count; at++) {
    const waitMs = startedAt + (at * 1_000) / perSecond - performance.now()
    if (waitMs > 0) await pause(waitMs)
    underWay.push(one())
  }
  await Promise.all(underWay)
  return answered
}
