import { watch } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { NodeProcess } from '../node-process.ts'

/** A node under load that is about to be killed. */
export type Prey = {
  readonly node: NodeProcess
  /** Integers from 0 below `end`. */
  readonly draw: (end: number) => number
  /** Resolves at the next answer to a write. */
  readonly answered: () => Promise<unknown>
}

/** A moment at which a node is killed: its name, and how it is awaited. */
export type Point = { readonly name: string; readonly wait: (prey: Prey) => Promise<void> }

/** Longest wait for a moment, in ms: a file may not change for a while. */
const waitMsMax = 3_000

async function says({ node }: Prey, word: string): Promise<void> {
  const stdout = node.child?.stdout
  if (stdout === undefined || stdout === null) return
  await new Promise<void>((resolve) => {
    stdout.on('data', (part: string) => {
      if (part.includes(word)) resolve()
    })
    setTimeout(resolve, waitMsMax)
  })
}

async function aFileIsMade({ node }: Prey): Promise<void> {
  const stop = AbortSignal.timeout(waitMsMax)
  const watcher = watch(join(node.directory, 'store'), { signal: stop })
  try {
    for (;;) {
      const [, name] = (await once(watcher, 'change', { signal: stop })) as [string, string | null]
      if (/\.(ldb|log|dbtmp)$|^MANIFEST/.test(name ?? '')) return
    }
  } catch {
    // None was made: it is killed nevertheless.
  } finally {
    watcher.close()
  }
}

/** Every moment at which nodes are killed, each as often as the others. */
export const points: readonly Point[] = [
  { name: 'any moment', wait: async ({ draw }) => pause(20 + draw(800)) },
  { name: 'after an answer', wait: async ({ answered }) => void (await answered()) },
  {
    name: 'within a write',
    wait: async ({ answered, draw }) => {
      await answered()
      await pause(draw(8))
    },
  },
  { name: 'as changes are sent', wait: (prey) => says(prey, 'changes') },
  { name: 'as a head is sent', wait: (prey) => says(prey, 'head') },
  { name: 'as a file of the store is made', wait: aFileIsMade },
  {
    name: 'while it stops',
    wait: async ({ node, draw }) => {
      await pause(draw(300))
      node.child?.kill('SIGTERM')
      await pause(draw(60))
    },
  },
]
