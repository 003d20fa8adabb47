import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SeededRandom } from '../../node/simulate/random.ts'
import { points, type Prey } from './kill/points.ts'
import { NodeProcess } from './node-process.ts'
import type { Row } from './row.ts'

const callers = 6
/** A node is back within this time, in ms. */
const backMsMax = 5_000
/** Longest wait for the watcher to have caught up at the end, in ms. */
const caughtUpMsMax = 60_000
/** One start in so many is cut off while it is under way. */
const startsPerCut = 8

const program = join(import.meta.dirname, 'kill', 'victim.ts')

type RecordShown = { readonly id: string }

/** Every record of a society as a node shows it. */
async function recordsOf(node: NodeProcess, society: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (const document of ['trust', 'pool']) {
    let after = ''
    for (;;) {
      const from = after === '' ? '' : `&after=${after}`
      const query = `society=${encodeURIComponent(society)}&document=${document}&limit=1000${from}`
      const page = await node.ask<readonly RecordShown[]>('GET', `/v1/records?${query}`)
      for (const { id } of page) ids.add(id)
      if (page.length < 1_000) break
      after = page.at(-1)?.id ?? ''
    }
  }
  return ids
}

/** Writes until the node is gone; tells each id that was answered. */
async function load(node: NodeProcess, hear: (id: string) => void): Promise<void> {
  const body = { kind: 'trust.observe', with: { subject: 'watcher', success: true } }
  for (;;) {
    try {
      const { id } = await node.ask<{ id: string }>('POST', '/v1/records', body)
      hear(id)
    } catch {
      // Refused or torn: while the process lives another try may do.
      if (node.child?.exitCode !== null || node.child.signalCode !== null) return
      await pause(5)
    }
  }
}

/** Kills one node again and again while it is written to. */
class Hunt {
  readonly #victim: NodeProcess
  readonly #draw: (end: number) => number
  readonly #emitter: EventTarget = new EventTarget()
  readonly answered: string[] = []
  readonly backMs: number[] = []
  readonly byPoint: Map<string, number> = new Map()
  heads = 0
  kills = 0

  constructor(victim: NodeProcess, draw: (end: number) => number) {
    this.#victim = victim
    this.#draw = draw
  }

  async kill(): Promise<void> {
    const victim = this.#victim
    if (this.kills % startsPerCut === startsPerCut - 1) {
      victim.spawn()
      await pause(this.#draw(1_500))
      await victim.end()
      this.#count('while it starts')
    }
    this.backMs.push(await victim.start())
    victim.child?.stdout?.on('data', (part: string) => {
      this.heads += part.split('head').length - 1
    })
    const hear = (id: string): void => {
      this.answered.push(id)
      this.#emitter.dispatchEvent(new Event('answer'))
    }
    const loads = Array.from({ length: callers }, () => load(victim, hear))
    const point = points[this.#draw(points.length)] ?? points[0]
    const answered = (): Promise<unknown> =>
      once(this.#emitter, 'answer', { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
    const prey: Prey = { node: victim, draw: this.#draw, answered }
    await point?.wait(prey)
    await victim.end()
    await Promise.all(loads)
    this.#count(point?.name ?? '')
  }

  #count(point: string): void {
    this.kills += 1
    this.byPoint.set(point, (this.byPoint.get(point) ?? 0) + 1)
  }
}

async function wrongAfter(
  hunt: Hunt,
  victim: NodeProcess,
  watcher: NodeProcess,
): Promise<readonly string[]> {
  const faults: string[] = []
  const kept = await recordsOf(victim, victim.id)
  const lost = hunt.answered.filter((id) => !kept.has(id))
  if (lost.length > 0) faults.push(`${lost.length} answered records are lost: ${lost[0]}`)
  const end = performance.now() + caughtUpMsMax
  let seen = await recordsOf(watcher, victim.id)
  while (!hunt.answered.every((id) => seen.has(id)) && performance.now() < end) {
    await pause(250)
    seen = await recordsOf(watcher, victim.id)
  }
  const missing = hunt.answered.filter((id) => !seen.has(id)).length
  if (missing > 0) faults.push(`the watcher lacks ${missing} answered records`)
  const strange = [...seen].filter((id) => !kept.has(id)).length
  if (strange > 0) faults.push(`the watcher has ${strange} records that the node has forgotten`)
  const path = `/v1/societies/${encodeURIComponent(victim.id)}`
  const { standing } = await watcher.ask<{ standing: string }>('GET', path)
  if (standing !== 'good') faults.push(`the watcher holds that the node ${standing}`)
  return faults
}

/** A real node under load, killed at any moment and at named ones; another node watches it. */
export const kill: Row = {
  name: 'kill',
  proof: 'a real node under load killed: nothing answered lost, no place signed twice, back in 5 s',
  gates: { short: { kills: 6 }, long: { kills: 200 } },
  async run({ gate, tell, isOver }) {
    const watcher = await NodeProcess.make('watcher')
    let victim: NodeProcess | undefined
    try {
      await watcher.start()
      const { addresses } = await watcher.ask<{ addresses: string[] }>('GET', '/v1/status')
      victim = await NodeProcess.make('victim', { bootstrap: addresses, program })
      const random = new SeededRandom(Date.now())
      const hunt = new Hunt(victim, (most) => Math.floor(random.next() * most))
      while (hunt.kills < (gate['kills'] ?? 0) && !isOver()) {
        await hunt.kill()
        if (hunt.kills % 10 === 0) tell(`${hunt.kills} kills, ${hunt.answered.length} answered`)
      }
      hunt.backMs.push(await victim.start())
      const faults = [...(await wrongAfter(hunt, victim, watcher))]
      const sorted = hunt.backMs.toSorted((a, b) => a - b)
      const at = (share: number): number =>
        Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0)
      if (at(1) > backMsMax) faults.push(`once it was back after ${at(1)} ms only`)
      return {
        figures: {
          kills: hunt.kills,
          answered: hunt.answered.length,
          headsSigned: hunt.heads,
          backMsMedian: at(1 / 2),
          backMsWorst: at(1),
          points: [...hunt.byPoint].map(([name, count]) => `${name} ${count}`).join(', '),
        },
        faults,
      }
    } finally {
      await victim?.remove()
      await watcher.remove()
    }
  },
}
