import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { gxValues, type GxSettings } from '../../node/devices/victron-values.ts'
import { listen } from './loopback.ts'

const brokers = new Set<Aedes>()

/** A GX device of a test: what differs from a sound one, by topic below the portal id. */
export type GxChanges = Partial<GxSettings> & {
  readonly values?: Readonly<Record<string, unknown>>
  /** Topics that the device does not have. */
  readonly without?: RegExp
}

const sound: GxSettings = {
  portal: 'c0619ab33a4e',
  serial: 'HQ2201ABCDE',
  ratedWatts: 8200,
  watts: 3600,
  wattHours: 12_345_678,
  charge: 80,
}

/** Starts a broker that answers keep-alives as a GX device does; gives its port. */
export async function startGxBroker(changes: GxChanges = {}): Promise<number> {
  const { values = {}, without, ...settings } = changes
  const { portal } = { ...sound, ...settings }
  const told = new Map<string, unknown>(gxValues({ ...sound, ...settings }))
  for (const [topic, value] of Object.entries(values)) told.set(topic, value)
  const broker = await Aedes.createBroker()
  brokers.add(broker)
  const publish = (topic: string, value: unknown, retain = false): void => {
    const payload = JSON.stringify({ value })
    const packet = { cmd: 'publish', topic: `N/${portal}/${topic}`, payload, retain } as const
    broker.publish({ ...packet, qos: 0, dup: false }, () => undefined)
  }
  publish('system/0/Serial', portal, true)
  broker.on('publish', ({ topic }, client) => {
    if (client === null || topic !== `R/${portal}/keepalive`) return
    for (const [place, value] of told) if (without?.test(place) !== true) publish(place, value)
    publish('full_publish_completed', 1_700_000_000)
  })
  return listen(createServer((socket) => void broker.handle(socket)))
}

/** Ends every broker and its connections. */
export async function stopGxBrokers(): Promise<void> {
  const closed = [...brokers].map(
    (broker) => new Promise<void>((resolve) => broker.close(() => resolve())),
  )
  brokers.clear()
  await Promise.all(closed)
}
