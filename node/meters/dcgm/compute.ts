import { Failure, type Measurement, type Meter } from '../../../src/index.ts'
import { isSimulator } from '../device-name.ts'
import { endpointOf } from '../endpoint.ts'
import { toMeasurement } from '../measurement.ts'
import type { MeterOptions } from '../meter-options.ts'
import { readGpu, type Reading } from '../nvml/reading.ts'
import { withinTime } from '../time-limit.ts'
import { metricsPath, nextCollection, pageNow } from './collection.ts'
import type { Collection, ExporterOptions } from './collection.ts'
import { agreementPart, measureTimeoutMs, publishMsMax, windowMs } from './limits.ts'

/** Which exporter is asked about which GPU; times in milliseconds if not those of `limits.ts`. */
export type DcgmOptions = MeterOptions & {
  /** Its page, over HTTP or HTTPS. */
  readonly url: URL
  /** Index or UUID; by default the only one. */
  readonly gpu?: string
}

/** The method of what is measured by an exporter. */
export const dcgmMethod = 'dcgm-exporter'

/** Millijoules in a Wh. */
const millijoulesPerWattHour = 3_600_000

function readingOf([first, second]: readonly [Collection, Collection]): Reading {
  const { uuid, model, driver, defaultWatts, enforcedWatts } = second.gpu
  const sample = ({ gpu, atMs }: Collection) => ({
    atMs,
    power: Math.round(gpu.powerWatts * 1_000),
    energy: String(Math.round(gpu.millijoules)),
  })
  return readGpu({
    driver,
    gpu: { uuid, name: model },
    defaultLimit: Math.round(defaultWatts * 1_000),
    enforcedLimit: Math.round(enforcedWatts * 1_000),
    samples: [sample(first), sample(second)],
  })
}

/**
 * Fails with `source-nonsense` where a GPU counts other energy than the power makes that it shows.
 * Load comes and goes within moments: only what no moment explains is nonsense.
 */
function expectAgreement(
  [first, second]: readonly [Collection, Collection],
  { meanWatts, enforcedWatts }: Reading,
): void {
  const [from, to] = [first.gpu.powerWatts, second.gpu.powerWatts]
  const elapsedMs = second.atMs - first.atMs
  const unsureMs = first.withinMs + second.withinMs + publishMsMax
  const shown = (from + to) / 2
  const mean = meanWatts ?? 0
  const slack =
    agreementPart * enforcedWatts +
    Math.abs(from - to) / 2 +
    (Math.max(mean, from, to) * unsureMs) / elapsedMs
  if (Math.abs(mean - shown) <= slack) return
  throw new Failure(
    'source-nonsense',
    `The GPU counts energy for ${Math.round(mean)} W and says that it draws ` +
      `${Math.round(shown)} W; look again under an even load, update the driver.`,
  )
}

/** What of the pages is evidence, the two that were compared. */
function exchangesOf(pages: readonly Collection[]): readonly object[] {
  return pages.map(({ gpu, atMs, withinMs, sha256 }) => ({
    request: `GET ${metricsPath}`,
    status: 200,
    atMs: Math.round(atMs),
    withinMs: Math.round(withinMs),
    sha256,
    answer: gpu,
  }))
}

/**
 * Measures a GPU by what NVIDIA's dcgm-exporter on its machine shows: `tdp` is its default power
 * limit in W, `utilisation` the part of it that its limit in force allows. Two collections are
 * compared. The source is the same as by NVML. `measure` throws `source-unavailable` where the
 * exporter does not answer, lacks a metric or collects too seldom; `source-nonsense` for what no
 * GPU can have or energy that its power does not make; `bad-signature` where nobody believed
 * vouches for it; `invalid-source` without a UUID, `malformed` where several GPUs fit.
 */
export function dcgmCompute(options: DcgmOptions): Meter {
  const { url, gpu = null, site, now, reach, roots } = options

  async function collect(exporter: ExporterOptions): Promise<readonly [Collection, Collection]> {
    const first = await nextCollection(exporter, await pageNow(exporter), 0)
    return [first, await nextCollection(exporter, first, windowMs)]
  }

  async function read(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const elapsed = (): number => performance.now()
    const sealing = url.protocol === 'https:' ? roots : undefined
    const at = { ...endpointOf(url), gpu, signal, reach, roots: sealing, elapsed }
    const pages = await collect(at)
    const finishedAt = now()
    const reading = readingOf(pages)
    expectAgreement(pages, reading)
    const { uuid, model, tdpWatts, utilisation } = reading
    const [, last] = pages
    const measurement = toMeasurement({
      type: 'compute',
      scheme: 'nvml',
      names: { UUID: uuid },
      fields: { tdp: tdpWatts, idle: 0, utilisation, ...(model === '' ? {} : { model }) },
      site,
      method: dcgmMethod,
      endpoint: { url: url.href, ...endpointOf(url) },
      startedAt,
      finishedAt,
      exchanges: exchangesOf(pages),
      reading,
    })
    return {
      ...measurement,
      simulated: measurement.simulated || isSimulator(model),
      isSealed: sealing !== undefined,
      readings: {
        counterWattHours: last.gpu.millijoules / millijoulesPerWattHour,
        counterStepWattHours: 1 / millijoulesPerWattHour,
        countedWithinMs: last.withinMs + publishMsMax,
      },
    }
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, read) }
}
