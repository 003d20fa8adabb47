import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { NodeProcess } from './node-process.ts'
import type { Row } from './row.ts'

const folder = join(import.meta.dirname, 'flood')
const attacks = ['messages', 'subscriptions', 'slow-reader', 'churn'] as const
/** Attacks whose peer has to be cut off, and within which time, in ms. */
const cutOff: ReadonlySet<string> = new Set(['messages', 'subscriptions'])
const cutOffMsMax = 5_000
/** Longest stall of a node's event loop, in ms (P8). */
const stallMsMax = 50
/** What latency may grow by where it is a few ms, for the attacker uses the same processors. */
const latencyGraceMs = 30
const memoryGrowthMax = 150 * 1024 * 1024
const writePauseMs = 100
const seenMsMax = 30_000

/** How a node did for a while. */
type Bout = {
  readonly latencyMs: number
  readonly stallMs: number
  readonly bytes: number
  readonly faults: readonly string[]
}

/** A node, another that writes to it, and what the first one tells. */
class Arena {
  readonly #target: NodeProcess
  readonly #honest: NodeProcess
  readonly #seen: Map<string, number> = new Map()
  #stalls: number[] = []
  #bytes = 0

  private constructor(target: NodeProcess, honest: NodeProcess) {
    this.#target = target
    this.#honest = honest
  }

  static async open(): Promise<Arena> {
    const target = await NodeProcess.make('target', { program: join(folder, 'target.ts') })
    try {
      await target.start()
      const { addresses } = await target.ask<{ addresses: string[] }>('GET', '/v1/status')
      const honest = await NodeProcess.make('honest', { bootstrap: addresses })
      const arena = new Arena(target, honest)
      try {
        await arena.#begin()
        return arena
      } catch (error) {
        await honest.remove()
        throw error
      }
    } catch (error) {
      await target.remove()
      throw error
    }
  }

  async #begin(): Promise<void> {
    await this.#honest.start()
    let rest = ''
    this.#target.child?.stdout?.on('data', (part: string) => {
      const lines = (rest + part).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#hear(line.split(' '))
    })
    // Until the two know each other, which takes as long as it takes.
    while ((await this.#latency().catch(() => undefined)) === undefined) await pause(writePauseMs)
  }

  async close(): Promise<void> {
    await this.#honest.remove()
    await this.#target.remove()
  }

  async address(): Promise<string> {
    const { addresses } = await this.#target.ask<{ addresses: string[] }>('GET', '/v1/status')
    return addresses[0] ?? ''
  }

  /** Writes at one node, and watches the other, until the promise is settled. */
  async bout(until: Promise<unknown>): Promise<Bout> {
    this.#stalls = []
    const over = new AbortController()
    void until.finally(() => over.abort())
    const latencies: number[] = []
    const faults: string[] = []
    while (!over.signal.aborted && faults.length < 3) {
      const latency = await this.#latency()
      if (latency === undefined) faults.push(`a record was not seen within ${seenMsMax} ms`)
      else latencies.push(latency)
      await pause(writePauseMs)
    }
    await until
    const sorted = latencies.toSorted((a, b) => a - b)
    const latencyMs = Math.round(sorted[sorted.length >> 1] ?? seenMsMax)
    return { latencyMs, stallMs: Math.max(0, ...this.#stalls), bytes: this.#bytes, faults }
  }

  async #latency(): Promise<number | undefined> {
    const body = { kind: 'trust.observe', with: { subject: 'target', success: true } }
    const began = performance.now()
    const { id } = await this.#honest.ask<{ id: string }>('POST', '/v1/records', body)
    while (!this.#seen.has(id)) {
      if (performance.now() - began > seenMsMax) return undefined
      await pause(2)
    }
    return (this.#seen.get(id) ?? began) - began
  }

  #hear([word, first = '', second = '']: readonly string[]): void {
    if (word === 'seen') this.#seen.set(first, performance.now())
    if (word !== 'health') return
    this.#stalls.push(Number(first))
    this.#bytes = Number(second)
  }
}

/** Lets a rogue attack: after how long it was cut off, and how often it struck. */
async function attackWith(
  attack: string,
  address: string,
  seconds: number,
): Promise<{ readonly cutMs: number | undefined; readonly blows: number }> {
  const args = [join(folder, 'attacker.ts'), attack, address, String(seconds)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const said = await text(child.stdout)
  await closed
  const cut = /cut (\d+)/.exec(said)?.[1]
  return {
    cutMs: cut === undefined ? undefined : Number(cut),
    blows: Number(/blows (\d+)/.exec(said)?.[1]),
  }
}

/** Peers without manners against a real node that another one writes to. */
export const flood: Row = {
  name: 'flood',
  proof: '10 x the fair rate, subscriptions, slow readers, churn: cut off, honest traffic goes on',
  gates: { short: { attacks: 1 }, long: { attacks: 4 } },
  async run({ gate, isShort, tell }) {
    const seconds = isShort ? 6 : 30
    const arena = await Arena.open()
    const faults: string[] = []
    const figures: Record<string, number> = {}
    try {
      const idle = await arena.bout(pause(seconds * 1_000))
      Object.assign(figures, { idleLatencyMs: idle.latencyMs, idleStallMs: idle.stallMs })
      const address = await arena.address()
      for (const attack of attacks.slice(0, gate['attacks'])) {
        const attacked = attackWith(attack, address, seconds)
        const bout = await arena.bout(attacked)
        const { cutMs, blows } = await attacked
        tell(`${attack}: ${blows} blows, cut off after ${cutMs ?? '-'} ms, ${JSON.stringify(bout)}`)
        faults.push(...bout.faults.map((fault) => `${attack}: ${fault}`))
        if (cutOff.has(attack) && !((cutMs ?? Infinity) <= cutOffMsMax)) {
          faults.push(`${attack}: cut off after ${cutMs ?? 'the end'} ms only`)
        }
        if (bout.stallMs > Math.max(stallMsMax, 2 * idle.stallMs)) {
          faults.push(`${attack}: the event loop stood still for ${bout.stallMs} ms`)
        }
        if (bout.latencyMs > 2 * idle.latencyMs + latencyGraceMs) {
          faults.push(`${attack}: latency grew from ${idle.latencyMs} to ${bout.latencyMs} ms`)
        }
        if (bout.bytes - idle.bytes > memoryGrowthMax) {
          faults.push(`${attack}: memory grew by ${bout.bytes - idle.bytes} bytes`)
        }
        figures[`${attack} blows`] = blows
        figures[`${attack} latencyMs`] = bout.latencyMs
        figures[`${attack} stallMs`] = bout.stallMs
        figures[`${attack} memoryMiB`] = Math.round(bout.bytes / 1_048_576)
        if (cutMs !== undefined) figures[`${attack} cutMs`] = cutMs
        figures['attacks'] = (figures['attacks'] ?? 0) + 1
      }
      return { figures, faults }
    } finally {
      await arena.close()
    }
  },
}
