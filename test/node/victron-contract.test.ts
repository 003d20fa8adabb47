import { expect } from 'vitest'
import { victronMeter } from '../../node/meters/victron/meter.ts'
import { batteryProfile, solarProfile, type Profile } from '../../node/meters/victron/profiles.ts'
import { meterContract, type MeterFixture, type MeterSettings } from '../contracts/meter.ts'
import { absentPort } from '../support/counting-relay.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { startGxBroker, stopGxBrokers } from '../support/gx-broker.ts'
import { stopServers } from '../support/loopback.ts'

async function simulatorPort(misbehave: string): Promise<number> {
  return (await startDevice('victron-gx', '--misbehave', misbehave)).port
}

const ports: Readonly<Record<string, () => Promise<number>>> = {
  absent: absentPort,
  sound: () => simulatorPort('none'),
  silent: () => simulatorPort('stall'),
  unmarked: () => startGxBroker(),
}

/** What both types of source have in common. */
const fixtureOf = (profile: Profile) =>
  ({
    type: profile.type,
    scheme: 'victron',
    async start(behaviour) {
      const port = await (ports[behaviour]?.() ?? simulatorPort(behaviour))
      const meter = ({ patienceMs, ...settings }: MeterSettings) =>
        victronMeter(profile, {
          host: '127.0.0.1',
          port,
          ...settings,
          // Each step has its own limit, and which one is reached must not hang on the machine.
          timeoutMs: 10 * patienceMs,
          connectTimeoutMs: patienceMs / 1.5,
          portalTimeoutMs: patienceMs / 3,
          valuesTimeoutMs: patienceMs / 3,
        })
      return { meter }
    },
    async dispose() {
      await stopGxBrokers()
      await stopServers()
      await stopDevices()
    },
    nameless: [['no-serial', 'is a placeholder']],
  }) satisfies Partial<MeterFixture>

meterContract('Victron, solar', {
  ...fixtureOf(solarProfile),
  fields: { rated: 8200, output: expect.any(Number) },
  tooSlow: [
    ['mute', 'tells no portal id'],
    ['asleep', 'knows no solar inverter or charger now'],
    ['slow', 'knows no solar inverter or charger now'],
    ['stale', 'knows no solar inverter or charger now'],
  ],
  unavailable: [
    ['close', 'closed the connection'],
    ['refuse', 'asks for a password'],
    ['night', 'switch off at night'],
  ],
  nonsense: [
    ['no-mqtt', 'is not MQTT'],
    ['no-json', 'no value of a GX device'],
    ['no-text', 'is no text'],
    ['long-value', 'sends 5012 bytes'],
    ['endless', 'bytes for'],
    ['text-power', 'is no number'],
    ['unset-power', 'does not tell its rated power'],
    ['nonsense-amounts', 'which no device has'],
  ],
})

meterContract('Victron, battery', {
  ...fixtureOf(batteryProfile),
  // 200 Ah at 52.4 V and 80 %, and 100 A of them.
  fields: { dischargeRate: 5240, stored: 8384 },
  unavailable: [],
  nonsense: [['overcharged', 'charged to 130 %']],
  nameless: [['no-serial', 'is a placeholder']],
})
