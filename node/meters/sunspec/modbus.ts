import { createConnection, type Socket } from 'node:net'
import modbus from 'modbus-serial'
import { Failure } from '../../../src/index.ts'
import { answerBytesMax } from './limits.ts'
import type { ModbusException } from './walk.ts'

/** One request for holding registers and its answer: registers as hex, or an exception code. */
export type Exchange = {
  readonly address: number
  readonly count: number
  readonly registers?: string
  readonly exception?: number
}

/** Where a device is and how long to wait for it, in milliseconds. */
export type ModbusOptions = {
  readonly host: string
  readonly port: number
  /** 1 to 247. */
  readonly unit: number
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  /** Ends the connection and whatever waits for it. */
  readonly signal: AbortSignal
}

/** A connection to one unit of one device; one request at a time. */
export type ModbusConnection = {
  /** See `ReadRegisters`. Throws `source-unavailable` or `source-nonsense`. */
  readonly read: (address: number, count: number) => Promise<readonly number[] | ModbusException>
  /** Every request that was answered, oldest first. */
  readonly exchanges: readonly Exchange[]
  readonly close: () => void
}

const night = 'many inverters switch it off at night'

const errorAdvice: Readonly<Record<string, string>> = {
  ECONNREFUSED: `nothing listens there; check the port and that Modbus TCP is on (${night})`,
  ENOTFOUND: 'there is no such host; check the name',
  EAI_AGAIN: 'the name cannot be looked up; check the name server',
  EHOSTUNREACH: `there is no way to this address; check address, cable and power (${night})`,
  ENETUNREACH: 'there is no way to this network; check address and cable',
  EADDRNOTAVAIL: 'this is no address that a device can have; check it',
}

function propertyOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
}

/** Says why a connection ended, in the terms of the person who has to mend it. */
function unavailable(options: ModbusOptions, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  const { host, port, signal } = options
  const fail = (message: string): Failure => new Failure('source-unavailable', message, { cause })
  if (signal.aborted) {
    return propertyOf(signal.reason, 'name') === 'TimeoutError'
      ? fail(`${host}:${port} took too long over all; check the network and what else talks to it.`)
      : fail('The measurement was called off.')
  }
  const reason = errorAdvice[String(propertyOf(cause, 'code'))]
  return reason === undefined
    ? fail(`${host}:${port} closed the connection; see that no other program holds it, try again.`)
    : fail(`No connection to ${host}:${port}: ${reason}.`)
}

/** Connects, or throws `source-unavailable`. */
function connect(options: ModbusOptions): Promise<Socket> {
  const { host, port, signal, connectTimeoutMs } = options
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, signal, noDelay: true })
    const timer = setTimeout(() => {
      const message = `${host}:${port} does not answer; check address, cable and power (${night}).`
      socket.destroy(new Failure('source-unavailable', message))
    }, connectTimeoutMs)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(unavailable(options, error))
    })
  })
}

/** Rejects once the socket is closed, by whomever; modbus-serial itself would wait on. */
function closed(socket: Socket, options: ModbusOptions): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    let cause: unknown
    socket.once('error', (error) => (cause = error))
    socket.once('close', () => reject(unavailable(options, cause)))
  })
  // Closing when all is read is no failure, and nobody listens then.
  ended.catch(() => undefined)
  return ended
}

/** Ends a connection to a device that sends more than it was asked for. */
function limitBytes(socket: Socket): void {
  socket.on('data', () => {
    if (socket.bytesRead <= answerBytesMax) return
    const message = 'The device sends without end; check that it is a Modbus TCP device.'
    socket.destroy(new Failure('source-nonsense', message))
  })
}

/** What an error of modbus-serial means: an exception is an answer, the rest is thrown. */
function toException(error: unknown, options: ModbusOptions): ModbusException {
  if (error instanceof Failure) throw error
  const exception = propertyOf(error, 'modbusCode')
  if (typeof exception === 'number') return { exception }
  const { host, port, unit, requestTimeoutMs } = options
  if (propertyOf(error, 'errno') === 'ETIMEDOUT') {
    throw new Failure(
      'source-unavailable',
      `Unit ${unit} at ${host}:${port} did not answer within ${requestTimeoutMs} ms; ` +
        'check the unit id, and that no other program holds the connection.',
      { cause: error },
    )
  }
  throw notModbus(options, error)
}

function notModbus({ host, port }: ModbusOptions, cause: unknown): Failure {
  const message = `What ${host}:${port} answers is not Modbus; check address and port.`
  return new Failure('source-nonsense', message, { cause })
}

function toHex(registers: readonly number[]): string {
  return registers.map((register) => register.toString(16).padStart(4, '0')).join('')
}

/**
 * Connects to a Modbus TCP device. Throws `source-unavailable` if it cannot be reached within the
 * time limit; every later read tells when it is gone.
 */
export async function openModbus(options: ModbusOptions): Promise<ModbusConnection> {
  const socket = await connect(options)
  const ended = closed(socket, options)
  limitBytes(socket)
  const client = new modbus.default()
  client.on('error', () => undefined)
  // It refuses a socket that has just been closed; why it was is known better here.
  await client.linkTCP(socket, { port: options.port }).catch(() => ended)
  client.setID(options.unit)
  client.setTimeout(options.requestTimeoutMs)
  const exchanges: Exchange[] = []

  async function read(address: number, count: number): ReturnType<ModbusConnection['read']> {
    const request = client.readHoldingRegisters(address, count)
    try {
      // A closed connection wins over what modbus-serial then makes of the request.
      const { data } = await Promise.race([ended, request])
      if (data.length !== count) throw notModbus(options, `${data.length} of ${count} registers`)
      exchanges.push({ address, count, registers: toHex(data) })
      return data
    } catch (error) {
      const answer = toException(error, options)
      exchanges.push({ address, count, ...answer })
      return answer
    }
  }
  return { read, exchanges, close: () => client.destroy(() => undefined) }
}
