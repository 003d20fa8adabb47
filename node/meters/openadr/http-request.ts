import { request, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { getCACertificates } from 'node:tls'
import { Failure } from '../../../src/index.ts'
import { endpointOf } from '../endpoint.ts'
import type { Reach } from '../reach.ts'
import { openSocket } from '../tcp-socket.ts'
import { calledOff } from '../time-limit.ts'
import { answerBytesMax } from './limits.ts'

/** A request to a server, and how long to wait for the whole answer. */
export type HttpRequest = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** A form to post; a GET without it. */
  readonly form?: URLSearchParams
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Another way to the server than a connection of this machine's. */
  readonly reach?: Reach | undefined
  /** Certificates in PEM that vouch for the server; those of the system without it. */
  readonly roots?: readonly string[] | undefined
}

/** What a server answered. */
export type HttpAnswer = { readonly status: number; readonly body: string }

const refused = (message: string, cause: unknown): Failure =>
  new Failure('source-unavailable', message, { cause })

const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check the address and that the server is up',
  ENOTFOUND: 'there is no such host; check the name',
  EAI_AGAIN: 'the name cannot be looked up; check the name server',
  EHOSTUNREACH: 'there is no way to this address; check it and the network',
  ENETUNREACH: 'there is no way to this network; check the network',
}

function whyFailed({ url, signal }: HttpRequest, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  if (signal.aborted) return calledOff(signal, url.host, cause)
  const code = String((cause as NodeJS.ErrnoException).code)
  if (code.startsWith('HPE_')) {
    return new Failure('source-nonsense', `What ${url.host} answers is no HTTP; check the address.`)
  }
  const reason = advice[code] ?? `the connection broke (${code}); try again`
  return refused(`No answer of ${url.host}: ${reason}.`, cause)
}

async function bodyOf(answer: IncomingMessage, host: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerBytesMax) {
      const message = `${host} answers with more than ${answerBytesMax} bytes; check the address.`
      throw new Failure('source-nonsense', message)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Begins a request, over TLS where the address says so. */
async function begin(
  { url, reach, roots, timeoutMs }: HttpRequest,
  options: RequestOptions & { readonly signal: AbortSignal },
): Promise<ClientRequest> {
  if (url.protocol !== 'https:') return request(url, { ...options, agent: false })
  const socket = await openSocket({
    ...endpointOf(url),
    service: 'OpenADR',
    excuse: 'the server may be down',
    connectTimeoutMs: timeoutMs,
    answerBytesMax: 2 * answerBytesMax,
    signal: options.signal,
    reach,
    roots: roots ?? getCACertificates('default'),
  })
  const { hostname, port, pathname, search } = url
  // With an agent, even with none by `false`, it would connect once more.
  const place = { host: hostname, port, path: pathname + search }
  return request({ ...options, ...place, createConnection: () => socket })
}

/**
 * Sends one request on a connection of its own; follows no redirect, for what it carries is for
 * this server alone. Throws `source-unavailable` if there is no answer in time, `source-nonsense`
 * if it is no HTTP or too long, `bad-signature` if nobody believed vouches for the server.
 */
export async function sendRequest(options: HttpRequest): Promise<HttpAnswer> {
  const { url, headers, form, timeoutMs, signal } = options
  const late = new AbortController()
  const timer = setTimeout(() => {
    const message = `${url.host} did not answer within ${timeoutMs} ms; check that it is well.`
    late.abort(new Failure('source-unavailable', message))
  }, timeoutMs)
  let sent: ClientRequest | undefined
  try {
    if (signal.aborted) throw calledOff(signal, url.host)
    const body = form?.toString()
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const asked = await begin(options, {
      method: body === undefined ? 'GET' : 'POST',
      signal: AbortSignal.any([signal, late.signal]),
      headers: {
        accept: 'application/json',
        connection: 'close',
        ...(body === undefined ? {} : type),
        ...headers,
      },
    })
    sent = asked
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve)
      asked.on('error', reject)
      asked.end(body)
    })
    return { status: answer.statusCode ?? 0, body: await bodyOf(answer, url.host) }
  } catch (error) {
    if (late.signal.aborted && !signal.aborted) throw late.signal.reason
    throw whyFailed(options, error)
  } finally {
    clearTimeout(timer)
    sent?.destroy()
  }
}
