import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { MqttClient } from 'mqtt'
import { Failure } from '../../../src/index.ts'
import type { Endpoint } from '../endpoint.ts'
import { propertyOf } from '../property-of.ts'
import type { Reach } from '../reach.ts'
import { openSocket, untilClosed, type SocketOptions } from '../tcp-socket.ts'
import { answerBytesMax } from './limits.ts'

/** A message of a broker; `isRetained` if it was kept there, however long ago it was sent. */
export type Message = {
  readonly topic: string
  readonly payload: Uint8Array
  readonly isRetained: boolean
}

/** Where a broker is and how long to wait for it. */
export type BrokerOptions = Endpoint & {
  readonly connectTimeoutMs: number
  /** Hears every message, from the first subscription on. */
  readonly hear: (message: Message) => void
  readonly signal: AbortSignal
  /** Another way to it than a connection of this machine's. */
  readonly reach?: Reach | undefined
}

/** A connection to an MQTT broker. Everything throws `source-unavailable` or `source-nonsense`. */
export type Broker = {
  readonly subscribe: (topics: readonly string[]) => Promise<void>
  readonly unsubscribe: (topics: readonly string[]) => Promise<void>
  readonly publish: (topic: string, payload: string) => Promise<void>
  /** The outcome of something, or why the connection ended before. */
  readonly whileOpen: <T>(work: Promise<T>) => Promise<T>
  readonly close: () => void
}

/** Reason codes of MQTT 3.1.1 with which a broker turns a client away for who it is. */
const notAuthorised: ReadonlySet<unknown> = new Set([4, 5])

function socketOptions(options: BrokerOptions): SocketOptions {
  const { host, port, connectTimeoutMs, signal, reach } = options
  const excuse = 'MQTT on LAN is off by default'
  const device = { host, port, service: 'MQTT on LAN', excuse, reach }
  return { ...device, connectTimeoutMs, answerBytesMax, signal }
}

/** What an error of the library means: the broker refuses, or it is none. */
function toFailure(error: unknown, { host, port }: BrokerOptions): Failure {
  if (error instanceof Failure) return error
  const code = propertyOf(error, 'code')
  if (notAuthorised.has(code)) {
    return new Failure(
      'source-unavailable',
      `The broker at ${host}:${port} asks for a password; let MQTT on LAN be plain text in the ` +
        'settings of the GX device.',
      { cause: error },
    )
  }
  if (typeof code === 'number') {
    return new Failure(
      'source-unavailable',
      `The broker at ${host}:${port} turned us away (reason ${code}); try again later.`,
      { cause: error },
    )
  }
  return new Failure(
    'source-nonsense',
    `What ${host}:${port} answers is not MQTT; check address and port.`,
    { cause: error },
  )
}

/** Rejects with the first error that the library finds in what a broker sends. */
function untilFailed(client: MqttClient, socket: Socket, options: BrokerOptions): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    client.on('error', (error) => {
      // It hands on errors of the connection, too; why that ended is known better.
      const isRefusal = typeof propertyOf(error, 'code') === 'number'
      if (isRefusal || !socket.destroyed) reject(toFailure(error, options))
    })
  })
  failed.catch(() => undefined)
  return failed
}

/** Connects to a broker as a guest without a session. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const { host, port, connectTimeoutMs, hear } = options
  // Loaded when it is needed: every command of the CLI knows this file, and has to start quickly.
  const mqtt = await import('mqtt')
  const socket = await openSocket(socketOptions(options))
  // What a broker says before it hangs up is still on its way through the library then.
  const ended = untilClosed(socket, socketOptions(options)).catch(async (error: unknown) => {
    await setImmediate()
    throw error
  })
  ended.catch(() => undefined)
  const client = new mqtt.MqttClient(() => socket, {
    protocolVersion: 4,
    clientId: `society-${randomBytes(6).toString('hex')}`,
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    // The time limit is kept here; the library would only close the connection.
    connectTimeout: 2 * connectTimeoutMs,
  })
  const failed = untilFailed(client, socket, options)
  const close = (): void => {
    client.end(true)
    socket.destroy()
  }
  client.on('message', (topic, payload, { retain }) => hear({ topic, payload, isRetained: retain }))

  async function whileOpen<T>(work: Promise<T>): Promise<T> {
    const answered = work.catch((error: unknown) => {
      if (!socket.destroyed) throw toFailure(error, options)
      // What the library makes of a connection that has ended says less than why it ended.
      return Promise.race([ended, failed])
    })
    return Promise.race([ended, failed, answered])
  }
  const timer = setTimeout(() => {
    const message = `What listens at ${host}:${port} does not answer; check that it is a broker.`
    socket.destroy(new Failure('source-unavailable', message))
  }, connectTimeoutMs)
  try {
    await whileOpen(new Promise<void>((resolve) => void client.once('connect', () => resolve())))
  } catch (error) {
    close()
    throw error
  } finally {
    clearTimeout(timer)
  }
  return {
    whileOpen,
    close,
    subscribe: async (topics) => {
      await whileOpen(client.subscribeAsync([...topics], { qos: 0 }))
    },
    unsubscribe: async (topics) => {
      await whileOpen(client.unsubscribeAsync([...topics]))
    },
    publish: async (topic, payload) => {
      await whileOpen(client.publishAsync(topic, payload, { qos: 0 }))
    },
  }
}
