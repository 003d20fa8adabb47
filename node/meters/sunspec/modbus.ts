import { Failure } from '../../../src/index.ts'
import { certificateOf, type DeviceCertificate, type DeviceTls } from '../device-tls.ts'
import { propertyOf } from '../property-of.ts'
import type { Reach } from '../reach.ts'
import { openSocket, untilClosed, type SocketOptions } from '../tcp-socket.ts'
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
  /** Another way to the device than a connection of this machine's. */
  readonly reach?: Reach | undefined
  /** Speaks Modbus Security with it: the same within TLS. */
  readonly tls?: DeviceTls | undefined
}

/** A connection to one unit of one device; one request at a time. */
export type ModbusConnection = {
  /** See `ReadRegisters`. Throws `source-unavailable` or `source-nonsense`. */
  readonly read: (address: number, count: number) => Promise<readonly number[] | ModbusException>
  /** Every request that was answered, oldest first. */
  readonly exchanges: readonly Exchange[]
  /** The device's certificate; undefined where it speaks no TLS. */
  readonly certificate: DeviceCertificate | undefined
  readonly close: () => void
}

function socketOptions(options: ModbusOptions): SocketOptions {
  const { host, port, connectTimeoutMs, signal, reach, tls } = options
  const excuse = 'many inverters switch it off at night'
  const device = { host, port, service: 'Modbus TCP', excuse, reach, tls }
  return { ...device, connectTimeoutMs, answerBytesMax, signal }
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
  // Loaded when it is needed: every command of the CLI knows this file, and has to start quickly.
  const { default: modbus } = await import('modbus-serial')
  const socket = await openSocket(socketOptions(options))
  // modbus-serial itself would wait on.
  const ended = untilClosed(socket, socketOptions(options))
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
  const certificate = certificateOf(socket, options.tls?.makers ?? [])
  return { read, exchanges, certificate, close: () => client.destroy(() => undefined) }
}
