import { codes, type Code } from '../../protocol/index.ts'
import { Failure } from '../../src/index.ts'
import { readApiAddress, readToken } from '../config/directory.ts'

/** There is no node to talk to in a directory. */
export class NoNode extends Error {
  override readonly name = 'NoNode'
}

type ProblemBody = {
  readonly code?: string
  readonly detail?: string
  readonly record?: string | null
}

const requestMsMax = 120_000

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
      throw new NoNode(`no node runs in ${directory}; start it with 'society start'`)
    }
    return new Client(address, await readToken(directory))
  }

  async #send(method: string, path: string, body?: unknown, stream = false): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    try {
      return await fetch(`${this.address}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(stream ? {} : { signal: AbortSignal.timeout(requestMsMax) }),
      })
    } catch (cause) {
      throw new NoNode(`the node at ${this.address} does not answer; is it running?`, { cause })
    }
  }

  /** One question and its answer; a problem becomes a `Failure` with its code. */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await this.#send(method, path, body)
    const answer: unknown = await response.json()
    if (response.ok) return answer as T
    const {
      code = '',
      detail = `the node answers ${response.status}`,
      record,
    } = answer as ProblemBody
    const known: Code = code in codes ? (code as Code) : 'malformed'
    throw new Failure(known, detail, typeof record === 'string' ? { record } : {})
  }

  /** The lines of a stream of events as they come, until the node or the caller ends it. */
  async *lines(path: string): AsyncGenerator<string> {
    const response = await this.#send('GET', path, undefined, true)
    if (!response.ok || response.body === null) {
      throw new Failure('peer-unavailable', `the node answers ${response.status}`)
    }
    let rest = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  }

  /** Writes a record; answers its id. */
  async write(kind: string, given: Readonly<Record<string, unknown>>): Promise<{ id: string }> {
    const entries = Object.entries(given).filter(([, value]) => value !== undefined)
    const body = { kind, with: Object.fromEntries(entries) }
    return this.ask<{ id: string }>('POST', '/v1/records', body)
  }
}
