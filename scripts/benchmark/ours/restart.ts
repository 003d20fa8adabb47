import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Author, observations } from '../author.ts'
import { makeDirectory, removeDirectory } from '../directory.ts'
import { FedReplica } from '../fed-replica.ts'
import { energyHistory } from '../energy-history.ts'
import { makeGraph } from '../graph.ts'
import { serveRounds } from '../rounds.ts'
import type { Figures } from '../trial.ts'

const program = fileURLToPath(new URL('../../../node/main.ts', import.meta.url))

/** Resident memory of a process in MB, as the kernel has it. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1_024
}

/** Starts the whole program on a directory; ms until it says that it answers, and its memory. */
async function restart(directory: string): Promise<Figures> {
  const startedAt = performance.now()
  const node = spawn(process.execPath, [program, '--dir', directory, '--json', 'start'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(node, 'exit')
  const first = await Promise.race([once(node.stdout, 'data'), gone.then(() => undefined)])
  const ms = performance.now() - startedAt
  if (first === undefined) throw new TypeError('the node did not start')
  const megabytes = await memoryOf(node.pid ?? 0)
  node.kill('SIGTERM')
  await gone
  return { ms, megabytes }
}

/**
 * Starts a node that has `count` observations of one society, `days` of its energy, or `societies`
 * that have seen ten others each, on disk.
 */
serveRounds(async ({ count = 0, days = 0, societies = 0 }) => {
  const { directory } = await makeDirectory('restart')
  const fed = await FedReplica.open(directory)
  const author = new Author()
  const begin = Date.now() - 86_400_000 * (Number(days) + 1)
  const founded = author.found(begin, 1_000_000_000)
  await fed.feed([founded.frame])
  // In parts: a million records at once would be in memory twice.
  const part = 50_000
  for (let done = 0; done < Number(count); done += part) {
    await fed.feed(observations(author, Math.min(part, Number(count) - done), 10, begin + done))
  }
  await fed.feed(energyHistory(author, founded.founding, { begin, days: Number(days) }))
  await makeGraph(fed, Number(societies), 10)
  await fed.close()
  return { round: () => restart(directory), close: () => removeDirectory(directory) }
})
