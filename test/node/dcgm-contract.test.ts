import { afterAll, beforeAll } from 'vitest'
import { dcgmCompute } from '../../node/meters/dcgm/compute.ts'
import { meterContract, type DeviceUnderTest } from '../contracts/meter.ts'
import { absentPort } from '../support/counting-relay.ts'
import { stopDevices } from '../support/device-process.ts'
import { GpuExporters } from '../support/gpu-exporters.ts'

let exporters: GpuExporters
beforeAll(async () => {
  exporters = await GpuExporters.build()
})
afterAll(() => exporters.remove())

async function portOf(behaviour: string): Promise<number> {
  if (behaviour === 'absent') return absentPort()
  if (behaviour === 'unmarked') return (await exporters.startUnmarked()).port
  const misbehave = behaviour === 'sound' ? 'none' : behaviour
  return (await exporters.start('--misbehave', misbehave)).port
}

meterContract('dcgm-exporter, compute', {
  type: 'compute',
  scheme: 'nvml',
  fields: { tdp: 350, idle: 0, utilisation: 1, model: 'SIM-GPU 350 W' },
  async start(behaviour): Promise<DeviceUnderTest> {
    const url = new URL(`http://127.0.0.1:${await portOf(behaviour)}/metrics`)
    return {
      meter: ({ patienceMs, ...settings }) =>
        dcgmCompute({ url, timeoutMs: Math.min(patienceMs, 9_000), ...settings }),
    }
  },
  dispose: stopDevices,
  unavailable: [
    ['close', 'closed the connection'],
    ['busy', 'answers HTTP 503'],
    ['no-limits', 'tells no DCGM_FI_DEV_POWER_MGMT_LIMIT_DEF'],
  ],
  tooSlow: [['frozen', 'took too long']],
  nonsense: [
    ['not-metrics', 'tells of no GPU'],
    ['huge', 'sends without end'],
    ['nonsense', 'which no GPU has'],
    ['another-power', 'counts energy for'],
  ],
  nameless: [['no-serial', 'is a placeholder']],
})
