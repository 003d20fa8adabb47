/**
 * A simulated smart meter: a program of its own that pushes DSMR telegrams over TCP each second, as
 * a gateway at a meter's P1 port does. Its equipment identifier begins with `SIM-`.
 */
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import {
  announce,
  deviceFlags,
  fail,
  numberOf,
  oneOf,
  optionalNumberOf,
  readDeviceFlags,
  runDevice,
  type DeviceSettings,
} from './device-flags.ts'
import { p1Telegram, type MeterState } from './p1-telegram.ts'

const usage = `Usage: p1-meter [--host 127.0.0.1] [--port 0] [--serial SIM-0001] [--limit KW]
  [--fuse 40] [--phases 1|3] [--watts 1200] [--period 1000]
  [--ahead-seconds 0] [--since MS] [--attached]
  [--misbehave none|silent|bad-crc|no-crc|cut|hang-up|stuck|garbage|unlimited|untold|backwards|
               other-clock|switched-off|no-serial|above-fuse]`

const misbehaviours = [
  'none',
  'silent',
  'bad-crc',
  'no-crc',
  'cut',
  'hang-up',
  'stuck',
  'garbage',
  'unlimited',
  'untold',
  'backwards',
  'other-clock',
  'switched-off',
  'no-serial',
  'above-fuse',
] as const

/** An equipment identifier has 96 bytes at most. */
const serialLengthMax = 40
/** How far a clock is off that nobody set, in ms. */
const otherClockMs = 86_400_000
/** What the counter shows when it starts, in Wh. */
const startWattHours = 4_321_000
const cutAfterCharacters = 200

type Misbehaviour = (typeof misbehaviours)[number]

type Settings = DeviceSettings<Misbehaviour> & {
  /** kW; none by default, and the fuse limits. */
  readonly limit: number | undefined
  readonly fuse: number
  readonly phases: 1 | 3
  readonly watts: number
  readonly periodMs: number
  /** By its clock, in ms since 1970. */
  readonly startedAt: number
}

function readFlags(): Settings {
  const { values } = parseArgs({
    options: {
      ...deviceFlags,
      limit: { type: 'string' },
      fuse: { type: 'string', default: '40' },
      phases: { type: 'string', default: '1' },
      watts: { type: 'string', default: '1200' },
      period: { type: 'string', default: '1000' },
    },
  })
  const { limit } = values
  const device = readDeviceFlags(values, misbehaviours, serialLengthMax)
  return {
    ...device,
    startedAt: device.clock.now(),
    limit: optionalNumberOf('limit', limit, 0, 999),
    fuse: numberOf('fuse', values.fuse, 0, 999),
    phases: oneOf('phases', values.phases, [1, 3]),
    watts: numberOf('watts', values.watts, 0, 99_999),
    periodMs: numberOf('period', values.period, 10, 60_000),
  }
}

const limiterOf = (kilowatts: number): string => `${kilowatts.toFixed(1).padStart(5, '0')}*kW`
const fuseOf = (amperes: number): string => `${String(Math.round(amperes)).padStart(3, '0')}*A`

/** What its registers of limits hold. */
function limitsOf({ limit, fuse, phases, misbehave }: Settings): Partial<MeterState> {
  const allowed = { fuse: fuseOf(fuse) }
  if (misbehave === 'unlimited') return { limiter: '999.9*kW', fuse: '999*A' }
  if (misbehave === 'untold') return {}
  if (misbehave === 'above-fuse') return { ...allowed, limiter: limiterOf(fuse * phases) }
  return limit === undefined ? allowed : { ...allowed, limiter: limiterOf(limit) }
}

/** What the meter says `seconds` after its start, on its telegram of that number. */
function telegramAt(seconds: number, count: number, settings: Settings): string {
  const { misbehave, serial, phases, watts, clock, startedAt } = settings
  // Each telegram is of a later second, however fast they come.
  const time = misbehave === 'stuck' ? startedAt : Math.max(clock.now(), startedAt + count * 1000)
  const used = (watts * seconds) / 3600
  return p1Telegram({
    identification: 'SIM5\\2SIMULATED-METER',
    equipment: misbehave === 'no-serial' ? '000000000000' : serial,
    time: misbehave === 'other-clock' ? time - otherClockMs : time,
    phases,
    watts,
    wattHours: startWattHours + (misbehave === 'backwards' ? -count * 1000 : used),
    breaker: misbehave === 'switched-off' ? 0 : 1,
    ...limitsOf(settings),
  })
}

/** Bytes as a line at another baud rate gives them. */
function garbageOf(text: string): Buffer {
  return Buffer.from(Buffer.from(text, 'latin1').map((byte) => (byte * 7 + 0x80) | 0x80))
}

function push(socket: Socket, text: string, { misbehave }: Settings): void {
  switch (misbehave) {
    case 'silent':
      return
    case 'bad-crc':
      socket.write(text.replace('0-0:96.14.0(0002)', '0-0:96.14.0(0001)'))
      return
    case 'no-crc':
      socket.write(text.replace(/![0-9A-F]{4}/, '!'))
      return
    case 'cut':
      socket.write(text.slice(0, cutAfterCharacters))
      return
    case 'hang-up':
      socket.end(text.slice(0, cutAfterCharacters))
      return
    case 'garbage':
      socket.write(garbageOf(text))
      return
    default:
      socket.write(text)
  }
}

function serve(settings: Settings): void {
  const { host, port, serial, phases, fuse, periodMs, misbehave } = settings
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  let count = 0
  const timer = setInterval(() => {
    count += 1
    const text = telegramAt(settings.clock.seconds(), count, settings)
    for (const socket of sockets) push(socket, text, settings)
  }, periodMs)
  server.on('error', (error) => fail(`Cannot listen: ${error.message}`, 1))
  server.listen(port, host, () => {
    const address = server.address()
    assert(address !== null && typeof address === 'object')
    const listening = { host, port: address.port }
    announce(
      `smart meter ${serial}, ${phases} x ${fuse} A`,
      { listening, serial, phases, fuse, misbehave },
      (closed) => {
        clearInterval(timer)
        for (const socket of sockets) socket.destroy()
        server.close(closed)
      },
    )
  })
}

runDevice(usage, () => serve(readFlags()))
