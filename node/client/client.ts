import type { NodeEvent } from '../../src/index.ts'
import type { Problem } from '../api/problem.ts'
import { NoAnswer, NoNode, Refusal } from './failures.ts'
import { framesIn, type Frame } from './frames.ts'
import { operationPlaces, type Operations } from './operations.ts'

/** Longest wait for what is done, in ms: the slowest thing is to measure, in a minute. */
const doneMsMax = 120_000
/** Longest wait for what is asked, in ms: the slowest is a state of long ago. */
const answerMsMax = 60_000

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
type Asking = { readonly body?: unknown; readonly signal: AbortSignal; readonly ms: number }

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
 * the node answers with a problem, and with `NoAnswer` where it takes too long.
 */
export class Client {
  readonly address: string
  readonly #token: string
  readonly #msMax: number

  /**
   * `token` is the content of the file `token`, or of `token-read` for who only reads; `msMax` the
   * longest wait for any answer, in ms.
   */
  constructor(address: string, token: string, msMax: number = doneMsMax) {
    this.address = address
    this.#token = token
    this.#msMax = msMax
  }

  /** The same, with less patience. */
  within(msMax: number): Client {
    return new Client(this.address, this.#token, Math.min(msMax, this.#msMax))
  }

  #msFor(method: string): number {
    return Math.min(this.#msMax, method === 'GET' ? answerMsMax : doneMsMax)
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Response> {
    const ms = this.#msFor(method)
    return this.#send(method, path, { body, ms, signal: AbortSignal.timeout(ms) })
  }

  async #send(method: string, path: string, { body, signal, ms }: Asking): Promise<Response> {
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
        throw new NoAnswer(this.address, ms, { cause })
      }
      throw new NoNode(`the node at ${this.address} does not answer; is it running?`, { cause })
    }
  }

  /** Asks for what comes piece by piece: only its beginning has to be there in time. */
  async #begin(
    method: string,
    path: string,
    { body, signal }: { readonly body?: unknown; readonly signal?: AbortSignal },
  ): Promise<Response> {
    const ms = this.#msFor(method)
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new DOMException('late', 'TimeoutError')), ms)
    const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
    try {
      const response = await this.#send(method, path, { body, ms, signal: either })
      return response.ok ? response : await this.#refused(response)
    } finally {
      clearTimeout(timer)
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
    const response = await this.#ask(method, pathOf(path, given), given.body)
    if (!response.ok) return this.#refused(response)
    return this.#read<AnswerOf<K>>(response)
  }

  /** Bytes that a question is answered with, as they come. */
  async *bytes(method: 'GET' | 'POST', path: string, body?: unknown): AsyncGenerator<Uint8Array> {
    const response = await this.#begin(method, path, { body })
    try {
      yield* response.body ?? []
    } catch (cause) {
      throw new NoNode(`the node at ${this.address} went before it had answered`, { cause })
    }
  }

  /** What the node tells in text, such as its metrics. */
  async text(path: string): Promise<string> {
    const response = await this.#ask('GET', path)
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
    const path = pathOf('/v1/events', { query: { after } })
    const response = await this.#begin('GET', path, { signal })
    if (response.body !== null) yield* framesIn(response.body)
  }

  /** Writes a record; answers its id. What is undefined is left out. */
  async write(kind: string, given: Values): Promise<{ readonly id: string }> {
    const entries = Object.entries(given).filter(([, value]) => value !== undefined)
    return this.call('writeRecord', { body: { kind, with: Object.fromEntries(entries) } })
  }
}
