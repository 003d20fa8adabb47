import { afterEach, describe, expect, test } from 'vitest'
import { victronMeter, type VictronOptions } from '../../node/meters/victron/meter.ts'
import { batteryProfile, solarProfile, type Profile } from '../../node/meters/victron/profiles.ts'
import type { Measurement } from '../../src/ports.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { startGxBroker, stopGxBrokers, type GxChanges } from '../support/gx-broker.ts'
import { stopServers } from '../support/loopback.ts'

afterEach(async () => {
  await stopGxBrokers()
  await stopServers()
  await stopDevices()
})

function measure(
  port: number,
  profile: Profile = solarProfile,
  options: Partial<VictronOptions> = {},
): Promise<Measurement> {
  const meter = victronMeter(profile, { host: '127.0.0.1', port, now: Date.now, ...options })
  return meter.measure(new AbortController().signal)
}

function transcriptOf({ transcript }: Measurement) {
  return JSON.parse(new TextDecoder().decode(transcript))
}

const measureWith = async (changes: GxChanges, profile: Profile = solarProfile) =>
  measure(await startGxBroker(changes), profile)

const refusalOf = (changes: GxChanges, profile: Profile = solarProfile) =>
  measureWith(changes, profile).catch((error: unknown) => error)

describe('a PV inverter behind a GX device', () => {
  test('is measured, and the transcript shows each message in its order', async () => {
    const measured = await measureWith({})
    expect(measured).toMatchObject({
      source: 'solar:victron:simulated-pv-inverter-hq2201abcde',
      fields: { rated: 8200, output: 3600 },
      method: 'victron-mqtt',
      simulated: false,
    })
    const { exchanges, reading } = transcriptOf(measured)
    expect(reading).toMatchObject({
      portal: 'c0619ab33a4e',
      service: 'pvinverter',
      instance: 20,
      ratedFrom: 'Ac/MaxPower',
      lifetimeWattHours: 12_345_678,
    })
    expect(exchanges[0]).toEqual({ subscribe: ['N/#'] })
    expect(exchanges[1]).toEqual({
      topic: 'N/c0619ab33a4e/system/0/Serial',
      payload: '{"value":"c0619ab33a4e"}',
      retained: true,
    })
    expect(exchanges[2].subscribe).toContain('N/c0619ab33a4e/pvinverter/+/Ac/MaxPower')
    expect(exchanges[3]).toEqual({ publish: 'R/c0619ab33a4e/keepalive', payload: '' })
    expect(exchanges).toContainEqual({
      topic: 'N/c0619ab33a4e/pvinverter/20/Ac/MaxPower',
      payload: '{"value":8200}',
    })
    expect(exchanges.at(-1)).toMatchObject({ topic: 'N/c0619ab33a4e/full_publish_completed' })
  })

  test('is the one of the lowest instance, or the one that is asked for', async () => {
    const port = await startGxBroker({
      values: {
        'pvinverter/9/Serial': 'P-9',
        'pvinverter/9/ProductName': 'Other',
        'pvinverter/9/Ac/MaxPower': 1500.1234567,
      },
    })
    const lowest = await measure(port)
    expect(lowest).toMatchObject({ source: 'solar:victron:other-p-9', fields: { rated: 1500.123 } })
    expect(lowest.fields).not.toHaveProperty('output')
    expect(await measure(port, solarProfile, { unit: 20 })).toMatchObject({
      fields: { rated: 8200 },
    })
    await expect(measure(port, solarProfile, { unit: 7 })).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('with instance 7 now, but pvinverter 9, pvinverter 20'),
    })
  })

  test('that draws at night has output 0', async () => {
    expect((await measureWith({ watts: -5 })).fields).toEqual({ rated: 8200, output: 0 })
  })

  test('without a product has its serial number alone', async () => {
    const { source } = await measureWith({ values: { 'pvinverter/20/ProductName': null } })
    expect(source).toBe('solar:victron:hq2201abcde')
  })

  test.each([
    ['no serial number', { 'pvinverter/20/Serial': null }, 'invalid-source'],
    ['an empty serial number', { 'pvinverter/20/Serial': '' }, 'invalid-source'],
    ['serial number 0', { 'pvinverter/20/Serial': 0 }, 'invalid-source'],
    ['a list for a serial number', { 'pvinverter/20/Serial': [1] }, 'source-nonsense'],
    ['a rating of 0', { 'pvinverter/20/Ac/MaxPower': 0 }, 'source-nonsense'],
    ['a rating below 0', { 'pvinverter/20/Ac/MaxPower': -8200 }, 'source-nonsense'],
    ['an output of 20 MW', { 'pvinverter/20/Ac/Power': 2e7 }, 'source-nonsense'],
    ['an output that is a text', { 'pvinverter/20/Ac/Power': 'much' }, 'source-nonsense'],
  ])('with %s is refused', async (_, values, code) => {
    expect(await refusalOf({ values })).toMatchObject({ name: 'Failure', code })
  })

  test('of an old GX device, which tells no end, is measured when the wait is over', async () => {
    const { port } = await startDevice('victron-gx', '--misbehave', 'old')
    const measured = await measure(port, solarProfile, { valuesTimeoutMs: 1_000 })
    expect(measured).toMatchObject({ fields: { rated: 8200 }, simulated: true })
  })

  test('is asked for again where a keep-alive is lost', async () => {
    const { port } = await startDevice('victron-gx', '--misbehave', 'lost')
    const { exchanges } = transcriptOf(await measure(port))
    const asked = exchanges.filter(({ publish }: { publish?: string }) => publish !== undefined)
    expect(asked).toHaveLength(2)
  })
})

describe('other devices behind a GX device', () => {
  test('a solar charger is measured where there is no inverter', async () => {
    const measured = await measureWith({ without: /^pvinverter/ })
    expect(measured).toMatchObject({
      source: 'solar:victron:simulated-solar-charger-hq2201abcde',
      // 70 A at 52.4 V.
      fields: { rated: 3668, output: 360 },
    })
    expect(transcriptOf(measured).reading.ratedFrom).toContain('not its panels')
  })

  test('a battery is measured by its limits and its charge', async () => {
    const measured = await measureWith({ charge: 62.5 }, batteryProfile)
    expect(measured).toMatchObject({
      source: 'battery:victron:simulated-battery-hq2201abcde',
      fields: { dischargeRate: 5240, stored: 6550 },
    })
    expect(transcriptOf(measured).reading).toMatchObject({ chargePercent: 62.5, powerWatts: -360 })
  })

  test.each([
    ['Info/MaxDischargeCurrent', 'does not tell its discharge rate'],
    ['InstalledCapacity', 'does not tell its stored energy'],
    ['Soc', 'does not tell its stored energy'],
    ['Dc/0/Voltage', 'does not tell its discharge rate'],
  ])('a battery without %s is refused', async (path, words) => {
    const refused = await refusalOf({ values: { [`battery/512/${path}`]: null } }, batteryProfile)
    expect(refused).toMatchObject({
      code: 'source-nonsense',
      message: expect.stringContaining(words),
    })
  })

  test('an empty battery holds nothing', async () => {
    const { fields } = await measureWith({ charge: 0 }, batteryProfile)
    expect(fields).toEqual({ dischargeRate: 5240, stored: 0 })
  })
})
