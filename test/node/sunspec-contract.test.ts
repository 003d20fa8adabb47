import { expect } from 'vitest'
import type { RegisterMap } from '../../node/devices/sunspec-blocks.ts'
import { inverterMap } from '../../node/devices/sunspec-map.ts'
import { batteryMap } from '../../node/devices/sunspec-storage.ts'
import { batteryProfile } from '../../node/meters/sunspec/battery.ts'
import { solarProfile, windProfile } from '../../node/meters/sunspec/generator.ts'
import { sunspecMeter } from '../../node/meters/sunspec/meter.ts'
import type { Profile } from '../../node/meters/sunspec/profile.ts'
import { meterContract, type DeviceUnderTest, type MeterFixture } from '../contracts/meter.ts'
import { absentPort, startRelay, stopRelays } from '../support/counting-relay.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { stopServers } from '../support/loopback.ts'
import { serveRegisters } from '../support/modbus-server.ts'

const host = '127.0.0.1'

/** Requests in what a client has sent: each has its length in the fifth and sixth byte. */
function requestsIn(bytes: Buffer): number {
  let count = 0
  for (let at = 0; at < bytes.length; at += 6 + bytes.readUInt16BE(at + 4)) count += 1
  return count
}

const names = {
  manufacturer: 'Acme',
  model: 'A 5000',
  options: '',
  version: '1',
  serial: 'A-5001',
  base: 40_000,
} as const

const meterOf =
  (profile: Profile, port: number): DeviceUnderTest['meter'] =>
  ({ patienceMs, ...settings }) =>
    sunspecMeter(profile, {
      host,
      port,
      ...settings,
      timeoutMs: patienceMs,
      connectTimeoutMs: patienceMs / 2,
      requestTimeoutMs: patienceMs / 1.5,
    })

type Kind = {
  readonly profile: Profile
  /** Simulator with its flags. */
  readonly program: readonly [name: string, ...flags: string[]]
  /** A device without a mark. */
  readonly unmarked: RegisterMap
}

/** What every type of source over SunSpec has in common. */
function fixtureOf({ profile, program, unmarked }: Kind) {
  async function simulatorPort(misbehave: string): Promise<number> {
    return (await startDevice(...program, '--misbehave', misbehave)).port
  }
  const ports: Readonly<Record<string, () => Promise<number>>> = {
    sound: () => simulatorPort('none'),
    silent: () => simulatorPort('stall'),
    unmarked: () => serveRegisters(unmarked),
  }
  return {
    type: profile.type,
    scheme: 'sunspec',
    async start(behaviour) {
      if (behaviour === 'absent') return { meter: meterOf(profile, await absentPort()) }
      const relay = await startRelay(await (ports[behaviour]?.() ?? simulatorPort(behaviour)))
      return { meter: meterOf(profile, relay.port), asked: () => requestsIn(relay.sent()) }
    },
    async dispose() {
      await stopRelays()
      await stopServers()
      await stopDevices()
    },
    unavailable: [['night', 'closed the connection']],
    nameless: [['no-serial', 'is a placeholder']],
  } satisfies Partial<MeterFixture>
}

// What is common to all types is tried with one of them.
meterContract('SunSpec, solar', {
  ...fixtureOf({
    profile: solarProfile,
    program: ['sunspec-inverter'],
    unmarked: inverterMap({ ...names, models: 'int', ratedWatts: 5000 }),
  }),
  fields: { rated: 5000, output: expect.any(Number) },
  unavailable: [
    ['night', 'closed the connection'],
    ['close', 'closed the connection'],
  ],
  tooSlow: [['slow', 'took too long']],
  nonsense: [
    ['refuse-marker', 'no SunSpec marker'],
    ['nonsense-lengths', 'beyond the last register'],
    ['no-end', 'without an end'],
    ['not-implemented', 'does not tell its rated power'],
    ['nonsense-amounts', 'which no device has'],
  ],
})

meterContract('SunSpec, wind', {
  ...fixtureOf({
    profile: windProfile,
    program: ['sunspec-inverter', '--kind', 'wind', '--rated', '2500'],
    unmarked: inverterMap({ ...names, models: 'der', ratedWatts: 2500 }),
  }),
  fields: { rated: 2500 },
  nonsense: [
    ['not-implemented', 'does not tell its rated power'],
    ['nonsense-amounts', 'which no device has'],
  ],
})

const batteryFaults = [
  ['overcharged', 'charged to 130 %'],
  ['nonsense-amounts', 'which no device has'],
  ['not-implemented', 'does not tell how fast it can be discharged'],
] as const

const battery = { dischargeWatts: 3000, energyWattHours: 10_000, chargePercent: 60 }
const batteryFixture = (...flags: readonly string[]) => {
  const models = flags.includes('base') ? 'base' : 'der'
  const fixture = fixtureOf({
    profile: batteryProfile,
    program: ['sunspec-battery', '--watts', '0', ...flags],
    unmarked: batteryMap({ ...names, models, ...battery }),
  })
  const unavailable = [...fixture.unavailable, ['in-fault', 'The battery says that it is'] as const]
  return { ...fixture, unavailable, fields: { dischargeRate: 3000, stored: 8000 } }
}

meterContract('SunSpec, battery (713)', {
  ...batteryFixture('--models', 'der'),
  nonsense: [...batteryFaults, ['more-than-full', 'holds 20000 Wh']],
})

meterContract('SunSpec, battery (802)', {
  ...batteryFixture('--models', 'base'),
  nonsense: [...batteryFaults],
})
