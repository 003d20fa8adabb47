import { createServer } from 'node:http'
import { expect } from 'vitest'
import { pageOf } from '../../node/devices/fronius-pages.ts'
import { froniusMeter } from '../../node/meters/fronius/meter.ts'
import { meterContract, type DeviceUnderTest } from '../contracts/meter.ts'
import { absentPort, startRelay, stopRelays } from '../support/counting-relay.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { listen, stopServers } from '../support/loopback.ts'

const meterAt =
  (port: number): DeviceUnderTest['meter'] =>
  ({ patienceMs, ...settings }) =>
    froniusMeter({
      host: '127.0.0.1',
      port,
      ...settings,
      timeoutMs: patienceMs,
      connectTimeoutMs: patienceMs / 2,
      answerTimeoutMs: patienceMs / 1.1,
    })

async function simulatorPort(misbehave: string): Promise<number> {
  return (await startDevice('fronius-inverter', '--misbehave', misbehave)).port
}

/** An inverter that answers as the simulator's, and says nothing of being one. */
function unmarkedPort(): Promise<number> {
  const device = {
    unit: 1,
    serial: '29301000987160033',
    ratedWatts: 8200,
    watts: 4000,
    wattHours: 1_000_000,
    name: '',
    time: '2026-06-21T12:00:00+02:00',
    version: 1,
    status: 0,
  }
  return listen(createServer((request, answer) => answer.end(pageOf(request.url ?? '', device))))
}

const ports: Readonly<Record<string, () => Promise<number>>> = {
  sound: () => simulatorPort('none'),
  silent: () => simulatorPort('stall'),
  unmarked: unmarkedPort,
}

meterContract('Fronius Solar API', {
  type: 'solar',
  scheme: 'fronius',
  fields: { rated: 8200, output: expect.any(Number) },
  async start(behaviour) {
    if (behaviour === 'absent') return { meter: meterAt(await absentPort()) }
    const relay = await startRelay(await (ports[behaviour]?.() ?? simulatorPort(behaviour)))
    const asked = (): number => relay.sent().toString('latin1').split('GET /').length - 1
    return { meter: meterAt(relay.port), asked }
  },
  async dispose() {
    await stopRelays()
    await stopServers()
    await stopDevices()
  },
  tooSlow: [
    ['slow', 'took too long'],
    ['trickle', 'did not answer within'],
  ],
  unavailable: [
    ['close', 'closed the connection'],
    ['wrong-length', 'closed the connection'],
    ['asleep', 'status 12'],
    ['failing', 'HTTP 503'],
  ],
  nonsense: [
    ['redirect', 'leads elsewhere'],
    ['missing', 'switch the Solar API on'],
    ['no-http', 'is no HTTP'],
    ['no-json', 'is no JSON'],
    ['no-text', 'no UTF-8'],
    ['endless', 'without end'],
    ['other-form', 'of another form'],
    ['deep', 'of another form'],
    ['other-version', 'speaks version 2'],
    ['failed-status', 'status 255'],
    ['no-time', 'which is no time'],
    ['unset-power', 'PVPower is 500'],
    ['nonsense-amounts', 'which no inverter has'],
  ],
  nameless: [['no-serial', 'is a placeholder']],
})
