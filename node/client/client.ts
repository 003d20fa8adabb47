import { Failure, type NodeEvent } from '../../src/index.ts'
import type { Problem } from '../api/problem.ts'
import { NoNode, Refusal } from './failures.ts'
import { framesIn, type Frame } from './frames.ts'
import { operationPlaces, type Operations } from './operations.ts'

/** Longest wait for an answer, in ms: the slowest thing a node does is to measure, in a minute. */
const requestMsMax = 120_000

/** Name of an operation of the API that answers JSON. */
export type Operation = keyof Operations

/** What an operation answers. */
export type AnswerOf<K extends Operation> = Operations[K]['answer']

type Part = 'params' | 'query' | 'body'

/** What an operation is given: those of `params`, `query` and `body` that it has. */
export type Asked<K extends Operation> = {
  readonly [P in Part as Operations[K][P] extends undefined ? never : P]: Operations[K][P]
}

/** The arguments after an operation's name: none where it is given nothing. */
export type Arguments<K extends Operation> = keyof Asked<K> extends never ? [] : [given: Asked<K>]

type Values = Readonly<Record<string, unknown>>
type Given = { readonly params?: Values; readonly query?: Values; readonly body?: unknown }
type Asking = { readonly body?: unknown; readonly signal: AbortSignal }

/** The path of a question: parameters in their places, then what is asked besides. */
function pathOf(path: string, { params = {}, query = {} }: Given): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(params[name])),
  )
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`
}

const isProblem = (said: unknown): said is Problem =>
  typeof said === 'object' && said !== null && 'code' in said && 'detail' in said

/**
 * Speaks to a node over its HTTP API. Types of questions and answers are those of the API's own
 * description. Fails with `NoNode` where nothing or something else answers, with `Refusal` where
 * the node answers with a problem, and with `peer-unavailable` where it takes too long.
 */
export class Client {
  readonly address: string
  readonly #token: string

  /** `token` is the content of the file `token`, or of `token-read` for who only reads. */
  constructor(address: string, token: string) {
    this.address = address
    this.#token = token
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

  /** Calls an operation of the API by its name, such as `client.call('getStatus')`. */
  async call<K extends Operation>(operation: K, ...[asked]: Arguments<K>): Promise<AnswerOf<K>> {
    const [method, path] = operationPlaces[operation]
    const given: Given = asked ?? {}
    const signal = AbortSignal.timeout(requestMsMax)
    const response = await this.#send(method, pathOf(path, given), { body: given.body, signal })
    if (!response.ok) return this.#refused(response)
    return this.#read<AnswerOf<K>>(response)
  }

  /** Bytes that a question is answered with, as they come. */
  async *bytes(method: 'GET' | 'POST', path: string, body?: unknown): AsyncGenerator<Uint8Array> {
    const response = await this.#send(method, path, { body, signal: new AbortController().signal })
    if (!response.ok) await this.#refused(response)
    try {
      yield* response.body ?? []
    } catch (cause) {
      throw new NoNode(`the node at ${this.address} went before it had answered`, { cause })
    }
  }

  /** What the node tells in text, such as its metrics. */
  async text(path: string): Promise<string> {
    const signal = AbortSignal.timeout(requestMsMax)
    const response = await this.#send('GET', path, { signal })
    if (!response.ok) return this.#refused(response)
    return response.text()
  }

  /** Events that the node keeps, the newest last. */
  async pastEvents(): Promise<readonly NodeEvent[]> {
    const text = await this.text('/v1/events?follow=false&after=0')
    const { events }: { readonly events: readonly NodeEvent[] } = JSON.parse(text)
    return events
  }

  /** Events after an id as they come, until the node or the signal ends it. */
  async *events(after: string, signal: AbortSignal): AsyncGenerator<Frame> {
    const response = await this.#send('GET', pathOf('/v1/events', { query: { after } }), { signal })
    if (!response.ok) await this.#refused(response)
    if (response.body !== null) yield* framesIn(response.body)
  }

  /** Writes a record; answers its id. What is undefined is left out. */
  async write(kind: string, given: Values): Promise<{ readonly id: string }> {
    const entries = Object.entries(given).filter(([, value]) => value !== undefined)
    return this.call('writeRecord', { body: { kind, with: Object.fromEntries(entries) } })
  }
}
