import type { Measurement, Meter } from '../../../src/index.ts'
import { isSimulator } from '../device-name.ts'
import { toMeasurement } from '../measurement.ts'
import { withinTime } from '../time-limit.ts'
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

function fieldsOf({ tdpWatts, utilisation, model }: Reading): Measurement['fields'] {
  return { tdp: tdpWatts, idle: 0, utilisation, ...(model === '' ? {} : { model }) }
}

/**
 * Measures a GPU through the driver's own library, in a process of its own: `tdp` is its default
 * power limit in W, `utilisation` the part of it that its limit in force allows. `measure` throws
 * `source-unavailable` without a driver or where that fails, `source-nonsense` if it says what no
 * GPU can have, `invalid-source` without a UUID, `malformed` for a library that others could have
 * put there and where several GPUs fit.
 */
export function nvmlCompute(options: NvmlOptions): Meter {
  const { library: named, gpu = null, site, now } = options

  async function read(signal: AbortSignal): Promise<Measurement> {
    const library = named === undefined ? installedLibrary : await trustedPath(named, 'file')
    const startedAt = now()
    const job = { library, gpu, intervalMs: options.intervalMs ?? sampleIntervalMs }
    const measured = measuredOf(await askChild(job, signal))
    const reading = readGpu(measured)
    const finishedAt = now()
    const { uuid, model } = reading
    const measurement = toMeasurement({
      type: 'compute',
      scheme: 'nvml',
      names: { UUID: uuid },
      fields: fieldsOf(reading),
      site,
      method,
      endpoint: { library },
      startedAt,
      finishedAt,
      exchanges: measured.calls,
      reading,
    })
    return { ...measurement, simulated: measurement.simulated || isSimulator(model) }
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, read) }
}
