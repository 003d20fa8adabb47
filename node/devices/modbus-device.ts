import assert from 'node:assert/strict'
import { Server } from 'node:net'
import { ServerTCP } from 'modbus-serial'
import type { DeviceClock } from './device-clock.ts'
import { announce, fail, oneOf } from './device-flags.ts'
import { serveSealed, type DeviceTlsServer } from './tls-front.ts'
import { isMapFault, spoilMap } from './sunspec-faults.ts'
import type { Base, RegisterMap } from './sunspec-blocks.ts'

/** Ways in which a simulated Modbus device misbehaves whatever it serves. */
export const modbusMisbehaviours = [
  'none',
  'stall',
  'slow',
  'close',
  'night',
  'refuse-marker',
  'nonsense-lengths',
  'no-end',
] as const

/** A serial number has 16 registers of two characters. */
export const serialLengthMax = 32

const bases = [0, 40_000, 50_000] as const satisfies readonly Base[]

/** How long `slow` takes for each answer, in milliseconds; 11 of them are over 4 s. */
const slowMs = 400
/** The request at which `close` hangs up: in the middle of the walk. */
const closeAtRequest = 4
/** Modbus exception "illegal data address". */
const illegalAddress = 2

/** What a simulated Modbus device serves, and how. */
export type ModbusDevice = {
  readonly host: string
  readonly port: number
  readonly unit: number
  readonly misbehave: string
  readonly clock: DeviceClock
  /** Speaks Modbus Security, which is Modbus within TLS, and nothing else. */
  readonly tls?: DeviceTlsServer | undefined
  /** Its registers after some seconds of service. */
  readonly mapAfter: (seconds: number) => RegisterMap
  /** What it is, for people; for programs. */
  readonly what: string
  readonly line: Readonly<Record<string, unknown>>
}

/** Reads `--base`. */
export function baseOf(text: string): Base {
  return oneOf('base', text, bases)
}

type Answer = (error: Error | null, registers: number[]) => void

class IllegalAddress extends Error {
  readonly modbusErrorCode = illegalAddress
}

/** Answers requests for holding registers, or does not, as the misbehaviour wants it. */
function answering({ misbehave, clock, mapAfter }: ModbusDevice, hangUp: () => void) {
  let requests = 0
  return (address: number, count: number, answer: Answer): void => {
    requests++
    const map = mapAfter(clock.seconds())
    const { base, registers } = isMapFault(misbehave) ? spoilMap(map, misbehave) : map
    const start = address - base
    const found = registers.slice(Math.max(0, start), Math.max(0, start + count))
    const reply = (): void =>
      found.length === count ? answer(null, found) : answer(new IllegalAddress(), [])
    if (misbehave === 'stall') return
    if (misbehave === 'slow') setTimeout(reply, slowMs)
    else if (misbehave === 'night') hangUp()
    else if (misbehave === 'close' && requests >= closeAtRequest) hangUp()
    else reply()
  }
}

function listeningPort(server: ServerTCP): number {
  // The library has no other way to the port that the system chose.
  const inner: unknown = Reflect.get(server, '_server')
  assert(inner instanceof Server)
  const address = inner.address()
  assert(address !== null && typeof address === 'object')
  return address.port
}

/** Serves a device's registers over Modbus TCP until the process is ended. */
export function serveModbus(device: ModbusDevice): void {
  const { host, port, unit, misbehave, tls, what, line } = device
  const answerTo = answering(device, () => {
    for (const socket of server.socks.keys()) socket.destroy()
  })
  const inner = tls === undefined ? { host, port } : { host: '127.0.0.1', port: 0 }
  // The library takes the number 0 for "no port given" and the text for what it says.
  const options: object = { host: inner.host, port: String(inner.port), unitID: unit }
  const server: ServerTCP = new ServerTCP(
    {
      getHoldingRegister: (address: number, _unit: number, answer) => {
        answerTo(address, 1, (error, [register = 0]) => answer(error, register))
      },
      // The library tells callbacks from promises by the number of parameters: all four are needed.
      getMultipleHoldingRegisters: (address: number, count: number, _unit: number, answer) => {
        answerTo(address, count, answer)
      },
    },
    options,
  )
  server.on('initialized', () => {
    const open = listeningPort(server)
    const ready = (listening: object): void =>
      announce(what, { listening, ...line, unit, misbehave, tls: tls !== undefined }, (closed) =>
        server.close(closed),
      )
    if (tls === undefined) ready({ host, port: open })
    else serveSealed(tls, { host, port, inner: open }, ready)
  })
  server.on('serverError', (error) => fail(`Cannot listen: ${error?.message}`, 1))
  // A meter that hangs up early is its own business.
  server.on('socketError', () => undefined)
  server.on('error', () => undefined)
}
