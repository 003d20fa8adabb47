import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Readable } from 'node:stream'
import { Failure } from '../../src/index.ts'

/** Longest wait for a child to say that it is ready, and for one to stop, in ms. */
const readyMsMax = 30_000
const stopMsMax = 10_000
/**
 * Longest wait for something that must come true, in ms, at least and for each society: many nodes
 * on two busy cores take a minute for what one does at once.
 */
const waitMsMin = 120_000
const waitMsEach = 15_000
/** Pause between two looks for each society, in ms: each look may be one at every node. */
const lookMsEach = 25

/** How long what must come true is waited for, also for a command, and how often it is looked. */
export type Patience = { readonly waitMs: number; readonly lookMs: number }
/** Characters of a child's output that are kept. */
const outputMax = 4_194_304

const entry = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What a command line that has ended said. */
export type Outcome = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function collect(stream: Readable | null): { text: string } {
  const collected = { text: '' }
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    if (collected.text.length < outputMax) collected.text += chunk
  })
  return collected
}

/** A program of this project that runs, and the first line that it said. */
export type Device = {
  readonly child: ChildProcess
  readonly said: Readonly<Record<string, unknown>>
}

/** Child processes of a local network: every one that is started here is ended here. */
export class Processes {
  readonly patience: Patience
  readonly #children: Set<ChildProcess> = new Set()

  /** Of so many societies, which share what processors there are. */
  constructor(societies: number) {
    const waitMs = Math.max(waitMsMin, waitMsEach * societies)
    this.patience = { waitMs, lookMs: lookMsEach * societies }
  }

  #spawn(args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
    const child = spawn(process.execPath, args, {
      // The first is held open and never written to: attached ones end with it, and so with this
      // process however it ends.
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  /** Runs one command of the CLI to its end. */
  async command(directory: string, args: readonly string[]): Promise<Outcome> {
    const main = entry('../main.ts')
    const child = this.#spawn([main, ...args], { SOCIETY_DIR: directory, NO_COLOR: '1' })
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    const timer = setTimeout(() => child.kill('SIGKILL'), this.patience.waitMs)
    const [code] = (await once(child, 'close')) as [number | null]
    clearTimeout(timer)
    return { code, stdout: stdout.text, stderr: stderr.text }
  }

  /** Starts a program of this project and waits for its first line of JSON on stdout. */
  async device(path: string, args: readonly string[]): Promise<Device> {
    const child = this.#spawn([entry(path), ...args], {})
    const line = await firstLine(child, path)
    return { child, said: JSON.parse(line) as Device['said'] }
  }

  /** Starts a node; its log goes to a file in its directory. The caller waits until it is ready. */
  node(directory: string): ChildProcess {
    const main = entry('../main.ts')
    const child = this.#spawn([main, 'start', '--attached', '--json'], { SOCIETY_DIR: directory })
    const log = createWriteStream(`${directory}/node.log`, { flags: 'a' })
    child.stderr?.pipe(log)
    child.stdout?.resume()
    return child
  }

  /** Ends a child and waits until it is gone. */
  async end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
    await gone
    clearTimeout(timer)
  }

  /** Ends everything that still runs. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.end(child, 'SIGTERM')))
  }

  /** Kills everything at once, where there is no time to wait. */
  killAll(): void {
    for (const child of this.#children) child.kill('SIGKILL')
  }
}

async function firstLine(child: ChildProcess, what: string): Promise<string> {
  const stderr = collect(child.stderr)
  return new Promise((resolve, reject) => {
    let text = ''
    const fail = (why: string): void => {
      reject(new Failure('source-unavailable', `${what} ${why}: ${stderr.text.slice(-500)}`))
    }
    const timer = setTimeout(() => fail('did not become ready'), readyMsMax)
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\n')
      if (end < 0) return
      clearTimeout(timer)
      resolve(text.slice(0, end))
    })
    child.once('exit', () => {
      clearTimeout(timer)
      fail('ended')
    })
  })
}
