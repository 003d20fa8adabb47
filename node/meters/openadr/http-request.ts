import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import { Failure } from '../../../src/index.ts'
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
  CERT_HAS_EXPIRED: 'its certificate has expired; tell its operator, and check the clock',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another name; check the address',
}
/** Certificates that nobody trusted here vouches for. */
const untrusted = /SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/

function whyFailed({ url, signal }: HttpRequest, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  if (signal.aborted) return calledOff(signal, url.host, cause)
  const code = String((cause as NodeJS.ErrnoException).code)
  if (code.startsWith('HPE_')) {
    return new Failure('source-nonsense', `What ${url.host} answers is no HTTP; check the address.`)
  }
  if (untrusted.test(code)) {
    const mend = 'give its authority in NODE_EXTRA_CA_CERTS if it is your own'
    return refused(
      `Nobody trusted here vouches for the certificate of ${url.host}; ${mend}.`,
      cause,
    )
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

/**
 * Sends one request on a connection of its own; follows no redirect, for what it carries is for
 * this server alone. Throws `source-unavailable` if there is no answer in time, `source-nonsense`
 * if it is no HTTP or too long.
 */
export async function sendRequest(options: HttpRequest): Promise<HttpAnswer> {
  const { url, headers, form, timeoutMs, signal } = options
  if (signal.aborted) throw calledOff(signal, url.host)
  const body = form?.toString()
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const sent = (url.protocol === 'https:' ? requestSecure : requestPlain)(url, {
    method: body === undefined ? 'GET' : 'POST',
    agent: false,
    signal,
    headers: {
      accept: 'application/json',
      connection: 'close',
      ...(body === undefined ? {} : type),
      ...headers,
    },
  })
  const timer = setTimeout(() => {
    const message = `${url.host} did not answer within ${timeoutMs} ms; check that it is well.`
    sent.destroy(new Failure('source-unavailable', message))
  }, timeoutMs)
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve)
      sent.on('error', reject)
      sent.end(body)
    })
    return { status: answer.statusCode ?? 0, body: await bodyOf(answer, url.host) }
  } catch (error) {
    throw whyFailed(options, error)
  } finally {
    clearTimeout(timer)
    sent.destroy()
  }
}
