/**
 * A simulated solar inverter: a program of its own that serves SunSpec over Modbus TCP, to try
 * meters and nodes without hardware. Whoever reads it can tell: its serial begins with `SIM-`.
 */
import assert from 'node:assert/strict'
import { Server } from 'node:net'
import { parseArgs } from 'node:util'
import { ServerTCP } from 'modbus-serial'
import { powerAfter } from './power-curve.ts'
import { spoilMap } from './sunspec-faults.ts'
import { inverterMap, type Base, type ModelSet, type RegisterMap } from './sunspec-map.ts'

const usage = `Usage: sunspec-inverter [--host 127.0.0.1] [--port 0] [--unit 1] [--serial SIM-0001]
  [--rated 5000] [--watts W] [--models int|float|der] [--base 40000|0|50000]
  [--misbehave none|stall|refuse-marker|nonsense-lengths|no-end|not-implemented|slow|close|
               no-serial]`

const misbehaviours = [
  'none',
  'stall',
  'refuse-marker',
  'nonsense-lengths',
  'no-end',
  'not-implemented',
  'slow',
  'close',
  'no-serial',
] as const
const modelSets = ['int', 'float', 'der'] as const satisfies readonly ModelSet[]
const bases = [0, 40_000, 50_000] as const satisfies readonly Base[]

const serialPrefix = 'SIM-'
/** What a device says that nobody gave a serial number: every bit of 24. */
const unsetSerial = '16777215'
/** A serial number has 16 registers of two characters. */
const serialLengthMax = 32
/** How long `slow` takes for each answer, in milliseconds; 11 of them are over 4 s. */
const slowMs = 400
/** The request at which `close` hangs up: in the middle of the walk. */
const closeAtRequest = 4
/** Modbus exception "illegal data address". */
const illegalAddress = 2

type Settings = {
  readonly host: string
  readonly port: number
  readonly unit: number
  readonly serial: string
  readonly rated: number
  readonly watts: number | undefined
  readonly models: ModelSet
  readonly base: Base
  readonly misbehave: (typeof misbehaviours)[number]
}

function oneOf<T extends string | number>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((value) => String(value) === text)
  if (found === undefined) throw new TypeError(`--${name} is one of ${known.join(', ')}`)
  return found
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value >= least && value <= most)) {
    throw new TypeError(`--${name} is a number from ${least} to ${most}`)
  }
  return value
}

function serialOf(text: string): string {
  const serial = text.startsWith(serialPrefix) ? text : `${serialPrefix}${text}`
  if (!/^[ -~]+$/.test(serial) || serial.length > serialLengthMax) {
    throw new TypeError(`--serial is up to ${serialLengthMax} printable ASCII characters`)
  }
  return serial
}

function readFlags(): Settings {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      unit: { type: 'string', default: '1' },
      serial: { type: 'string', default: 'SIM-0001' },
      rated: { type: 'string', default: '5000' },
      watts: { type: 'string' },
      models: { type: 'string', default: 'int' },
      base: { type: 'string', default: '40000' },
      misbehave: { type: 'string', default: 'none' },
    },
  })
  const { host, watts } = values
  return {
    host,
    port: numberOf('port', values.port, 0, 65_535),
    unit: numberOf('unit', values.unit, 1, 247),
    serial: serialOf(values.serial),
    rated: numberOf('rated', values.rated, 0, 1e9),
    watts: watts === undefined ? undefined : numberOf('watts', watts, -1e6, 1e9),
    models: oneOf('models', values.models, modelSets),
    base: oneOf('base', values.base, bases),
    misbehave: oneOf('misbehave', values.misbehave, misbehaviours),
  }
}

/** The registers as they are `seconds` after the start. */
function mapAfter(seconds: number, settings: Settings): RegisterMap {
  const { rated, misbehave } = settings
  const amounts = { ratedWatts: rated, ...powerAfter(seconds, rated, settings.watts) }
  const map = inverterMap({
    models: settings.models,
    base: settings.base,
    manufacturer: 'Simulated Solar',
    model: `Sim ${settings.models}`,
    options: 'simulated',
    version: '1.0.0',
    serial: misbehave === 'no-serial' ? unsetSerial : settings.serial,
    ...(misbehave === 'not-implemented' ? {} : amounts),
  })
  switch (misbehave) {
    case 'refuse-marker':
    case 'nonsense-lengths':
    case 'no-end':
      return spoilMap(map, misbehave)
    default:
      return map
  }
}

type Answer = (error: Error | null, registers: number[]) => void

class IllegalAddress extends Error {
  readonly modbusErrorCode = illegalAddress
}

/** Answers requests for holding registers, or does not, as the misbehaviour wants it. */
function answering(settings: Settings, hangUp: () => void) {
  const { misbehave } = settings
  let requests = 0
  return (address: number, count: number, answer: Answer): void => {
    requests++
    const { base, registers } = mapAfter(performance.now() / 1000, settings)
    const start = address - base
    const found = registers.slice(Math.max(0, start), Math.max(0, start + count))
    const reply = (): void =>
      found.length === count ? answer(null, found) : answer(new IllegalAddress(), [])
    if (misbehave === 'stall') return
    if (misbehave === 'slow') setTimeout(reply, slowMs)
    else if (misbehave === 'close' && requests >= closeAtRequest) hangUp()
    else reply()
  }
}

function serve(settings: Settings): ServerTCP {
  const { host, port, unit } = settings
  const answerTo = answering(settings, () => {
    for (const socket of server.socks.keys()) socket.destroy()
  })
  // The library takes the number 0 for "no port given" and the text for what it says.
  const options: object = { host, port: String(port), unitID: unit }
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
  return server
}

function listeningPort(server: ServerTCP): number {
  // The library has no other way to the port that the system chose.
  const inner: unknown = Reflect.get(server, '_server')
  assert(inner instanceof Server)
  const address = inner.address()
  assert(address !== null && typeof address === 'object')
  return address.port
}

function fail(message: string, exitCode: number): never {
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}

function run(settings: Settings): void {
  const server = serve(settings)
  server.on('initialized', () => {
    const { host, serial, unit, rated, models, base, misbehave } = settings
    const listening = { host, port: listeningPort(server) }
    const line = { listening, simulated: true, serial, unit, rated, models, base, misbehave }
    process.stderr.write(`This is a simulator, not an inverter: ${serial}, ${rated} W.\n`)
    process.stdout.write(`${JSON.stringify(line)}\n`)
  })
  server.on('serverError', (error) => fail(`Cannot listen: ${error?.message}`, 1))
  // A meter that hangs up early is its own business.
  server.on('socketError', () => undefined)
  server.on('error', () => undefined)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => server.close(() => process.exit(0)))
  }
}

try {
  run(readFlags())
} catch (error) {
  fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 2)
}
