import { createConnection, type Socket } from 'node:net'
import { Failure } from '../../src/index.ts'
import { sealed, sealedTo, tlsFailure, type DeviceTls } from './device-tls.ts'
import { propertyOf } from './property-of.ts'
import type { Reach } from './reach.ts'
import { calledOff } from './time-limit.ts'

/** A device on the network, and how it may behave. */
export type SocketOptions = {
  readonly host: string
  readonly port: number
  /** What has to be switched on there, such as `Modbus TCP`. */
  readonly service: string
  /** Why it may be silent though nothing is wrong, as the end of a sentence. */
  readonly excuse: string
  /** Longest wait for the connection, in milliseconds. */
  readonly connectTimeoutMs: number
  /** Most bytes that it may send in all. */
  readonly answerBytesMax: number
  /** Ends the connection and whatever waits for it. */
  readonly signal: AbortSignal
  /** Another way to the device than a connection of this machine's. */
  readonly reach?: Reach | undefined
  /** Speaks TLS with it. */
  readonly tls?: DeviceTls | undefined
  /** Certificates in PEM, one of which must vouch for the host by its name: speaks TLS with it. */
  readonly roots?: readonly string[] | undefined
}

function adviceFor(code: unknown, { service, excuse }: SocketOptions): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens there; check the port and that ${service} is on (${excuse})`
    case 'ENOTFOUND':
      return 'there is no such host; check the name'
    case 'EAI_AGAIN':
      return 'the name cannot be looked up; check the name server'
    case 'EHOSTUNREACH':
      return `there is no way to this address; check address, cable and power (${excuse})`
    case 'ENETUNREACH':
      return 'there is no way to this network; check address and cable'
    case 'EADDRNOTAVAIL':
      return 'this is no address that a device can have; check it'
    default:
      return undefined
  }
}

const freeIt = 'see that no other program holds it, try again'
const certifyIt = 'it may ask for a certificate of this node, see devices in config.yaml'

/** Says why a connection ended, in the terms of the person who has to mend it. */
function whyEnded(options: SocketOptions, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  const { host, port, signal, tls } = options
  if (signal.aborted) return calledOff(signal, `${host}:${port}`, cause)
  const unsealed = tlsFailure(`${host}:${port}`, cause)
  if (unsealed !== undefined) return unsealed
  const advice = adviceFor(propertyOf(cause, 'code'), options)
  const message =
    advice === undefined
      ? `${host}:${port} closed the connection; ${tls === undefined ? freeIt : certifyIt}.`
      : `No connection to ${host}:${port}: ${advice}.`
  return new Failure('source-unavailable', message, { cause })
}

/** Ends a connection to a device that sends more than it was asked for. */
function limitBytes(socket: Socket, { service, answerBytesMax }: SocketOptions): void {
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= answerBytesMax) return
    const message = `The device sends without end; check that it is a device with ${service}.`
    socket.destroy(new Failure('source-nonsense', message))
  })
}

/** A connection of this machine's own. */
function dial(options: SocketOptions): Promise<Socket> {
  const { host, port, signal, excuse, connectTimeoutMs } = options
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, signal, noDelay: true })
    const timer = setTimeout(() => {
      const message = `${host}:${port} does not answer; check address, cable and power (${excuse}).`
      socket.destroy(new Failure('source-unavailable', message))
    }, connectTimeoutMs)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  })
}

/** Another way to the device, which the signal ends like a connection of one's own. */
async function reachBy(reach: Reach, { host, port, signal }: SocketOptions): Promise<Socket> {
  const socket = await reach({ host, port }, signal)
  // Whoever waits for it hears why it closed; until then nobody does.
  socket.on('error', () => undefined)
  const end = (): void => void socket.destroy(signal.reason as Error)
  signal.addEventListener('abort', end, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', end))
  return socket
}

async function secured(bare: Socket, { host, tls, roots }: SocketOptions): Promise<Socket> {
  if (roots !== undefined) return sealedTo(bare, host, roots)
  return tls === undefined ? bare : sealed(bare, tls)
}

/**
 * Connects to a device. Throws `source-unavailable` with the reason; later the socket is destroyed
 * with a `Failure` when the device sends too much, and by the signal.
 */
export async function openSocket(options: SocketOptions): Promise<Socket> {
  const { host, port, signal, reach } = options
  // Node 24 would connect nevertheless, and leave the connection open.
  if (signal.aborted) throw calledOff(signal, `${host}:${port}`)
  try {
    const bare = await (reach === undefined ? dial(options) : reachBy(reach, options))
    const socket = await secured(bare, options)
    limitBytes(socket, options)
    return socket
  } catch (error) {
    throw whyEnded(options, error)
  }
}

/** Rejects once the socket is closed, by whomever, and says why. */
export function untilClosed(socket: Socket, options: SocketOptions): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    let cause: unknown
    socket.once('error', (error) => (cause = error))
    socket.once('close', () => reject(whyEnded(options, cause)))
  })
  // Closing when all is read is no failure, and nobody listens then.
  ended.catch(() => undefined)
  return ended
}
