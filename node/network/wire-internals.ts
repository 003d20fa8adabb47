import assert from 'node:assert/strict'
import type { Socket } from 'node:net'

import type {
  ConnectionEncrypter,
  MessageStream,
  Stream,
  StreamMuxer,
  StreamMuxerFactory,
} from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'

/*
 * What libp2p's TCP, noise 17.0.3 and yamux 8.0.3 do at each message and need not do, mended from
 * outside: every encrypted frame is two writes to the socket, its length and the rest, and every
 * frame received is answered with a window of its own, which is again two writes. For messages of a
 * few hundred bytes that is most of the work. Checked when a connection is made, so that a release
 * that is built differently fails at once and not in silence.
 */

/** A stream of yamux that was opened by both sides; windows in bytes. */
type YamuxInternals = {
  readonly state: number
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate(): void
}

type NewStream = (...given: readonly unknown[]) => Stream

const established = 3

const hasMethod = (value: object, name: string): boolean =>
  typeof Reflect.get(value, name) === 'function'

const isYamuxStream = (value: object): value is YamuxInternals =>
  hasMethod(value, 'sendWindowUpdate') &&
  ['state', 'recvWindow', 'recvWindowCapacity'].every(
    (name) => typeof Reflect.get(value, name) === 'number',
  )

const isNewStream = (value: unknown): value is NewStream => typeof value === 'function'

/** Has a stream grant more only when half of what it granted was used. */
const grantByHalves = (stream: Stream): Stream => {
  assert.ok(isYamuxStream(stream), 'this release of yamux is built differently inside')
  const internals: YamuxInternals = stream
  const grant = internals.sendWindowUpdate.bind(internals)
  internals.sendWindowUpdate = () => {
    const { state, recvWindow, recvWindowCapacity } = internals
    // The first ones also open the stream.
    if (state === established && recvWindowCapacity * 2 > recvWindow) return
    grant()
  }
  return stream
}

const grantingByHalves = (muxer: StreamMuxer): StreamMuxer => {
  const newStream: unknown = Reflect.get(muxer, '_newStream')
  assert.ok(isNewStream(newStream), 'this release of yamux is built differently inside')
  const granting: NewStream = (...given) => grantByHalves(newStream.apply(muxer, [...given]))
  Reflect.set(muxer, '_newStream', granting)
  return muxer
}

/** yamux whose streams grant their window by halves, as the specification has it. */
export const thriftyYamux = (
  options: NonNullable<Parameters<typeof yamux>[0]>,
): (() => StreamMuxerFactory) => {
  const make = yamux(options)
  return () => {
    const factory: StreamMuxerFactory = make()
    const create = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = (connection) => grantingByHalves(create(connection))
    return factory
  }
}

const isSocket = (value: unknown): value is Socket =>
  typeof value === 'object' && value !== null && hasMethod(value, 'cork')

/** What is written to a connection's socket in one go leaves in one go. */
const writeTogether = (connection: MessageStream): void => {
  const socket: unknown = Reflect.get(connection, 'socket')
  // WebSockets have another kind.
  if (!isSocket(socket)) return
  const write = socket.write.bind(socket)
  let corked = false
  const corking = (...given: Parameters<Socket['write']>): boolean => {
    if (!corked) {
      corked = true
      socket.cork()
      process.nextTick(() => {
        corked = false
        socket.uncork()
      })
    }
    return write(...given)
  }
  socket.write = corking as Socket['write']
}

/** noise whose frames leave in one write each, and several of one moment together. */
export const thriftyNoise = (): ((
  components: Parameters<ReturnType<typeof noise>>[0],
) => ConnectionEncrypter) => {
  const make = noise()
  return (components) => {
    const encrypter: ConnectionEncrypter = make(components)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)
    encrypter.secureInbound = (connection, given) => {
      writeTogether(connection)
      return secureInbound(connection, given)
    }
    encrypter.secureOutbound = (connection, given) => {
      writeTogether(connection)
      return secureOutbound(connection, given)
    }
    return encrypter
  }
}
