import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Failure } from '../../src/index.ts'
import { propertyOf } from './property-of.ts'
import { openSocket, untilClosed, type SocketOptions } from './tcp-socket.ts'

/** What to get of a device by HTTP, and how long to wait for the whole answer. */
export type HttpOptions = SocketOptions & {
  /** Path with its query. */
  readonly path: string
  readonly answerTimeoutMs: number
}

/** What a device answered: its status, and its body as text. */
export type HttpAnswer = { readonly status: number; readonly body: string }

async function readBody(answer: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function isProtocolError(error: unknown): boolean {
  return String(propertyOf(error, 'code')).startsWith('HPE_')
}

function nonsense(message: string, cause?: unknown): Failure {
  return new Failure('source-nonsense', message, { cause })
}

function textOf(bytes: Uint8Array, place: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw nonsense(`What ${place} answers is no UTF-8 text; check address and port.`, error)
  }
}

/** Sends a request on a connection and reads the whole answer. */
async function ask(socket: Socket, options: HttpOptions): Promise<HttpAnswer> {
  const { host, port, path } = options
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({
      host,
      port,
      path,
      // With an agent, even with none by `false`, it would connect once more.
      createConnection: () => socket,
      headers: { accept: 'application/json', connection: 'close' },
    })
    asked.once('response', resolve)
    asked.on('error', reject)
    asked.end()
  })
  const body = textOf(await readBody(answer), `${host}:${port}`)
  return { status: answer.statusCode ?? 0, body }
}

/**
 * Gets something of a device by HTTP/1.1 on a connection of its own, without following redirects.
 * Throws `source-unavailable` if there is no answer in time, `source-nonsense` if there is one that
 * is no HTTP, no text, or too long.
 */
export async function httpGet(options: HttpOptions): Promise<HttpAnswer> {
  const { host, port, service, answerTimeoutMs } = options
  const place = `${host}:${port}`
  const socket = await openSocket(options)
  const ended = untilClosed(socket, options)
  const timer = setTimeout(() => {
    const message = `${place} did not answer within ${answerTimeoutMs} ms; check that it is well.`
    socket.destroy(new Failure('source-unavailable', message))
  }, answerTimeoutMs)
  try {
    return await ask(socket, options)
  } catch (error) {
    if (error instanceof Failure) throw error
    if (isProtocolError(error)) {
      throw nonsense(`What ${place} answers is no HTTP; check that ${service} is there.`, error)
    }
    // Why it ended is told there.
    socket.destroy()
    return await ended
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
