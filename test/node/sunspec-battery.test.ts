import { afterEach, describe, expect, test } from 'vitest'
import type { RegisterMap } from '../../node/devices/sunspec-blocks.ts'
import { inverterMap } from '../../node/devices/sunspec-map.ts'
import { batteryMap, type Battery } from '../../node/devices/sunspec-storage.ts'
import { batteryProfile } from '../../node/meters/sunspec/battery.ts'
import { solarProfile, windProfile } from '../../node/meters/sunspec/generator.ts'
import { sunspecMeter } from '../../node/meters/sunspec/meter.ts'
import type { Profile } from '../../node/meters/sunspec/profile.ts'
import type { Measurement } from '../../src/ports.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { stopServers } from '../support/loopback.ts'
import { eventually } from '../support/real-node.ts'
import { serveRegisters } from '../support/modbus-server.ts'

afterEach(async () => {
  await stopServers()
  await stopDevices()
})

function measure(port: number, profile: Profile = batteryProfile): Promise<Measurement> {
  const meter = sunspecMeter(profile, { host: '127.0.0.1', port, now: Date.now })
  return meter.measure(new AbortController().signal)
}

function readingOf({ transcript }: Measurement): Readonly<Record<string, unknown>> {
  return JSON.parse(new TextDecoder().decode(transcript)).reading
}

const sound = {
  base: 40_000,
  manufacturer: 'Volta & Co',
  model: 'V 10',
  options: '',
  version: '2.1',
  serial: 'V-0042',
  watts: -1200,
  dischargeWatts: 4600,
  energyWattHours: 10_200,
  chargePercent: 62.5,
} as const

const mapWith = (models: Battery['models'], changes: Partial<Battery> = {}): RegisterMap =>
  batteryMap({ ...sound, models, ...changes })

/** Two devices' models behind one another: of the second what follows its model 1. */
function joined(one: RegisterMap, other: RegisterMap): RegisterMap {
  const first = one.registers.slice(0, -2)
  return { base: one.base, registers: [...first, ...other.registers.slice(2 + 68)] }
}

describe('a battery behind another implementation of Modbus', () => {
  test.each(['der', 'base'] as const)('with models %s is measured', async (models) => {
    const measured = await measure(await serveRegisters(mapWith(models)))
    expect(measured).toMatchObject({
      source: 'battery:sunspec:volta-co-v-0042',
      // 62.5 % of 10,200 Wh.
      fields: { dischargeRate: 4600, stored: 6375 },
      method: 'sunspec-modbus-tcp',
      simulated: false,
    })
    expect(readingOf(measured)).toMatchObject({
      serial: 'V-0042',
      powerWatts: -1200,
      chargePercent: 62.5,
      ratedWattHours: 10_200,
      storedFrom: models === 'der' ? '713 WHRtg x SoC' : '802 WHRtg x SoC',
    })
  })

  test('tells the energy that is available where it can', async () => {
    const map = mapWith('der', { availableWattHours: 6100 })
    const measured = await measure(await serveRegisters(map))
    expect(measured.fields).toEqual({ dischargeRate: 4600, stored: 6100 })
    expect(readingOf(measured)).toMatchObject({ storedFrom: '713 WHAvail', chargePercent: 62.5 })
  })

  test('with two opinions has the lower one of each', async () => {
    const low = mapWith('base', { dischargeWatts: 4000, chargePercent: 70 })
    const measured = await measure(await serveRegisters(joined(mapWith('der'), low)))
    expect(measured.fields).toEqual({ dischargeRate: 4000, stored: 6375 })
    const other = mapWith('base', { dischargeWatts: 5000, chargePercent: 50 })
    const again = await measure(await serveRegisters(joined(mapWith('der'), other)))
    expect(again.fields).toEqual({ dischargeRate: 4600, stored: 5100 })
  })

  test('that is empty is measured as empty', async () => {
    const map = mapWith('base', { chargePercent: 0 })
    expect((await measure(await serveRegisters(map))).fields).toMatchObject({ stored: 0 })
  })

  test('with the nameplate of an inverter alone tells no energy', async () => {
    const map = inverterMap({ ...sound, models: 'int', ratedWatts: 5000 })
    const nameplate = map.registers.length - 2 - 28
    const registers = map.registers.with(nameplate + 25, 4600).with(nameplate + 26, 0)
    const port = await serveRegisters({ ...map, registers })
    await expect(measure(port)).rejects.toMatchObject({
      code: 'source-nonsense',
      message: expect.stringContaining('does not tell how much it holds'),
    })
  })

  test.each([
    ['a discharge rate of 0', { dischargeWatts: 0 }, 'source-nonsense'],
    ['a discharge rate of 20 MW', { dischargeWatts: 2e7 }, 'source-nonsense'],
    ['a charge of 100.1 %', { chargePercent: 100.1 }, 'source-nonsense'],
    ['30 MWh', { energyWattHours: 3e7 }, 'source-nonsense'],
    ['power of 20 MW', { watts: 2e7 }, 'source-nonsense'],
    ['contactors open', { state: 1 }, 'source-unavailable'],
    ['a placeholder for its serial number', { serial: '0xffffff' }, 'invalid-source'],
  ] as const)('with %s is refused', async (_, changes, code) => {
    const port = await serveRegisters(mapWith('base', changes))
    await expect(measure(port)).rejects.toMatchObject({ name: 'Failure', code })
  })

  test.each([
    ['713', 'der', 7],
    ['802', 'base', 53],
  ] as const)('needs the scale factor of its energy (%s)', async (_, models, offset) => {
    const { base, registers } = mapWith(models)
    const length = models === 'der' ? 9 : 64
    const place = registers.length - 2 - length + offset
    const port = await serveRegisters({ base, registers: registers.with(place, 0x8000) })
    await expect(measure(port)).rejects.toMatchObject({ code: 'source-nonsense' })
  })
})

describe('the simulated battery', () => {
  test('falls back on its charge where it does not tell its energy', async () => {
    const flags = ['--misbehave', 'no-available', '--watts', '0', '--energy', '8000']
    const { port } = await startDevice('sunspec-battery', ...flags, '--charge', '25')
    expect(await measure(port)).toMatchObject({
      fields: { dischargeRate: 3000, stored: 2000 },
      simulated: true,
    })
  })

  test('holds less as it gives power', async () => {
    const flags = ['--watts', '1000000', '--energy', '100000', '--rate', '1000000']
    const { port } = await startDevice('sunspec-battery', ...flags, '--charge', '100')
    const first = Number((await measure(port)).fields['stored'])
    await eventually('less', async () => Number((await measure(port)).fields['stored']) < first)
    expect(first).toBeLessThan(100_000)
  })
})

describe('one device', () => {
  test('that is a solar inverter is no wind turbine', async () => {
    const map = inverterMap({ ...sound, models: 'int', ratedWatts: 5000 })
    await expect(measure(await serveRegisters(map), windProfile)).rejects.toMatchObject({
      code: 'source-nonsense',
      message: expect.stringContaining('prove it as solar'),
    })
  })

  test('with panels and a battery is measured as both', async () => {
    const panels = inverterMap({ ...sound, models: 'der', ratedWatts: 8000 })
    const port = await serveRegisters(joined(panels, mapWith('base')))
    const solar = await measure(port, solarProfile)
    expect(solar).toMatchObject({
      source: 'solar:sunspec:volta-co-v-0042',
      fields: { rated: 8000 },
    })
    expect(await measure(port)).toMatchObject({
      source: 'battery:sunspec:volta-co-v-0042',
      fields: { dischargeRate: 4600, stored: 6375 },
    })
  })

  test('whose counter has wrapped is measured all the same', async () => {
    const flags = ['--misbehave', 'wrap', '--rated', '9000000']
    const { port } = await startDevice('sunspec-inverter', ...flags)
    const measured = await measure(port, solarProfile)
    expect(measured.fields).toMatchObject({ rated: 9_000_000 })
    const { lifetimeWattHours } = readingOf(measured)
    expect(lifetimeWattHours).toBeLessThan(1_000_000)
  })
})
