import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { certify } from '../../node/devices/certificates.ts'
import { gpuIn } from '../../node/meters/dcgm/gpu.ts'
import { metricsIn } from '../../node/meters/dcgm/metrics.ts'
import { measureNow, type MeasureRequest } from '../../node/meters/meters.ts'
import type { RunningNode } from '../../node/start.ts'
import type { Measurement } from '../../src/index.ts'
import { stopDevices } from '../support/device-process.ts'
import { GpuExporters } from '../support/gpu-exporters.ts'
import { eventually } from '../support/real-node.ts'
import { SealedDevices } from '../support/sealed-device.ts'
import { eventAbout, levelSeen, quickLooks, WitnessWorld } from '../support/witness-world.ts'

const authority = certify('Authority of exporters', null, null)
const known = certify('Exporter', null, authority, '127.0.0.1')
const nobody = certify('Nobody', null, null)
const stranger = certify('Exporter', null, nobody, '127.0.0.1')

let exporters: GpuExporters
let files: SealedDevices
const world = new WitnessWorld()
/** A claimant, and two who witness: one that dials exporters itself, and one that may not. */
let sage: RunningNode
let near: RunningNode
let far: RunningNode

beforeAll(async () => {
  exporters = await GpuExporters.build()
  files = await SealedDevices.of({ authority, known, stranger })
  const devices = { makers: [files.certificate('authority')] }
  sage = await world.add('sage', { witness: { ...quickLooks, relaySealed: true } })
  near = await world.add('near', { devices, witness: { ...quickLooks, allow: ['127.0.0.0/8:*'] } })
  far = await world.add('far', { devices })
  await world.meet()
})
afterEach(stopDevices)
afterAll(async () => {
  await world.end()
  await Promise.all([exporters.remove(), files.remove()])
})

/** Proves what an exporter shows, after changing it. */
async function proveAt(
  line: Readonly<Record<string, unknown>>,
  change: (measured: Measurement) => Measurement = (measured) => measured,
) {
  const request: MeasureRequest = { type: 'compute', exporter: String(line['url']) }
  const makers = [authority.certificate, nobody.certificate]
  const measured = await measureNow(request, { now: Date.now, tls: { makers } }, 10_000)
  return sage.replica.prove(change(measured))
}

describe('a GPU that a witness reads at its exporter (C13, C21)', () => {
  test('in the clear is seen by who may dial it, and else is the claimant’s word', async () => {
    const { line } = await exporters.start()
    const proof = await proveAt(line)
    const said = await Promise.all([near, far].map((by) => eventAbout(by, 'witness-looked', proof)))
    expect(said).toMatchObject([
      { verdict: true, level: 2, path: 'direct' },
      { verdict: true, level: 1, path: 'relayed' },
    ])
  })

  test('within TLS is seen by both: level 2', async () => {
    const { line } = await exporters.start(...files.flags('known'))
    const proof = await proveAt(line)
    const said = await Promise.all([near, far].map((by) => eventAbout(by, 'witness-looked', proof)))
    expect(said).toMatchObject([
      { verdict: true, level: 2, path: 'direct' },
      { verdict: true, level: 2, path: 'sealed' },
    ])
    await eventually('level 2', () => levelSeen(near, sage) === 2)
  })

  test('within TLS that nobody vouches for is no word', async () => {
    const { line } = await exporters.start(...files.flags('stranger'))
    const proof = await proveAt(line)
    const said = await Promise.all([near, far].map((by) => eventAbout(by, 'witness-looked', proof)))
    const none = { record: null, code: 'bad-signature' }
    expect(said).toMatchObject([none, none])
  })

  test('that may draw less by its limit in force than is claimed is a no', async () => {
    vi.stubEnv('NVML_SIM_ENFORCED_WATTS', '200')
    const { line } = await exporters.start()
    vi.unstubAllEnvs()
    const proof = await proveAt(line, (measured) => ({
      ...measured,
      fields: { ...measured.fields, utilisation: 1 },
    }))
    const said = await eventAbout(near, 'witness-looked', proof)
    expect(said).toMatchObject({ verdict: false, reason: 'it can give 200 W, not 350 W' })
  })

  test('that is another one is a no', async () => {
    const { line } = await exporters.start()
    const source = 'compute:nvml:gpu-4711'
    const proof = await proveAt(line, (measured) => ({ ...measured, source }))
    const said = await eventAbout(near, 'witness-looked', proof)
    const reason = 'the device is compute:nvml:sim-gpu-0001-0'
    expect(said).toMatchObject({ verdict: false, reason })
  })
})

describe('a page of metrics', () => {
  // As dcgm-exporter 4 writes it.
  const labels = 'gpu="0",UUID="GPU-5b4e07f6-3a86-4340-039d-25f2a83cdc43",device="nvidia0"'
  const row = (name: string, value: string, more = labels): string => `${name}{${more}} ${value}`
  const power = 'DCGM_FI_DEV_POWER_USAGE'
  const page = [
    `# HELP ${power} Power draw (in W).`,
    `# TYPE ${power} gauge`,
    row(
      power,
      '35.686000',
      `${labels},modelName="NVIDIA \\"L40S\\"",DCGM_FI_DRIVER_VERSION="595.58"`,
    ),
    row('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', '5551899580'),
    row('DCGM_FI_DEV_POWER_MGMT_LIMIT_DEF', '350.000000'),
    row('DCGM_FI_DEV_POWER_MGMT_LIMIT', '300.000000'),
    row('DCGM_FI_DEV_MEMORY_TEMP', '9223372036854775794'),
  ].join('\n')

  test('is read with its labels', () => {
    expect(gpuIn(page, null)).toEqual({
      uuid: 'GPU-5b4e07f6-3a86-4340-039d-25f2a83cdc43',
      model: 'NVIDIA "L40S"',
      driver: '595.58',
      powerWatts: 35.686,
      millijoules: 5_551_899_580,
      defaultWatts: 350,
      enforcedWatts: 300,
    })
    const [metric] = metricsIn('a{b="x\\\\y\\n"} 1e3 1700000000000\n', new Set(['a']))
    expect(metric).toEqual({ name: 'a', labels: { b: 'x\\y\n' }, value: 1_000 })
  })

  test('of several GPUs wants one named; what DCGM does not know is missing', () => {
    const other = page.replaceAll('GPU-5b', 'GPU-6c').replaceAll('gpu="0"', 'gpu="1"')
    const both = `${page}\n${other}`
    expect(() => gpuIn(both, null)).toThrow('Say which GPU')
    expect(gpuIn(both, '1').uuid).toMatch(/^GPU-6c/)
    const blank = page.replace('5551899580', '9223372036854775794')
    expect(() => gpuIn(blank, null)).toThrow('tells no DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION')
  })
})
