import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { SeededRandom } from '../../node/simulate/random.ts'
import type { RunningNode } from '../../node/start.ts'
import {
  eventually,
  makeNode,
  removeNode,
  runNode,
  type RealDirectory,
} from '../support/real-node.ts'

const kills = 20
const callers = 8
const main = fileURLToPath(new URL('../../node/main.ts', import.meta.url))

const directories: RealDirectory[] = []
const children: ChildProcess[] = []
let watcher: RunningNode | undefined

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await watcher?.close()
  watcher = undefined
  await Promise.all(directories.splice(0).map(removeNode))
})

/** Starts the node as a process of its own and waits until its API answers. */
async function start({ directory }: RealDirectory): Promise<{ child: ChildProcess; api: string }> {
  await rm(join(directory, 'api'), { force: true })
  const child = spawn(process.execPath, [main, 'start', '--dir', directory], { stdio: 'ignore' })
  children.push(child)
  let api = ''
  await eventually('the node answers', async () => {
    expect(child.exitCode).toBe(null)
    try {
      api = (await readFile(join(directory, 'api'), 'utf8')).trim()
      return (await fetch(`${api}/health`)).ok
    } catch {
      return false
    }
  })
  return { child, api }
}

/** Writes records until the node is gone; every id that was answered is kept. */
async function load(api: string, token: string, answered: string[]): Promise<void> {
  for (;;) {
    let answer: Response
    try {
      answer = await fetch(`${api}/v1/records`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          kind: 'trust.observe',
          with: { subject: 'watcher', success: true },
        }),
      })
      const { id } = (await answer.json()) as { id?: string }
      if (answer.status === 201 && id !== undefined) answered.push(id)
    } catch {
      return
    }
  }
}

test('twenty kill -9 under load: nothing answered is lost, no place is signed twice', async () => {
  const watching = await makeNode('watcher')
  directories.push(watching)
  watcher = await runNode(watching)
  const seen = new Set<string>()
  const lies: unknown[] = []
  watcher.replica.events.listen((event) => {
    if (event.type === 'equivocation') lies.push(event.data)
    const { name, id } = event.data
    if (name === 'victim' && typeof id === 'string') seen.add(id)
  })
  const victim = await makeNode('victim', { bootstrap: watcher.network.addresses() })
  directories.push(victim)
  const token = (await readFile(join(victim.directory, 'token'), 'utf8')).trim()
  const random = new SeededRandom(20)
  const answered: string[] = []
  for (let i = 0; i < kills; i++) {
    const { child, api } = await start(victim)
    const loads = Array.from({ length: callers }, () => load(api, token, answered))
    await pause(50 + Math.floor(random.next() * 550))
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await Promise.all([gone, ...loads])
  }
  expect(answered.length).toBeGreaterThan(kills * callers)
  const { child } = await start(victim)
  await eventually('the watcher has everything that was answered', () =>
    answered.every((id) => seen.has(id)),
  )
  child.kill('SIGTERM')
  await once(child, 'exit')
  const again = await runNode(victim)
  try {
    const key = again.replica.self
    const kept = new Set<string>()
    const seqs = new Map<string, string>()
    let after: string | undefined
    for (const document of ['trust', 'pool'] as const) {
      after = undefined
      for (;;) {
        const page = await again.replica.records({ society: key, document, after: after as never })
        for (const record of page) {
          kept.add(record.id)
          const place = `${document} ${record.seq}`
          expect(seqs.get(place) ?? record.id.slice(0, 64)).toBe(record.id.slice(0, 64))
          seqs.set(place, record.id.slice(0, 64))
        }
        if (page.length === 0) break
        after = page.at(-1)?.id
      }
    }
    expect(answered.filter((id) => !kept.has(id))).toEqual([])
    // What anybody has ever seen is in the one chain: no place has a second change.
    expect([...seen].filter((id) => !kept.has(id))).toEqual([])
    expect(lies).toEqual([])
  } finally {
    await again.close()
  }
}, 240_000)
