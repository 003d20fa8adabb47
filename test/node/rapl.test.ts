import { renameSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { raplCompute } from '../../node/meters/rapl/compute.ts'
import { machineName } from '../../node/meters/rapl/machine-name.ts'
import { energyBetween } from '../../node/meters/rapl/packages.ts'
import { openSysfs } from '../../node/meters/sysfs/sysfs-root.ts'
import type { Measurement } from '../../src/ports.ts'
import { makeTree, raplFiles, raplZone, removeTrees } from '../support/sysfs-tree.ts'
import type { TreeFiles } from '../support/sysfs-tree.ts'

const now = () => 1_795_000_000_000
/** A user without any rights. */
const nobody = 65_534
afterEach(removeTrees)

function measureAt(root: string | undefined, intervalMs = 30): Promise<Measurement> {
  const meter = raplCompute({ open: () => openSysfs(root), now, intervalMs })
  return meter.measure(new AbortController().signal)
}

const measure = async (changes: TreeFiles = {}) =>
  measureAt(await makeTree({ ...raplFiles, ...changes }))

const readingOf = ({ transcript }: Measurement) =>
  JSON.parse(new TextDecoder().decode(transcript)).reading

describe('the counters of a processor', () => {
  test('are measured in a tree as Linux lays it out', async () => {
    const measured = await measure()
    expect(measured).toMatchObject({
      source: expect.stringMatching(/^compute:rapl:sim-[0-9a-f]{32}$/),
      fields: { tdp: 65, idle: 0, utilisation: 1, model: 'Acme CPU 65 W @ 3.00GHz' },
      method: 'rapl-sysfs',
      simulated: true,
    })
    expect(readingOf(measured).packages).toEqual([
      { name: 'package-0', ratedWatts: 65, ratedBy: 'tdp', limitWatts: 65, meanWatts: 0 },
    ])
  })

  test('show what was drawn between two looks', async () => {
    const root = await makeTree(raplFiles)
    const begun = performance.now()
    const draw = () => {
      const microjoules = 120_000_000 + Math.round((performance.now() - begun) * 40_000)
      writeFileSync(join(root, 'next'), `${microjoules}\n`)
      renameSync(join(root, 'next'), join(root, `${raplZone}/energy_uj`))
    }
    const timer = setInterval(draw, 10)
    const { meanWatts } = readingOf(await measureAt(root, 400)).packages[0]
    clearInterval(timer)
    expect(meanWatts).toBeGreaterThan(25)
    expect(meanWatts).toBeLessThan(55)
  })

  test.each([
    [10n, 250n, 1_000n, 240n],
    [990n, 20n, 1_000n, 30n],
    [1_000n, 0n, 1_000n, 0n],
  ])('from %i to %i with a range of %i make %i', (first, second, range, difference) => {
    const each = { zone: '', name: '', rated: 0n, limit: 0n, range }
    expect(energyBetween(first, second, each)).toBe(difference)
  })

  test.each([0n, 500n])('that go down within a range of %i are nonsense', (range) => {
    const each = { zone: '/zone', name: '', rated: 0n, limit: 0n, range }
    expect(() => energyBetween(900n, 20n, each)).toThrow('/zone/energy_uj went down')
  })
})

describe('a processor', () => {
  test.each([
    [{ [`${raplZone}/constraint_0_power_limit_uw`]: '45000000' }, 65, 0.692307, 'tdp'],
    [{ [`${raplZone}/constraint_0_power_limit_uw`]: '4095999000' }, 65, 1, 'tdp'],
    [{ [`${raplZone}/constraint_0_max_power_uw`]: '0' }, 65, 1, 'limit'],
  ])('with %o is rated %d W', async (changes, tdp, utilisation, ratedBy) => {
    const measured = await measure(changes)
    expect(measured.fields).toMatchObject({ tdp, utilisation })
    expect(readingOf(measured).packages[0]).toMatchObject({ ratedBy })
  })

  test('beside another adds up, the platform as a whole does not', async () => {
    const second = '/sys/class/powercap/intel-rapl:1'
    const platform = '/sys/class/powercap/intel-rapl:2'
    const { fields } = await measure({
      [`${second}/name`]: 'package-1',
      [`${second}/energy_uj`]: '7',
      [`${second}/constraint_0_name`]: 'long_term',
      [`${second}/constraint_0_max_power_uw`]: '125500000',
      [`${platform}/name`]: 'psys',
      [`${platform}/energy_uj`]: '9',
    })
    expect(fields).toMatchObject({ tdp: 190.5 })
  })

  test.each([
    [{ [`${raplZone}/name`]: 'psys' }, 'source-unavailable', 'shows no RAPL package'],
    [{ [`${raplZone}/energy_uj`]: '-5' }, 'source-nonsense', "holds '-5' where a number belongs"],
    [{ [`${raplZone}/constraint_0_name`]: 'peak' }, 'source-nonsense', 'tells neither'],
    [
      { [`${raplZone}/constraint_0_max_power_uw`]: '9000000000' },
      'source-nonsense',
      'which no processor has',
    ],
    [
      { '/sys/class/dmi/id/product_uuid': '03000200-0400-0500-0006-000700080009' },
      'invalid-source',
      'a placeholder as many have',
    ],
    [
      { '/sys/class/dmi/id/product_uuid': '00000000-0000-0000-0000-000000000000' },
      'invalid-source',
      'a placeholder as many have',
    ],
    [{ '/sys/class/dmi/id/product_uuid': 'Not Settable' }, 'invalid-source', 'a placeholder'],
  ])('with %o is %s', async (changes, code, words) => {
    await expect(measure(changes)).rejects.toMatchObject({
      name: 'Failure',
      code,
      message: expect.stringContaining(words),
    })
  })
})

describe('a machine', () => {
  test('that shows no counters, as this one in its /sys, is source-unavailable', async () => {
    const { names } = await openSysfs()
    const zones = await names('/sys/class/powercap')
    const measured = await measureAt(undefined).catch((error: unknown) => error)
    // On hardware that has them the real counters are measured, or root's to open.
    if (zones.some((zone) => zone.startsWith('intel-rapl:'))) {
      expect(measured).not.toMatchObject({ simulated: true })
    } else expect(measured).toMatchObject({ name: 'Failure', code: 'source-unavailable' })
  })

  test('has one name wherever its tree is, and none of its own number in it', async () => {
    const names = await Promise.all(
      [raplFiles, raplFiles].map(async (files) =>
        machineName(await openSysfs(await makeTree(files))),
      ),
    )
    expect(new Set(names).size).toBe(1)
    expect(names[0]).not.toContain('4c4c4544')
    const measured = await measure()
    expect(new TextDecoder().decode(measured.transcript)).not.toContain('4c4c4544')
  })

  test('without a number is another one in another place', async () => {
    const { '/sys/class/dmi/id/product_uuid': _, ...files } = raplFiles
    const sources = await Promise.all(
      [1, 2].map(async () => (await measureAt(await makeTree(files))).source),
    )
    expect(new Set(sources).size).toBe(2)
  })

  test('that keeps its counters for root tells how to open them', async () => {
    const root = await makeTree(raplFiles)
    await chmod(root, 0o755)
    await chmod(join(root, `${raplZone}/energy_uj`), 0)
    // Root may read anything: for this look it takes off its rights.
    const isRoot = process.getuid?.() === 0
    if (isRoot) process.seteuid?.(nobody)
    try {
      await expect(measureAt(root)).rejects.toMatchObject({
        code: 'source-unavailable',
        message: expect.stringContaining('sudo chmod a+r /sys/class/powercap/intel-rapl:0/energy'),
      })
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })
})

describe('a root', () => {
  test('whose links lead elsewhere is refused', async () => {
    const elsewhere = await makeTree({ '/name': 'package-0' })
    const root = await makeTree({ '/sys/class/powercap/intel-rapl:0': `-> ${elsewhere}` })
    await expect(measureAt(root)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('outside of'),
    })
  })

  test.each([
    ['sys', 'is no absolute path'],
    ['/etc/passwd', 'is no directory'],
  ])('of %s is refused', async (root, words) => {
    await expect(measureAt(root)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining(words),
    })
  })

  test('that others may fill is refused', async () => {
    const root = await makeTree(raplFiles)
    await chmod(root, 0o777)
    await expect(measureAt(root)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('others may write'),
    })
  })
})
