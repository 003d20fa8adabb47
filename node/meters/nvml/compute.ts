import assert from 'node:assert/strict'
import { canonicalSourceId, valueBytesMax } from '../../../protocol/index.ts'
import { Failure, type Measurement, type Meter } from '../../../src/index.ts'
import { trustedPath } from '../trusted-path.ts'
import { askChild } from './ask-child.ts'
import { measureTimeoutMs, sampleIntervalMs } from './limits.ts'
import { measuredOf, readGpu, type Reading } from './reading.ts'

/** Which GPU is measured and how; times in milliseconds if not those of `limits.ts`. */
export type NvmlOptions = {
  /** Absolute path of the library; the driver's own by default. */
  readonly library?: string
  /** Index or UUID; by default the only one. */
  readonly gpu?: string
  /** Where it stands, "LAT,LON", handed on as it is. */
  readonly site?: string
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

const method = 'nvml'
/** The name that every driver installs its library by; the loader knows where it is. */
const installedLibrary = 'libnvidia-ml.so.1'
/** Simulators say so in their UUID or name; NVIDIA's begin with GPU- and NVIDIA. */
const simulatorPrefix = 'SIM-'

function sourceOf({ uuid }: Reading): string {
  const id = canonicalSourceId('compute', method, uuid)
  if (typeof id === 'string') return id
  throw new Failure(
    'invalid-source',
    `The GPU calls itself "${uuid}". ${id.message} Update the driver.`,
  )
}

/**
 * Measures a GPU through the driver's own library, in a process of its own: `tdp` is its default
 * power limit in W, `utilisation` the part of it that its limit in force allows. `measure` throws
 * `source-unavailable` without a driver or where that fails, `source-nonsense` if it says what no
 * GPU can have, `invalid-source` without a UUID, `malformed` for a library that others could have
 * put there and where several GPUs fit.
 */
export function nvmlCompute(options: NvmlOptions): Meter {
  const { library, gpu = null, site, now } = options

  async function measure(signal: AbortSignal): Promise<Measurement> {
    const path = library === undefined ? installedLibrary : await trustedPath(library, 'file')
    const startedAt = now()
    const limit = AbortSignal.timeout(options.timeoutMs ?? measureTimeoutMs)
    const intervalMs = options.intervalMs ?? sampleIntervalMs
    const job = { library: path, gpu, intervalMs }
    const measured = measuredOf(await askChild(job, AbortSignal.any([signal, limit])))
    const reading = readGpu(measured)
    const finishedAt = now()
    const { samples, calls } = measured
    const times = { startedAt, finishedAt }
    const transcript = { version: 1, method, library: path, ...times, calls, samples, reading }
    const bytes = new TextEncoder().encode(JSON.stringify(transcript))
    assert(bytes.length <= valueBytesMax, 'a dozen short answers fit')
    const { uuid, model } = reading
    return {
      source: sourceOf(reading),
      fields: {
        tdp: reading.tdpWatts,
        idle: 0,
        utilisation: reading.utilisation,
        ...(model === '' ? {} : { model }),
        ...(site === undefined ? {} : { site }),
      },
      measuredAt: finishedAt,
      method,
      transcript: bytes,
      simulated: [uuid, model].some((name) => name.startsWith(simulatorPrefix)),
    }
  }
  return { measure }
}
