import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { on, once } from 'node:events'
import { Failure, type Clock } from '../../src/index.ts'
import type { Endpoint } from '../meters/endpoint.ts'
import { sntpAnswerMs, sntpErrorMsMax } from './limits.ts'
import type { Offset } from './marzullo.ts'
import {
  decodeAnswer,
  encodeQuestion,
  isAnswerTo,
  sntpMarkBytes,
  type SntpAnswer,
} from './sntp-packet.ts'

/** The answer to what was asked, whatever else arrives before. */
async function answerTo(mark: Uint8Array, socket: Socket, waitMs: number): Promise<SntpAnswer> {
  const signal = AbortSignal.timeout(waitMs)
  for await (const [bytes] of on(socket, 'message', { signal }) as AsyncIterable<[Uint8Array]>) {
    if (isAnswerTo(mark, bytes)) return decodeAnswer(bytes)
  }
  throw new Failure('source-unavailable', 'the socket was closed')
}

/**
 * How far a time server is ahead of this machine. Fails with `source-unavailable` where it does not
 * answer, `source-nonsense` where it answers what tells no time.
 */
export async function askTimeServer(
  { host, port }: Endpoint,
  clock: Pick<Clock, 'now' | 'elapsed'>,
  waitMs: number = sntpAnswerMs,
): Promise<Offset> {
  const mark = randomBytes(sntpMarkBytes)
  let socket: Socket | undefined
  try {
    const { address, family } = await lookup(host)
    socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    // Connected: what others send does not arrive.
    socket.connect(port, address)
    await once(socket, 'connect')
    const answering = answerTo(mark, socket, waitMs)
    const askedAt = clock.now()
    const elapsed = clock.elapsed()
    socket.send(encodeQuestion(mark))
    const { receivedAt, sentAt, errorMs } = await answering
    const roundMs = clock.elapsed() - elapsed
    const underWayMs = Math.max(0, roundMs - (sentAt - receivedAt))
    const offset = {
      offsetMs: (receivedAt - askedAt + (sentAt - (askedAt + roundMs))) / 2,
      errorMs: underWayMs / 2 + errorMs,
    }
    if (offset.errorMs <= sntpErrorMsMax) return offset
    throw new Failure('source-nonsense', 'the time server is too uncertain, or too far away')
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure('source-unavailable', `no time from ${host}:${port}`, { cause: error })
  } finally {
    socket?.close()
  }
}
