import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '../../node/api/server.ts'
import { meterFor } from '../../node/meters/meters.ts'
import { startDevice, stopDevices } from '../support/device-process.ts'
import { MemoryHub } from '../support/memory-network.ts'
import { foundSociety, serve, type Society } from './api-fixture.ts'
import { answerOf, directoryOf, failureOf, runCli } from './cli-fixture.ts'

let sage: Society
let api: Api
let directory: string

beforeAll(async () => {
  sage = await foundSociety(new MemoryHub(), 'sage', '1000')
  const measure = (request: Parameters<typeof meterFor>[0]) =>
    meterFor(request, { now: Date.now }).measure(AbortSignal.timeout(20_000))
  api = await serve(sage, { measure })
  directory = await directoryOf(api)
})

afterAll(async () => {
  await stopDevices()
  await api.close()
  await sage.replica.stop()
})

const host = '127.0.0.1'

/** Every way to measure, from the command line to the record, with the simulator of its device. */
const ways = [
  {
    device: ['sunspec-inverter', '--watts', '1234.5678', '--serial', 'SIM-10'],
    flags: (port: number) => ['solar', '--sunspec', `${host}:${port}`],
    source: 'solar:sunspec:simulated-solar-sim-10',
    capacity: 5000,
  },
  {
    device: ['sunspec-inverter', '--kind', 'wind', '--rated', '2500', '--serial', 'SIM-11'],
    flags: (port: number) => ['wind', '--sunspec', `${host}:${port}`, '--unit', '1'],
    source: 'wind:sunspec:simulated-wind-sim-11',
    capacity: 2500,
  },
  {
    device: ['sunspec-battery', '--rate', '3000', '--watts', '0', '--serial', 'SIM-12'],
    flags: (port: number) => ['battery', '--sunspec', `${host}:${port}`],
    source: 'battery:sunspec:simulated-storage-sim-12',
    capacity: 3000,
  },
  {
    device: ['fronius-inverter', '--rated', '8200', '--serial', 'SIM-13'],
    flags: (port: number) => ['solar', '--fronius', `http://${host}:${port}`],
    source: 'solar:fronius:sim-13',
    capacity: 8200,
  },
  {
    device: ['victron-gx', '--rated', '6000', '--serial', 'SIM-14'],
    flags: (port: number) => ['solar', '--victron', `${host}:${port}`],
    source: 'solar:victron:simulated-pv-inverter-sim-14',
    capacity: 6000,
  },
  {
    device: ['victron-gx', '--charge', '40', '--serial', 'SIM-15'],
    flags: (port: number) => ['battery', '--victron', `${host}:${port}`, '--unit', '512'],
    source: 'battery:victron:simulated-battery-sim-15',
    // 200 Ah at 52.4 V and 40 %, less than it could give in an hour.
    capacity: 4192,
  },
] as const

describe('prove', () => {
  it.each(ways)('$source: from the device to the record', async (way) => {
    const [program, ...settings] = way.device
    const { port } = await startDevice(program, ...settings)
    const args = ['prove', ...way.flags(port), '--site', '48.2,16.4']
    const dry = await runCli([...args, '--dry-run', '--json'], { directory })
    expect(dry).toMatchObject({ code: 0, stderr: '' })
    const start = `{"source":"${way.source}","capacity":${way.capacity},`
    expect(dry.stdout.slice(0, start.length)).toBe(start)
    expect(JSON.parse(dry.stdout)).toMatchObject({ simulated: true, assurance: 1 })
    expect(sage.replica.society().energy.sources).not.toHaveProperty([way.source])
    const { id } = await answerOf(directory, ...args)
    expect(id).toMatch(/^[0-9a-f]+/)
    expect(sage.replica.society().energy.sources[way.source]).toMatchObject({
      capacity: way.capacity,
      assurance: 1,
      state: 'valid',
    })
  })

  it('of what another source feeds counts against both', async () => {
    const roof = await startDevice('sunspec-inverter', '--rated', '2000', '--serial', 'SIM-20')
    const cellar = await startDevice('sunspec-battery', '--rate', '3000', '--serial', 'SIM-21')
    await answerOf(directory, 'prove', 'solar', '--sunspec', `${host}:${roof.port}`)
    const before = sage.replica.society().energy.capacity
    const flags = ['--sunspec', `${host}:${cellar.port}`, '--powered-by', 'simulated-solar-sim-20']
    await answerOf(directory, 'prove', 'battery', ...flags)
    const { capacity, sources } = sage.replica.society().energy
    expect(capacity).toBe(before)
    expect(sources['battery:sunspec:simulated-storage-sim-21']).toMatchObject({ capacity: 3000 })
    await answerOf(directory, 'charge', '600', '--source', 'simulated-storage-sim-21')
    const occupied = sage.replica.society().energy.sources
    expect(occupied['solar:sunspec:simulated-solar-sim-20']).toMatchObject({ occupied: 600 })
    const itself = [...flags.slice(0, 3), 'simulated-storage-sim-21']
    expect(await failureOf(directory, 'prove', 'battery', ...itself)).toBe('1 invalid-source')
  })

  it('of several ways takes one, and no flag of another', async () => {
    const sunspec = ['--sunspec', `${host}:502`]
    const both = ['prove', 'solar', ...sunspec, '--victron', `${host}:1883`]
    expect(await failureOf(directory, ...both)).toMatch(/^2 /)
    const { stderr } = await runCli(['prove', 'wind', '--victron', `${host}:1883`], { directory })
    expect(stderr).toContain("unknown option '--victron'")
  })

  it('of an address that is none dials nobody', async () => {
    const args = ['prove', 'solar', '--fronius', 'https://192.0.2.8/solar_api']
    expect(await failureOf(directory, ...args)).toBe('1 malformed')
  })
})
