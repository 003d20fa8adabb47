/**
 * A simulated Fronius data manager with its inverters: a program of its own that serves the Solar
 * API v1 over HTTP. The UniqueID of its first inverter begins with `SIM-`.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import {
  announce,
  deviceFlags,
  fail,
  numberOf,
  optionalNumberOf,
  readDeviceFlags,
  runDevice,
  unsetSerial,
  type DeviceSettings,
} from './device-flags.ts'
import { asEntities, pageOf, type FroniusDevice } from './fronius-pages.ts'
import { powerAfter } from './power-curve.ts'

const usage = `Usage: fronius-inverter [--host 127.0.0.1] [--port 0] [--unit 1] [--serial SIM-0001]
  [--rated 8200] [--watts W] [--name Roof]
  [--ahead-seconds 0] [--since MS] [--attached]
  [--misbehave none|stall|slow|trickle|close|night|asleep|redirect|missing|failing|no-http|no-json|
               no-text|wrong-length|endless|other-form|deep|other-version|failed-status|no-time|
               unset-power|nonsense-amounts|no-serial]`

const misbehaviours = [
  'none',
  'stall',
  'slow',
  'trickle',
  'close',
  'night',
  'asleep',
  'redirect',
  'missing',
  'failing',
  'no-http',
  'no-json',
  'no-text',
  'wrong-length',
  'endless',
  'other-form',
  'deep',
  'other-version',
  'failed-status',
  'no-time',
  'unset-power',
  'nonsense-amounts',
  'no-serial',
] as const

type Misbehaviour = (typeof misbehaviours)[number]

/** How long `slow` takes for each of three answers, in milliseconds. */
const slowMs = 700
/** Pause between the bytes of `trickle`, in milliseconds. */
const trickleMs = 50
const serialLengthMax = 32
/** More than any inverter has, in W, as old firmware says "unset", and as nobody can mean it. */
const unsetWatts = 500
const nonsenseWatts = 4e9

type Settings = DeviceSettings<Misbehaviour> & {
  readonly unit: number
  readonly rated: number
  readonly watts: number | undefined
  readonly name: string
}

function readFlags(): Settings {
  const { values } = parseArgs({
    options: {
      ...deviceFlags,
      unit: { type: 'string', default: '1' },
      rated: { type: 'string', default: '8200' },
      watts: { type: 'string' },
      name: { type: 'string', default: 'Roof & shed' },
    },
  })
  const { name, watts } = values
  return {
    ...readDeviceFlags(values, misbehaviours, serialLengthMax),
    name,
    unit: numberOf('unit', values.unit, 0, 255),
    rated: numberOf('rated', values.rated, 0, 1e9),
    watts: optionalNumberOf('watts', watts, -1e6, 1e9),
  }
}

const ratings: Partial<Record<Misbehaviour, number>> = {
  'unset-power': unsetWatts,
  'nonsense-amounts': nonsenseWatts,
}

/** A time as its pages have it. */
const pageTime = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z/, '+00:00')

function deviceAfter(seconds: number, settings: Settings): FroniusDevice {
  const { unit, serial, rated, watts, name, misbehave, clock } = settings
  const { watts: power, wattHours } = powerAfter(seconds, rated, watts)
  return {
    unit,
    serial: misbehave === 'no-serial' ? unsetSerial : serial,
    ratedWatts: ratings[misbehave] ?? rated,
    watts: misbehave === 'night' ? undefined : power,
    wattHours,
    name: asEntities(name),
    time: misbehave === 'no-time' ? 'yesterday' : pageTime(clock.now()),
    version: misbehave === 'other-version' ? 2 : 1,
    status: { asleep: 12, 'failed-status': 255 }[misbehave as string] ?? 0,
  }
}

/** What stands for the right answer where the misbehaviour is about its bytes. */
function spoil(misbehave: Misbehaviour, page: string): string | Uint8Array {
  switch (misbehave) {
    case 'no-json':
      return '<html><body>Welcome</body></html>'
    case 'no-text':
      return Uint8Array.of(0xff, 0xfe, 0x7b, 0x7d)
    case 'other-form':
      return '{"Head":{"Status":{"Code":"0"},"__proto__":{}},"Body":[]}'
    case 'deep':
      return '['.repeat(30_000) + ']'.repeat(30_000)
    default:
      return page
  }
}

const statuses: Partial<Record<Misbehaviour, number>> = {
  redirect: 302,
  missing: 404,
  failing: 503,
}

function trickle(answer: ServerResponse, page: string): void {
  const characters = page.split('')
  const timer = setInterval(() => {
    answer.write(characters.shift() ?? ' ')
  }, trickleMs)
  answer.once('close', () => clearInterval(timer))
}

function pour(answer: ServerResponse): void {
  const flood = ' '.repeat(16_384)
  const more = (): void => {
    while (!answer.destroyed && answer.write(flood));
    if (!answer.destroyed) answer.once('drain', more)
  }
  more()
}

/** Answers, or does not, as the misbehaviour wants it. */
function respond(answer: ServerResponse, page: string, misbehave: Misbehaviour): void {
  const status = statuses[misbehave] ?? 200
  const headers = {
    'content-type': 'application/json',
    ...(status === 302 ? { location: '/' } : {}),
  }
  const { socket } = answer
  switch (misbehave) {
    case 'stall':
      return
    case 'close':
      socket?.destroy()
      return
    case 'no-http':
      socket?.end('220 ready when you are\r\n')
      return
    case 'wrong-length':
      answer.writeHead(status, { ...headers, 'content-length': page.length + 10 })
      answer.write(page)
      socket?.end()
      return
    case 'trickle':
      trickle(answer.writeHead(status, headers), page)
      return
    case 'endless':
      pour(answer.writeHead(status, headers))
      return
    default:
      answer.writeHead(status, headers).end(spoil(misbehave, page))
  }
}

function run(settings: Settings): void {
  const { host, port, serial, unit, rated, misbehave } = settings
  const server = createServer((request, answer) => {
    const page = pageOf(request.url ?? '', deviceAfter(settings.clock.seconds(), settings))
    if (page === undefined) {
      answer.writeHead(404).end()
      return
    }
    const reply = (): void => respond(answer, page, misbehave)
    if (misbehave === 'slow') setTimeout(reply, slowMs)
    else reply()
  })
  server.once('error', (error) => fail(`Cannot listen: ${error.message}`, 1))
  server.listen(port, host, () => {
    const listening = { host, port: (server.address() as AddressInfo).port }
    const line = { listening, serial, unit, rated, misbehave }
    announce(`Fronius inverter ${serial}, ${rated} W`, line, (closed) => {
      server.close(closed)
      server.closeAllConnections()
    })
  })
}

runDevice(usage, () => run(readFlags()))
