import { afterEach, describe, expect, test } from 'vitest'
import { jetsonCompute } from '../../node/meters/jetson/compute.ts'
import { openSysfs } from '../../node/meters/sysfs/sysfs-root.ts'
import type { Measurement } from '../../src/ports.ts'
import { jetsonFiles, jetsonMonitor, makeTree, removeTrees } from '../support/sysfs-tree.ts'
import type { TreeFiles } from '../support/sysfs-tree.ts'

const now = () => 1_795_000_000_000
afterEach(removeTrees)

function measureAt(root: string | undefined): Promise<Measurement> {
  const meter = jetsonCompute({ open: () => openSysfs(root), now, intervalMs: 20 })
  return meter.measure(new AbortController().signal)
}

const measure = async (changes: TreeFiles = {}) =>
  measureAt(await makeTree({ ...jetsonFiles, ...changes }))

const readingOf = ({ transcript }: Measurement) =>
  JSON.parse(new TextDecoder().decode(transcript)).reading

describe('a Jetson board', () => {
  test('is measured in a tree as Linux lays it out', async () => {
    const measured = await measure()
    expect(measured).toMatchObject({
      source: 'compute:jetson:sim-1424522012345',
      fields: { tdp: 15, idle: 0, utilisation: 1, model: 'NVIDIA Jetson Orin Nano Developer Kit' },
      method: 'ina3221-sysfs',
      simulated: true,
    })
    expect(readingOf(measured)).toMatchObject({
      mode: { name: '15W', watts: 15 },
      ratedBy: 'mode',
      drawnWatts: 7.5,
      rails: ['VDD_IN'],
    })
  })

  const limited = { '/var/lib/nvpmodel/status': 'pmode:0001' }
  test.each([
    ['MAXN', limited, 25.2, 'limit'],
    ['no mode', { '/etc/nvpmodel.conf': '' }, 25.2, 'limit'],
    ['no limit', { ...limited, [`${jetsonMonitor}/curr1_crit`]: '32760' }, 7.5, 'drawn'],
    [
      'a mode of cores',
      { '/etc/nvpmodel.conf': '< POWER_MODEL ID=0 NAME=MODE_30W_ALL >' },
      30,
      'mode',
    ],
  ])('with %s is rated by what it tells', async (_name, changes, tdp, ratedBy) => {
    const measured = await measure(changes)
    expect(measured.fields).toMatchObject({ tdp })
    expect(readingOf(measured)).toMatchObject({ ratedBy })
  })

  test('without a rail for all is the sum of its rails', async () => {
    const measured = await measure({ [`${jetsonMonitor}/in1_label`]: 'VDD_GPU_SOC' })
    const { rails, drawnWatts } = readingOf(measured)
    expect({ rails, drawnWatts }).toEqual({
      rails: ['VDD_GPU_SOC', 'VDD_CPU_GPU_CV'],
      drawnWatts: 8.997,
    })
  })

  test('whose copy has no number goes by its place', async () => {
    const { '/proc/device-tree/serial-number': _, ...files } = jetsonFiles
    const { source } = await measureAt(await makeTree(files))
    expect(source).toMatch(/^compute:jetson:sim-[0-9a-f]{32}$/)
  })

  test('that is this machine is source-unavailable, never a default', async () => {
    await expect(measureAt(undefined)).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('no INA3221 power monitor'),
    })
  })
})
