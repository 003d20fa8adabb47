import type { ChildProcess } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { parseDocument } from 'yaml'
import { Failure, type HeadView, type SocietyView } from '../../src/index.ts'
import { clientOf } from '../cli/client.ts'
import { Refusal } from '../client/index.ts'
import type { Patience, Processes } from './processes.ts'

/** What a node says of itself. */
export type Status = SocietyView & {
  readonly api: string
  /** libp2p name of the node. */
  readonly peer: string
  readonly addresses: readonly string[]
  readonly peers: number
  readonly heads: readonly HeadView[]
}

/** Pause before a command is given again that a node had no time for, in ms. */
const againMs = 1_000
/** Characters of the last line of a log that are told. */
const lastWordsMax = 500

/** What is waited for cannot come any more. */
class Ended extends Failure {
  constructor(words: string) {
    super('peer-unavailable', `the node has ended: ${words}`)
  }
}

/**
 * Waits until `look` finds what it looks for. Fails with `peer-unavailable` where that is not
 * within what is patient.
 */
export async function until<T>(
  { waitMs, lookMs }: Patience,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + waitMs
  let last = ''
  while (Date.now() < end) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      if (error instanceof Ended) throw error
      last = error instanceof Error ? `: ${error.message}` : ''
    }
    await pause(lookMs)
  }
  throw new Failure('peer-unavailable', `within ${waitMs / 1000} s not seen: ${what}${last}`)
}

/** Does something, again where a node had no time for it or did not reach another. */
async function patiently<T>({ waitMs }: Patience, doing: () => Promise<T>): Promise<T> {
  const end = Date.now() + waitMs
  for (;;) {
    try {
      return await doing()
    } catch (error) {
      const refused = error instanceof Refusal ? error.problem.code : undefined
      const code = error instanceof Failure ? error.code : refused
      if (code !== 'peer-unavailable' || Date.now() > end) throw error
      await pause(againMs)
    }
  }
}

/** Waits for the refusal of something, by its code; answers its sentence. */
export async function refusedAs(code: Failure['code'], doing: Promise<unknown>): Promise<string> {
  try {
    await doing
  } catch (error) {
    if (error instanceof Failure && error.code === code) return error.message
    throw error
  }
  throw new Failure('malformed', `what should end with ${code} did not`)
}

/** How a society of a local network is made. */
export type Making = {
  /** ADP that it is founded with, a decimal. */
  readonly adp: string
  /** PEM file of who vouches for servers to its node. */
  readonly authority?: string
  /** Sections of its configuration besides. */
  readonly sections?: Readonly<Record<string, object>>
}

/** A society of a local network: its directory, its node's process, and the CLI to speak to it. */
export class LocalSociety {
  readonly name: string
  readonly directory: string
  id = ''
  /** libp2p name of its node; empty until that has said so. */
  peer = ''
  readonly #processes: Processes
  #process: ChildProcess | undefined

  constructor(name: string, directory: string, processes: Processes) {
    this.name = name
    this.directory = directory
    this.#processes = processes
  }

  /** Makes key and configuration; `bootstrap` is the node to begin with. */
  async init({ adp, authority, sections }: Making, bootstrap?: string): Promise<void> {
    const answer = await this.run(
      'init',
      `--name=${this.name}`,
      `--adp=${adp}`,
      '--federation=test-localnet',
      '--listen=/ip4/127.0.0.1/tcp/0',
      '--no-mdns',
      '--insecure-no-passphrase',
      ...(bootstrap === undefined ? [] : ['--bootstrap', bootstrap]),
    )
    this.id = String(answer['id'])
    await this.#configure({
      witness: { allow: ['127.0.0.0/8:*'], samples: 3, gapSeconds: 0.5 },
      ...(authority === undefined ? {} : { devices: { makers: [authority] } }),
      ...sections,
    })
  }

  /** Who it is, where it was made before. */
  known({ id, peer }: { readonly id: string; readonly peer: string }): void {
    this.id = id
    this.peer = peer
  }

  /** Sets the clock of its node so many seconds ahead of the machine's, from its next start on. */
  async setAhead(aheadSeconds: number): Promise<void> {
    await this.#configure({ clock: { aheadSeconds } })
  }

  /** Puts sections into the configuration: here devices are on loopback, and nobody waits long. */
  async #configure(sections: Readonly<Record<string, object>>): Promise<void> {
    const path = `${this.directory}/config.yaml`
    const document = parseDocument(await readFile(path, 'utf8'))
    const before = document.toJS() as Readonly<Record<string, object | null>>
    for (const [name, section] of Object.entries(sections)) {
      document.set(name, { ...before[name], ...section })
    }
    await writeFile(path, document.toString())
  }

  /** Address of the node's API; empty where it does not run. */
  async api(): Promise<string> {
    try {
      return (await readFile(`${this.directory}/api`, 'utf8')).trim()
    } catch {
      return ''
    }
  }

  /**
   * Runs a command and answers its JSON; again where the node had no time or did not reach another.
   * Fails with the command's own code.
   */
  async run(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    return patiently(this.#processes.patience, () => this.#once(args))
  }

  async #once(args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const { code, stdout, stderr } = await this.#processes.command(this.directory, [
      ...args,
      '--json',
    ])
    const answer = parse(stdout)
    const error = answer['error'] as { code: Failure['code']; message: string } | undefined
    if (error !== undefined) throw new Failure(error.code, error.message)
    if (code !== 0) throw new Failure('malformed', `society ${args.join(' ')}: ${stderr}`)
    return answer
  }

  /** Runs a command that must be refused with a code; answers the refusal's sentence. */
  refused(wanted: Failure['code'], ...args: readonly string[]): Promise<string> {
    return refusedAs(wanted, this.run(...args))
  }

  /** Waits until `look` finds what it looks for, as long as so many societies may take. */
  until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    return until(this.#processes.patience, what, look)
  }

  /** Starts the node and waits until it answers. */
  async start(): Promise<Status> {
    // What a killed one left would be asked, or be taken for an answer.
    await rm(`${this.directory}/api`, { force: true })
    const child = this.#processes.node(this.directory)
    this.#process = child
    const status = await this.until(`${this.name} is ready`, async () => {
      if (!this.running) throw new Ended(await this.#lastWords())
      return this.status()
    })
    if (this.peer === '') await this.#stay(status)
    this.peer = status.peer
    return status
  }

  /** Has the node listen at the same places from now on: others and browsers know them. */
  async #stay({ addresses, api }: Status): Promise<void> {
    const listen = addresses.map((address) => address.replace(/\/p2p\/.*/, ''))
    await this.#configure({ network: { listen }, api: { port: Number(new URL(api).port) } })
  }

  /** What the node's log says last. */
  async #lastWords(): Promise<string> {
    const log = await readFile(`${this.directory}/node.log`, 'utf8')
    return log.trimEnd().split('\n').slice(-1).join('').slice(-lastWordsMax)
  }

  /** Asks the node over its API. */
  async ask<T>(path: string): Promise<T> {
    const answer: T = await patiently(this.#processes.patience, async () => {
      const client = await clientOf(this.directory)
      return JSON.parse(await client.text(path))
    })
    return answer
  }

  /** Has the node write a record: the same as a command, without a process of its own. */
  async write(kind: string, fields: Readonly<Record<string, unknown>>): Promise<string> {
    const client = await clientOf(this.directory)
    return (await patiently(this.#processes.patience, () => client.write(kind, fields))).id
  }

  /** What the node says of itself. */
  status(): Promise<Status> {
    return this.ask<Status>('/v1/status')
  }

  /** What the node says of another society. */
  view({ id }: LocalSociety): Promise<SocietyView> {
    return this.ask<SocietyView>(`/v1/societies/${encodeURIComponent(id)}`)
  }

  /** Has the node refuse exactly the nodes of these. */
  async block(others: readonly LocalSociety[]): Promise<void> {
    const client = await clientOf(this.directory)
    await client.call('blockPeers', { body: { peers: others.map(({ peer }) => peer) } })
  }

  /** Waits until the node's view of itself fulfils a condition. */
  see(what: string, condition: (status: Status) => boolean): Promise<Status> {
    return this.until(`${this.name}: ${what}`, async () => {
      const status = await this.status()
      return condition(status) ? status : undefined
    })
  }

  /** Whether the node's process is there. */
  get running(): boolean {
    const child = this.#process
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  /** Stops the node in good order, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#process !== undefined) await this.#processes.end(this.#process, 'SIGTERM')
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    if (this.#process !== undefined) await this.#processes.end(this.#process, 'SIGKILL')
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}
