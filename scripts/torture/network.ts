import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { FaultTold } from './network/arena.ts'
import type { Row } from './row.ts'

const arena = join(import.meta.dirname, 'network', 'arena.ts')
const agreedMsMax = 10_000
const seenShareMin = 0.999
const faultsLong = ['divide', 'blackhole', 'one-way', 'flapping', 'loss']
/** Threads that wait for frames, one for each host, and some for files. */
const environment = { UV_THREADPOOL_SIZE: '16' }

/** Real hosts in network namespaces, and a switch between them that loses what it is told to. */
export const network: Row = {
  name: 'network',
  proof: 'hosts in network namespaces: divided, one-way, blackholes, flapping, 20 % loss',
  gates: { short: { faults: 1 }, long: { faults: 5 } },
  async run({ isShort, tell }) {
    const [hosts, seconds] = isShort ? ['3', '4'] : ['6', '15']
    const names = isShort ? faultsLong.slice(0, 1) : faultsLong
    const inside = [process.execPath, arena, hosts, seconds, ...names]
    const child = spawn('unshare', ['-n', '--kill-child', ...inside], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const errors = text(child.stderr)
    const told: FaultTold[] = []
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      for (const line of part.split('\n')) {
        if (!line.startsWith('{')) continue
        tell(line)
        told.push(JSON.parse(line) as FaultTold)
      }
    })
    await once(child, 'close')
    const said = (await errors).slice(0, 1_000)
    const faults = told.flatMap((one) => wrongIn(one))
    if (told.length === 0)
      faults.push(`hosts cannot be made here (root and TAP are needed): ${said}`)
    const figures: Record<string, number> = { faults: told.length, hosts: Number(hosts) }
    for (const { fault, written, agreedMs, seenShare, dropped } of told) {
      figures[`${fault} agreedMs`] = agreedMs ?? Number.POSITIVE_INFINITY
      figures[`${fault} records`] = written
      figures[`${fault} seenPercent`] = Math.round(seenShare * 10_000) / 100
      figures[`${fault} framesDropped`] = dropped
    }
    return { figures, faults }
  },
}

function wrongIn({ fault, written, agreedMs, seenShare }: FaultTold): readonly string[] {
  if (written === 0) return [`${fault}: no record was written`]
  if (fault === 'loss') {
    const isGood = seenShare >= seenShareMin
    return isGood ? [] : [`loss: ${seenShare} of the records were seen everywhere within 30 s`]
  }
  const isGood = agreedMs !== null && agreedMs <= agreedMsMax
  return isGood ? [] : [`${fault}: agreed ${agreedMs ?? 'not within 60000'} ms after healing`]
}
