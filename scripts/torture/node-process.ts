import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { initNode } from '../../node/init.ts'
import { root } from './ledger.ts'

/** Longest wait for a node to answer, in ms; a busy machine is slow. */
const readyMsMax = 180_000

/** How a node that is tortured is made. */
export type NodeSettings = {
  readonly bootstrap?: readonly string[]
  readonly listen?: string
  /** Another program than `society start`; it is given the directory. */
  readonly program?: string
  /** A command that the program is run by, such as `nsenter`. */
  readonly through?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** A society's node as a process of its own, in a directory that is removed at the end. */
export class NodeProcess {
  readonly directory: string
  readonly id: string
  readonly #settings: NodeSettings
  #child: ChildProcess | undefined
  #said = ''
  #health = ''
  /** Address of its API. */
  api = ''

  private constructor(directory: string, id: string, settings: NodeSettings) {
    this.directory = directory
    this.id = id
    this.#settings = settings
  }

  /** Makes the directory of a node that everybody may join. */
  static async make(name: string, settings: NodeSettings = {}): Promise<NodeProcess> {
    const directory = await mkdtemp(join(tmpdir(), `society-torture-${name}-`))
    const config = {
      name,
      federation: 'test-torture',
      network: {
        listen: [settings.listen ?? '/ip4/127.0.0.1/tcp/0'],
        bootstrap: settings.bootstrap ?? [],
        mdns: false,
      },
      policy: { admission: 'open', minimumOccupancy: 0 },
      founding: { adp: '1000' },
      cosign: { worker: 'known', beneficiary: 'known' },
      log: { level: 'warn' },
    }
    const id = await initNode({
      directory,
      key: { type: 'new', passphrase: null },
      // JSON is YAML.
      writeConfig: () => writeFile(join(directory, 'config.yaml'), JSON.stringify(config)),
    })
    return new NodeProcess(directory, id, settings)
  }

  /** The running process; undefined while there is none. */
  get child(): ChildProcess | undefined {
    return this.#child
  }

  /** Begins to start, without waiting. */
  spawn(): ChildProcess {
    const { program, through = [], environment } = this.#settings
    const args =
      program === undefined
        ? [join(root, 'node', 'main.ts'), 'start', '--dir', this.directory]
        : [program, this.directory]
    const [command = process.execPath, ...rest] = [...through, process.execPath, ...args]
    const child = spawn(command, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C is for whoever tortures it: the node would end by it.
      detached: true,
      env: { ...process.env, ...environment },
    })
    this.#said = ''
    const keep = (part: string): void => void (this.#said = (this.#said + part).slice(-4_000))
    child.stderr.setEncoding('utf8').on('data', keep)
    child.stdout.setEncoding('utf8').on('data', keep)
    this.#child = child
    return child
  }

  /** Starts it and waits until its API answers: the ms that took. */
  async start(): Promise<number> {
    await rm(join(this.directory, 'api'), { force: true })
    const startedAt = performance.now()
    const child = this.spawn()
    while (!(await this.#answers())) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the node ended with ${child.exitCode ?? child.signalCode}: ${this.#said}`)
      }
      if (performance.now() - startedAt > readyMsMax) {
        throw new Error(`after ${readyMsMax} ms the node says ${this.#health}: ${this.#said}`)
      }
      await pause(20)
    }
    return performance.now() - startedAt
  }

  async #answers(): Promise<boolean> {
    try {
      this.api = (await readFile(join(this.directory, 'api'), 'utf8')).trim()
      const answer = await fetch(`${this.api}/health`, { signal: AbortSignal.timeout(readyMsMax) })
      this.#health = `${answer.status} ${await answer.text()}`
      return answer.ok
    } catch (error) {
      this.#health = String(error)
      return false
    }
  }

  /** Asks the API; the body of what is not 2xx is an error. */
  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const token = (await readFile(join(this.directory, 'token'), 'utf8')).trim()
    const answer = await fetch(`${this.api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const said = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${said}`)
    return JSON.parse(said) as T
  }

  /** Heads of all documents that it holds, as one text. */
  async heads(): Promise<string> {
    const { heads } = await this.ask<{ heads: unknown }>('GET', '/v1/status')
    return JSON.stringify(heads)
  }

  /** Ends it, by `kill -9` unless told otherwise, and waits until it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  /** Ends it and removes its directory. */
  async remove(): Promise<void> {
    await this.end()
    await rm(this.directory, { recursive: true, force: true })
  }
}
