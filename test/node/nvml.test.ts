import { execFileSync } from 'node:child_process'
import { chmod, chown, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildNvmlSimulator } from '../../node/devices/build-nvml-simulator.ts'
import { nvmlCompute, type NvmlOptions } from '../../node/meters/nvml/compute.ts'
import type { Measurement } from '../../src/ports.ts'

const now = () => 1_795_000_000_000
let directory = ''
let library = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'society-nvml-'))
  library = await buildNvmlSimulator(directory)
})
afterAll(() => rm(directory, { recursive: true, force: true }))
afterEach(() => vi.unstubAllEnvs())

type Given = Partial<NvmlOptions> & { readonly env?: Readonly<Record<string, string>> }

/** Measures the simulated GPU, which is told by the environment how to behave. */
function measure({ env = {}, ...options }: Given = {}): Promise<Measurement> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(`NVML_SIM_${name}`, value)
  const meter = nvmlCompute({ library, now, intervalMs: 100, ...options })
  return meter.measure(new AbortController().signal)
}

const transcriptOf = ({ transcript }: Measurement) =>
  JSON.parse(new TextDecoder().decode(transcript))

describe('the simulated GPU, behind the ABI of NVIDIA’s library', () => {
  test('is measured in a process of its own', async () => {
    const measured = await measure({ site: '52.4,4.9' })
    expect(measured).toMatchObject({
      source: 'compute:nvml:sim-gpu-0001-0',
      fields: { tdp: 350, idle: 0, utilisation: 1, model: 'SIM-GPU 350 W', site: '52.4,4.9' },
      measuredAt: now(),
      method: 'nvml',
      simulated: true,
    })
    const { exchanges, reading } = transcriptOf(measured)
    const limit = { call: 'default power limit', code: 0, value: 350_000 }
    expect(exchanges).toContainEqual(expect.objectContaining(limit))
    // It draws 60 per cent of its limit, by its counter as by its gauge.
    expect(reading.powerWatts).toBe(210)
    expect(reading.meanWatts).toBeGreaterThan(150)
    expect(reading.meanWatts).toBeLessThan(270)
  })

  test('whose limit in force is below its default gives that part of it', async () => {
    const env = { WATTS: '450', ENFORCED_WATTS: '300' }
    const { fields } = await measure({ env })
    expect(fields).toMatchObject({ tdp: 450, utilisation: 0.666666 })
  })

  test('whose limit in force is above its default gives no more than that', async () => {
    const { fields } = await measure({ env: { WATTS: '450', ENFORCED_WATTS: '600' } })
    expect(fields).toMatchObject({ tdp: 450, utilisation: 1 })
  })

  test('without an energy counter is measured by its limits', async () => {
    const measured = await measure({ env: { MISBEHAVE: 'silent' } })
    expect(transcriptOf(measured).reading).toMatchObject({ meanWatts: null, powerWatts: 210 })
  })

  test.each(['1', 'SIM-GPU-77-1', 'sim-gpu-77-1'])('of several is chosen by %s', async (gpu) => {
    const { source } = await measure({ gpu, env: { GPUS: '3', SERIAL: '77' } })
    expect(source).toBe('compute:nvml:sim-gpu-77-1')
  })

  test.each([undefined, '3', 'GPU-elsewhere'])('of several is not guessed from %s', async (gpu) => {
    const chosen = gpu === undefined ? {} : { gpu }
    await expect(measure({ ...chosen, env: { GPUS: '2' } })).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringMatching(/0 SIM-GPU-0001-0 .*1 SIM-GPU-0001-1 /),
    })
  })

  test.each([
    [{ MISBEHAVE: 'not-loaded' }, 'source-unavailable', 'is not loaded'],
    [{ MISBEHAVE: 'lost' }, 'source-unavailable', 'has lost the GPU'],
    [{ MISBEHAVE: 'not-supported' }, 'source-unavailable', 'does not support this'],
    [{ MISBEHAVE: 'crash' }, 'source-unavailable', 'crashed when it was asked (SIGSEGV)'],
    [{ MISBEHAVE: 'nonsense' }, 'source-nonsense', 'which no GPU has'],
    [{ MISBEHAVE: 'backwards' }, 'source-nonsense', 'went backwards'],
    [{ MISBEHAVE: 'unnamed' }, 'invalid-source', 'is a placeholder'],
    [{ WATTS: '0' }, 'source-nonsense', 'as 0 W'],
    [{ GPUS: '0' }, 'source-unavailable', 'finds no GPU'],
  ])('with %o is %s', async (env, code, words) => {
    await expect(measure({ env })).rejects.toMatchObject({
      name: 'Failure',
      code,
      message: expect.stringContaining(words),
    })
  })

  test('that hangs is left when its time is over', async () => {
    const begun = performance.now()
    const measuring = measure({ env: { MISBEHAVE: 'slow' }, timeoutMs: 1_000 })
    await expect(measuring).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('took too long'),
    })
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  test('is left at once when the measurement is called off', async () => {
    const meter = nvmlCompute({ library, now })
    await expect(meter.measure(AbortSignal.abort())).rejects.toMatchObject({
      code: 'source-unavailable',
      message: 'The measurement was called off.',
    })
  })

  test('does not learn the secrets of the node', async () => {
    vi.stubEnv('SOCIETY_PASSPHRASE', 'a secret')
    const probe = join(directory, 'probe.so')
    const told = 'getenv("SOCIETY_PASSPHRASE") ? 999 : 9'
    const code = `#include <stdlib.h>\nint nvmlInit_v2(void) { return ${told}; }\n`
    await writeFile(`${probe}.c`, code)
    execFileSync('gcc', ['-shared', '-fPIC', '-o', probe, `${probe}.c`])
    await expect(measure({ library: probe })).rejects.toThrow('(NVML 9)')
  })
})

describe('a machine', () => {
  test('without NVIDIA’s driver is source-unavailable, never a default', async () => {
    const meter = nvmlCompute({ now })
    const measuring = meter.measure(new AbortController().signal)
    await expect(measuring).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('install the driver'),
    })
  })

  test('whose library is another one is source-unavailable', async () => {
    await writeFile(join(directory, 'text.so'), 'no library')
    await expect(measure({ library: join(directory, 'text.so') })).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('cannot be loaded'),
    })
  })
})

describe('a library', () => {
  let place = ''
  const put = async (mode: number): Promise<string> => {
    const path = join(place, 'libnvidia-ml.so.1')
    await copyFile(library, path)
    await chmod(path, mode)
    return path
  }
  beforeAll(async () => {
    place = join(directory, 'place')
    await mkdir(place, { mode: 0o755 })
  })

  test.each([
    ['libnvidia-ml.so.1', 'is no absolute path'],
    ['/tmp/../nowhere\0', 'is no absolute path'],
    ['/tmp', 'is no regular file'],
    ['/dev/null', 'is no regular file'],
  ])('by the name of %j is refused', async (path, words) => {
    await expect(measure({ library: path })).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining(words),
    })
  })

  test('that is not there is source-unavailable', async () => {
    await expect(measure({ library: join(place, 'gone.so') })).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringContaining('there is nothing by this name'),
    })
  })

  test.each([0o757, 0o775])('that others may write, mode %o, is refused', async (mode) => {
    await expect(measure({ library: await put(mode) })).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('chmod go-w'),
    })
  })

  test('in a directory that everybody may write is refused, also behind a link', async () => {
    const path = await put(0o755)
    await symlink(path, join(directory, 'link.so'))
    await expect(measure({ library: join(directory, 'link.so') })).resolves.toBeDefined()
    await chmod(place, 0o757)
    for (const name of [path, join(directory, 'link.so')]) {
      await expect(measure({ library: name })).rejects.toMatchObject({
        code: 'malformed',
        message: expect.stringContaining('could be replaced by others'),
      })
    }
    await chmod(place, 0o755)
  })

  // Only root can give a file away: another user's test shows that root's library is taken.
  test('of somebody else is refused, of root or oneself taken', async () => {
    const path = await put(0o755)
    if (process.getuid?.() === 0) {
      await chown(path, 12_345, 12_345)
      await expect(measure({ library: path })).rejects.toMatchObject({
        code: 'malformed',
        message: expect.stringContaining("neither root nor the node's own user"),
      })
      await chown(path, 0, 0)
    }
    await expect(measure({ library: path })).resolves.toMatchObject({ simulated: true })
  })
})
