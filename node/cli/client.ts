import { Failure } from '../../src/index.ts'
import type { Problem } from '../api/problem.ts'
import { readApiAddress, readToken } from '../config/directory.ts'
import { NoNode, Refusal } from './failures.ts'

/** Longest wait for an answer, in ms: the slowest thing a node does is to measure, in a minute. */
const requestMsMax = 120_000

/** One event of a stream: its id, its type, and its data as it came. */
export type Frame = { readonly id: string; readonly type: string; readonly data: string }

type Asking = { readonly body?: unknown; readonly signal: AbortSignal }

/** Speaks to a node's API on loopback. */
export class Client {
  readonly address: string
  readonly #token: string

  constructor(address: string, token: string) {
    this.address = address
    this.#token = token
  }

  /** A client of the node that runs in a directory; fails with `NoNode`. */
  static async of(directory: string): Promise<Client> {
    const address = await readApiAddress(directory)
    if (address === undefined) {
      const start = `society start --dir ${directory}`
      throw new NoNode(`no node runs in ${directory}; start it with '${start}'`)
    }
    return new Client(address, await readToken(directory))
  }

  async #send(method: string, path: string, { body, signal }: Asking): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    try {
      return await fetch(`${this.address}${path}`, {
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'TimeoutError') {
        const message = `the node at ${this.address} took more than ${requestMsMax / 1000} s`
        throw new Failure('peer-unavailable', message, { cause })
      }
      throw new NoNode(`the node at ${this.address} does not answer; is it running?`, { cause })
    }
  }

  async #read<T>(response: Response): Promise<T> {
    try {
      return JSON.parse(await response.text())
    } catch (cause) {
      throw new NoNode(`what answers at ${this.address} is not our node`, { cause })
    }
  }

  async #refused(response: Response): Promise<never> {
    const said: unknown = await this.#read(response)
    if (!isProblem(said)) throw new NoNode(`what answers at ${this.address} is not our node`)
    throw new Refusal(said)
  }

  /** One question and its answer, in the form that the caller knows; a problem is a `Refusal`. */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const signal = AbortSignal.timeout(requestMsMax)
    const response = await this.#send(method, path, { body, signal })
    if (!response.ok) return this.#refused(response)
    return this.#read<T>(response)
  }

  /** Bytes that a question is answered with, as they come. */
  async *bytes(path: string, body: unknown): AsyncGenerator<Uint8Array> {
    const response = await this.#send('POST', path, { body, signal: new AbortController().signal })
    if (!response.ok) await this.#refused(response)
    yield* response.body ?? []
  }

  /** Events after an id as they come, until the node or the signal ends it. */
  async *events(after: string, signal: AbortSignal): AsyncGenerator<Frame> {
    const path = `/v1/events?after=${encodeURIComponent(after)}`
    const response = await this.#send('GET', path, { signal })
    if (!response.ok) await this.#refused(response)
    const decoder = new TextDecoder()
    let rest = ''
    for await (const bytes of response.body ?? []) {
      const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const frame = frameOf(block)
        if (frame !== undefined) yield frame
      }
    }
  }

  /** Writes a record; answers its id. */
  async write(kind: string, given: Readonly<Record<string, unknown>>): Promise<{ id: string }> {
    const entries = Object.entries(given).filter(([, value]) => value !== undefined)
    const body = { kind, with: Object.fromEntries(entries) }
    return this.ask<{ id: string }>('POST', '/v1/records', body)
  }
}

function isProblem(said: unknown): said is Problem {
  return typeof said === 'object' && said !== null && 'code' in said && 'detail' in said
}

/** The event of a block of lines; undefined for a comment or a block of other fields. */
function frameOf(block: string): Frame | undefined {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)]
    }),
  )
  const [id, type, data] = ['id', 'event', 'data'].map((name) => fields.get(name))
  return id === undefined || type === undefined || data === undefined
    ? undefined
    : { id, type, data }
}
