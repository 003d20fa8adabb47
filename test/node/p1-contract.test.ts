import { p1Telegram } from '../../node/devices/p1-telegram.ts'
import { p1Grid } from '../../node/meters/p1/grid.ts'
import { meterContract, type DeviceUnderTest } from '../contracts/meter.ts'
import { absentPort } from '../support/counting-relay.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { startPushing, stopPushing } from '../support/push-server.ts'

/** Telegrams come faster than from a real meter; each tells a second more. */
const periodMs = 40

function pushUnmarked(): Promise<number> {
  const begun = Date.now()
  let count = 0
  return startPushing(periodMs, () => {
    count += 1
    return p1Telegram({
      identification: 'ISK5\\2M550T-1012',
      equipment: 'E0044007382246019',
      time: begun + count * 1000,
      phases: 3,
      watts: 500,
      wattHours: 1_000,
      fuse: '025*A',
      breaker: 1,
    })
  })
}

async function simulatorPort(misbehave: string): Promise<number> {
  const flags = ['--misbehave', misbehave, '--period', String(periodMs)]
  return (await startDevice('p1-meter', ...flags)).port
}

const places: Readonly<Record<string, () => Promise<number>>> = {
  absent: absentPort,
  sound: () => simulatorPort('none'),
  unmarked: pushUnmarked,
}

meterContract('DSMR P1, grid', {
  type: 'grid',
  scheme: 'p1',
  fields: { allocated: 9_200 },
  async start(behaviour): Promise<DeviceUnderTest> {
    const port = await (places[behaviour]?.() ?? simulatorPort(behaviour))
    return {
      meter: ({ patienceMs, ...settings }) =>
        p1Grid({
          host: '127.0.0.1',
          port,
          ...settings,
          timeoutMs: patienceMs,
          connectTimeoutMs: patienceMs / 2,
        }),
    }
  },
  async dispose() {
    await stopPushing()
    await stopDevices()
  },
  unavailable: [
    ['hang-up', 'in the middle of a telegram'],
    ['switched-off', 'switched its connection off'],
  ],
  nonsense: [
    ['bad-crc', 'their checksums do not fit'],
    ['no-crc', 'they have no checksum'],
    ['cut', 'cut off or too long'],
    ['garbage', 'no telegram among them'],
    ['stuck', 'its time stands still'],
    ['other-clock', 's from the node'],
    ['backwards', 'went down between two telegrams'],
    ['unlimited', 'tells no limit'],
    ['untold', 'tells no limit'],
  ],
  nameless: [['no-serial', 'is a placeholder']],
})
