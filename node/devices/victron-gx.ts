/**
 * A simulated Victron GX device: a program of its own with an MQTT broker that tells of a PV
 * inverter, a solar charger and a battery as Venus OS does. Their serial numbers begin with `SIM-`.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { Aedes } from 'aedes'
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
import { powerAfter } from './power-curve.ts'
import { gxValues, type GxValue, type GxValues } from './victron-values.ts'

const usage = `Usage: victron-gx [--host 127.0.0.1] [--port 0] [--portal 0123456789ab]
  [--serial SIM-0001] [--rated 8200] [--watts W] [--charge 80]
  [--ahead-seconds 0] [--since MS] [--attached]
  [--misbehave none|stall|mute|asleep|slow|lost|close|refuse|night|old|stale|no-mqtt|no-json|
               no-text|long-value|text-power|endless|unset-power|nonsense-amounts|overcharged|
               no-serial]`

const misbehaviours = [
  'none',
  'stall',
  'mute',
  'asleep',
  'slow',
  'lost',
  'close',
  'refuse',
  'night',
  'old',
  'stale',
  'no-mqtt',
  'no-json',
  'no-text',
  'long-value',
  'text-power',
  'endless',
  'unset-power',
  'nonsense-amounts',
  'overcharged',
  'no-serial',
] as const

type Misbehaviour = (typeof misbehaviours)[number]

/** How long `slow` takes to answer a keep-alive, in milliseconds. */
const slowMs = 5_000
const serialLengthMax = 32
const nonsenseWatts = 4e9
const overchargedPercent = 130
/** Bytes of one message of `endless`. */
const floodBytes = 65_536
/** Reason code of MQTT for a wrong password. */
const badPassword = 4

type Settings = DeviceSettings<Misbehaviour> & {
  readonly portal: string
  readonly rated: number
  readonly watts: number | undefined
  readonly charge: number
}

function readFlags(): Settings {
  const { values } = parseArgs({
    options: {
      ...deviceFlags,
      portal: { type: 'string', default: '0123456789ab' },
      rated: { type: 'string', default: '8200' },
      watts: { type: 'string' },
      charge: { type: 'string', default: '80' },
    },
  })
  const { portal, watts } = values
  if (!/^[0-9a-z]{1,32}$/.test(portal)) throw new TypeError('--portal is letters and digits')
  return {
    ...readDeviceFlags(values, misbehaviours, serialLengthMax),
    portal,
    rated: numberOf('rated', values.rated, 0, 1e9),
    watts: optionalNumberOf('watts', watts, -1e6, 1e9),
    charge: numberOf('charge', values.charge, 0, 100),
  }
}

const ratings: Partial<Record<Misbehaviour, GxValue>> = {
  'unset-power': null,
  'nonsense-amounts': nonsenseWatts,
  'text-power': 'plenty',
}

function valuesAfter(seconds: number, settings: Settings): GxValues {
  const { portal, serial, rated, charge, misbehave } = settings
  const power = powerAfter(seconds, rated, settings.watts)
  return gxValues({
    portal,
    serial: misbehave === 'no-serial' ? unsetSerial : serial,
    ratedWatts: misbehave in ratings ? (ratings[misbehave] ?? null) : rated,
    ...power,
    charge: misbehave === 'overcharged' ? overchargedPercent : charge,
  })
}

/** What is sent for the value of a topic. */
function payloadOf(topic: string, value: GxValue, misbehave: Misbehaviour): string | Buffer {
  const isDevice = !topic.startsWith('system/')
  if (misbehave === 'night' && isDevice) return ''
  if (misbehave === 'no-json' && isDevice) return '{"value":'
  if (misbehave === 'no-text' && isDevice) return Buffer.from([0xff, 0xfe])
  if (misbehave === 'long-value' && isDevice) return JSON.stringify({ value: 'x'.repeat(5_000) })
  return JSON.stringify({ value })
}

function publisher(broker: Aedes) {
  return (topic: string, payload: string | Buffer, retain = false): Promise<void> =>
    new Promise((resolve, reject) => {
      const packet = { cmd: 'publish', topic, payload, qos: 0, retain, dup: false } as const
      broker.publish(packet, (error) => (error ? reject(error) : resolve()))
    })
}

/** Tells everything there is, as after a keep-alive. */
async function publishAll(
  publish: ReturnType<typeof publisher>,
  settings: Settings,
): Promise<void> {
  const { portal, misbehave, clock } = settings
  for (const [topic, value] of valuesAfter(clock.seconds(), settings)) {
    await publish(`N/${portal}/${topic}`, payloadOf(topic, value, misbehave))
  }
  if (misbehave === 'old') return
  const completed = JSON.stringify({ value: Math.floor(clock.now() / 1000) })
  await publish(`N/${portal}/full_publish_completed`, completed)
}

/** What an old broker kept of devices that may be long gone. */
async function publishRetained(
  publish: ReturnType<typeof publisher>,
  settings: Settings,
): Promise<void> {
  const { portal, misbehave } = settings
  if (misbehave === 'mute') return
  await publish(`N/${portal}/system/0/Serial`, JSON.stringify({ value: portal }), true)
  if (misbehave !== 'stale') return
  for (const [topic, value] of valuesAfter(0, settings)) {
    await publish(`N/${portal}/${topic}`, JSON.stringify({ value }), true)
  }
}

async function answerKeepalive(
  publish: ReturnType<typeof publisher>,
  settings: Settings,
  count: number,
): Promise<void> {
  const { portal, misbehave } = settings
  if (misbehave === 'lost' && count === 1) return
  switch (misbehave) {
    case 'asleep':
    case 'stale':
      return
    case 'slow':
      setTimeout(() => void publishAll(publish, settings), slowMs)
      return
    case 'endless':
      for (;;) await publish(`N/${portal}/pvinverter/20/Serial`, Buffer.alloc(floodBytes, 32))
    default:
      await publishAll(publish, settings)
  }
}

async function startBroker(settings: Settings, hangUp: () => void): Promise<Aedes> {
  const { portal, misbehave } = settings
  const broker = await Aedes.createBroker()
  const publish = publisher(broker)
  await publishRetained(publish, settings)
  broker.authenticate = (_client, _username, _password, done) => {
    if (misbehave !== 'refuse') done(null, true)
    else done(Object.assign(new Error('no password'), { returnCode: badPassword }), false)
  }
  broker.on('subscribe', () => {
    if (misbehave === 'close') hangUp()
  })
  let keepalives = 0
  broker.on('publish', ({ topic }, client) => {
    if (client === null || topic !== `R/${portal}/keepalive`) return
    keepalives += 1
    void answerKeepalive(publish, settings, keepalives)
  })
  return broker
}

async function run(settings: Settings): Promise<void> {
  const { host, port, portal, serial, rated, misbehave } = settings
  const sockets = new Set<Socket>()
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const broker = await startBroker(settings, hangUp)
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    if (misbehave === 'stall') return
    if (misbehave === 'no-mqtt') socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    else broker.handle(socket)
  })
  server.once('error', (error) => fail(`Cannot listen: ${error.message}`, 1))
  server.listen(port, host, () => {
    const listening = { host, port: (server.address() as AddressInfo).port }
    const line = { listening, portal, serial, rated, misbehave }
    announce(`Victron GX device ${portal}, inverter ${serial}, ${rated} W`, line, (closed) => {
      server.close(closed)
      hangUp()
    })
  })
}

runDevice(usage, () => run(readFlags()))
