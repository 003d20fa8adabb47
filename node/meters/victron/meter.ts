import type { MeterOptions } from '../meter-options.ts'
import { Failure, type Measurement, type Meter } from '../../../src/index.ts'
import type { DeviceNames } from '../device-name.ts'
import type { Endpoint } from '../endpoint.ts'
import { toMeasurement } from '../measurement.ts'
import { withinTime } from '../time-limit.ts'
import { openBroker, type Broker } from './broker.ts'
import { GxDevice } from './gx-device.ts'
import { connectTimeoutMs, measureTimeoutMs, portalTimeoutMs, valuesTimeoutMs } from './limits.ts'
import type { Profile } from './profiles.ts'
import { textAt, type VictronDevice } from './values.ts'

/** Where a GX device is, and the time limits in milliseconds if not those of `limits.ts`. */
export type VictronOptions = MeterOptions &
  Endpoint & {
    /** Instance of the device behind it; the lowest by default. */
    readonly unit?: number
    readonly connectTimeoutMs?: number
    readonly portalTimeoutMs?: number
    /** For the values after a keep-alive. */
    readonly valuesTimeoutMs?: number
  }

/** How measurements by MQTT of a GX device are made, as their proofs tell. */
export const victronMethod = 'victron-mqtt'
const namePaths = ['Serial', 'ProductName', 'CustomName']

function pathsOf({ services }: Profile): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(services.map(({ name, paths }) => [name, [...namePaths, ...paths]]))
}

/** The device that is asked for, of the first service that has one. */
function pickDevice(
  devices: readonly VictronDevice[],
  { services, what }: Profile,
  unit: number | undefined,
): { readonly device: VictronDevice; readonly service: Profile['services'][number] } {
  for (const service of services) {
    const device = devices.find(
      (each) => each.service === service.name && (unit === undefined || each.instance === unit),
    )
    if (device !== undefined) return { device, service }
  }
  const known = devices.map(({ service, instance }) => `${service} ${instance}`).slice(0, 20)
  throw new Failure(
    'source-unavailable',
    `The GX device knows no ${what}${unit === undefined ? '' : ` with instance ${unit}`} now` +
      `${known.length === 0 ? '' : `, but ${known.join(', ')}`}; see that it is on ` +
      '(many switch off at night).',
  )
}

/** What a device calls itself: its product, where it tells one, and its serial number. */
function namesOf(device: VictronDevice): DeviceNames {
  const names = { 'serial number': textAt(device, 'Serial') }
  const product = textAt(device, 'ProductName')
  return product === '' ? names : { product, ...names }
}

async function readDevice(broker: Broker, gx: GxDevice, profile: Profile, options: VictronOptions) {
  const portal = await gx.findPortal(broker, options.portalTimeoutMs ?? portalTimeoutMs)
  const waitMs = options.valuesTimeoutMs ?? valuesTimeoutMs
  const devices = await gx.readDevices(broker, portal, pathsOf(profile), waitMs)
  const { device, service } = pickDevice(devices, profile, options.unit)
  const { fields, reading } = service.read(device)
  const { instance } = device
  const customName = textAt(device, 'CustomName')
  const names = namesOf(device)
  return {
    names,
    fields,
    reading: { portal, service: service.name, instance, ...names, customName, ...reading },
  }
}

/**
 * Measures a device behind a Victron GX device by its MQTT broker, reading only; its profile says
 * what. The source is `<type>:victron:<product>-<serial>`. `measure` throws `source-unavailable` if
 * nothing answers in time or there is no such device now, `source-nonsense` if what is told is
 * nothing that such a device can mean, and `invalid-source` if it has no serial number of its own.
 */
export function victronMeter(profile: Profile, options: VictronOptions): Meter {
  const { host, port, site, now, reach } = options

  async function measure(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const gx = new GxDevice()
    const broker = await openBroker({
      host,
      port,
      connectTimeoutMs: options.connectTimeoutMs ?? connectTimeoutMs,
      hear: (message) => gx.hear(message),
      signal,
      reach,
    })
    try {
      const { names, fields, reading } = await readDevice(broker, gx, profile, options)
      return toMeasurement({
        type: profile.type,
        scheme: 'victron',
        names,
        fields,
        site,
        method: victronMethod,
        endpoint: { host, port },
        startedAt,
        finishedAt: now(),
        exchanges: gx.exchanges,
        reading,
      })
    } finally {
      broker.close()
    }
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, measure) }
}
