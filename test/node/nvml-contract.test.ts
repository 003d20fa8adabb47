import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, vi } from 'vitest'
import { buildNvmlSimulator } from '../../node/devices/build-nvml-simulator.ts'
import { nvmlCompute } from '../../node/meters/nvml/compute.ts'
import { meterContract, type DeviceUnderTest } from '../contracts/meter.ts'

let directory = ''
let simulator = ''
let unmarked = ''

/** A library that does not say that it is simulated: what a test alone may make. */
async function buildUnmarked(): Promise<string> {
  const place = join(directory, 'unmarked')
  await mkdir(place)
  const source = new URL('../../node/devices/nvml-simulator.c', import.meta.url)
  const text = (await readFile(source, 'utf8')).replaceAll('SIM-', 'GPU-')
  await writeFile(join(place, 'gpu.c'), text)
  const library = join(place, 'libnvidia-ml.so.1')
  execFileSync('gcc', ['-shared', '-fPIC', '-o', library, join(place, 'gpu.c')])
  return library
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'society-nvml-'))
  simulator = await buildNvmlSimulator(directory)
  unmarked = await buildUnmarked()
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** How the simulator is told to behave, where the contract has another word for it. */
const misbehaviours: Readonly<Record<string, string>> = { sound: 'none', silent: 'slow' }

meterContract('NVML, compute', {
  type: 'compute',
  scheme: 'nvml',
  fields: { tdp: 350, idle: 0, utilisation: 1, model: 'SIM-GPU 350 W' },
  async start(behaviour): Promise<DeviceUnderTest> {
    vi.stubEnv('NVML_SIM_MISBEHAVE', misbehaviours[behaviour] ?? behaviour)
    const absent = join(directory, 'absent.so')
    const library =
      behaviour === 'absent' ? absent : behaviour === 'unmarked' ? unmarked : simulator
    return {
      meter: ({ patienceMs, ...settings }) =>
        nvmlCompute({ library, intervalMs: 50, timeoutMs: patienceMs, ...settings }),
    }
  },
  async dispose() {
    vi.unstubAllEnvs()
  },
  unavailable: [
    ['not-loaded', 'is not loaded'],
    ['lost', 'has lost the GPU'],
    ['not-supported', 'does not support this'],
    ['crash', 'the node is unharmed'],
  ],
  nonsense: [
    ['nonsense', 'which no GPU has'],
    ['backwards', 'went backwards'],
  ],
  nameless: [['unnamed', 'is a placeholder']],
})
