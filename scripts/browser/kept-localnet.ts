import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A node of a local network: what it is called, its dashboard's address, and its directory. */
export type KeptNode = {
  readonly name: string
  readonly dashboard: string
  readonly directory: string
}

/** A local network that goes on after its story until it is closed. */
export type KeptLocalnet = {
  readonly nodes: ReadonlyMap<string, KeptNode>
  /** Runs a command of `society localnet` for this network and no other. */
  command(...args: readonly string[]): Promise<void>
  close(): Promise<void>
}

const main = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
const nodeLines = /^ {2}(\S+) +(http:\/\/\S+)\n +--dir (\S+)$/gm
const nodesOfStory = 4

const nodesIn = (text: string): readonly KeptNode[] =>
  [...text.matchAll(nodeLines)].map(([, name = '', dashboard = '', directory = '']) => ({
    name,
    dashboard,
    directory,
  }))

/** Reads on afterwards: a program whose output nobody reads stands still. */
function nodesOf(child: ChildProcess): Promise<readonly KeptNode[]> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const nodes = nodesIn(text)
      if (nodes.length === nodesOfStory) resolve(nodes)
    })
    child.once('exit', () => {
      reject(new TypeError(`The local network ended before it showed its dashboards:\n${text}`))
    })
  })
}

/** Plays the story of `localnet --keep`; resolves when its nodes show their dashboards. */
export async function keepLocalnet(): Promise<KeptLocalnet> {
  // Where commands find it; a Unix socket's path is short by necessity.
  const place = await mkdtemp(join(tmpdir(), 'sk-'))
  const env = { ...process.env, TMPDIR: place }
  const child = spawn(process.execPath, [main, 'localnet', '--keep'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  const nodes = await nodesOf(child)
  return {
    nodes: new Map(nodes.map((node) => [node.name, node])),
    async command(...args) {
      await promisify(execFile)(process.execPath, [main, 'localnet', ...args, '--json'], { env })
    },
    async close() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      await rm(place, { recursive: true, force: true })
    },
  }
}
