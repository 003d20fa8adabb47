import { expect } from 'vitest'
import { inverterMap } from '../../node/devices/sunspec-map.ts'
import { sunspecSolar } from '../../node/meters/sunspec/solar.ts'
import { meterContract, type DeviceUnderTest } from '../contracts/meter.ts'
import { absentPort, startRelay, stopRelays } from '../support/counting-relay.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { serveRegisters, stopServers } from '../support/modbus-server.ts'

const host = '127.0.0.1'

/** Requests in what a client has sent: each has its length in the sixth byte of its header. */
function requestsIn(bytes: Buffer): number {
  let count = 0
  for (let at = 0; at < bytes.length; at += 6 + bytes.readUInt16BE(at + 4)) count += 1
  return count
}

/** Devices of the contract that are not the simulator with a misbehaviour of the same name. */
const places: Readonly<Record<string, () => Promise<number>>> = {
  absent: absentPort,
  sound: () => simulatorPort('none'),
  silent: () => simulatorPort('stall'),
  unmarked: () =>
    serveRegisters(
      inverterMap({
        models: 'int',
        base: 40_000,
        manufacturer: 'Acme',
        model: 'A 5000',
        options: '',
        version: '1',
        serial: 'A-5001',
        ratedWatts: 5000,
      }),
    ),
}

async function simulatorPort(misbehave: string): Promise<number> {
  return (await startDevice('sunspec-inverter', '--misbehave', misbehave)).port
}

meterContract('SunSpec, solar', {
  type: 'solar',
  scheme: 'sunspec',
  fields: { rated: 5000, output: expect.any(Number) },
  async start(behaviour): Promise<DeviceUnderTest> {
    const target = await (places[behaviour]?.() ?? simulatorPort(behaviour))
    const relay = behaviour === 'absent' ? undefined : await startRelay(target)
    const port = relay?.port ?? target
    return {
      meter: ({ patienceMs, ...settings }) =>
        sunspecSolar({
          host,
          port,
          ...settings,
          timeoutMs: patienceMs,
          connectTimeoutMs: patienceMs / 2,
          requestTimeoutMs: patienceMs / 1.5,
        }),
      ...(relay === undefined ? {} : { asked: () => requestsIn(relay.sent()) }),
    }
  },
  async dispose() {
    await stopRelays()
    await stopServers()
    await stopDevices()
  },
  unavailable: [
    ['slow', 'took too long'],
    ['close', 'closed the connection'],
  ],
  nonsense: [
    ['refuse-marker', 'no SunSpec marker'],
    ['nonsense-lengths', 'beyond the last register'],
    ['no-end', 'without an end'],
    ['not-implemented', 'does not tell its rated power'],
  ],
  nameless: [['no-serial', 'is a placeholder']],
})
