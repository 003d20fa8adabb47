import { Failure } from '../../../src/index.ts'
import { metricsIn, type Metric } from './metrics.ts'

/** What one page tells of a GPU, as it has it: W, and mJ since the driver was loaded. */
export type GpuPage = {
  readonly uuid: string
  readonly model: string
  readonly driver: string
  readonly powerWatts: number
  readonly millijoules: number
  /** Power that it is built for. */
  readonly defaultWatts: number
  /** Power that it may draw now; what it is built for where the page does not tell. */
  readonly enforcedWatts: number
}

const names = {
  power: 'DCGM_FI_DEV_POWER_USAGE',
  energy: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
  limit: 'DCGM_FI_DEV_POWER_MGMT_LIMIT',
  defaultLimit: 'DCGM_FI_DEV_POWER_MGMT_LIMIT_DEF',
  enforcedLimit: 'DCGM_FI_DEV_ENFORCED_POWER_LIMIT',
} as const
const wanted: ReadonlySet<string> = new Set(Object.values(names))
/** From here on DCGM means that it does not know. */
const blankFrom = 2 ** 47

function choose(metrics: readonly Metric[], gpu: string | null): string {
  const named = metrics.map(({ labels }) => [labels['gpu'] ?? '', labels['UUID'] ?? ''] as const)
  const gpus = new Map(named.map(([index, uuid]) => [uuid, index]))
  const fit = [...gpus].filter(
    ([uuid, index]) => gpu === null || gpu === index || gpu.toLowerCase() === uuid.toLowerCase(),
  )
  const [chosen, another] = fit
  if (chosen !== undefined && another === undefined) return chosen[0]
  const listed = [...gpus].map(([uuid, index]) => `${index} ${uuid}`).join(', ')
  if (gpus.size > 0) {
    const message = `Say which GPU with --gpu INDEX or UUID; there are ${listed.slice(0, 400)}.`
    throw new Failure('malformed', message)
  }
  throw new Failure(
    'source-nonsense',
    `That page tells of no GPU (${names.power}); check that the address is that of dcgm-exporter.`,
  )
}

/**
 * What a page of dcgm-exporter tells of one GPU. Throws `source-nonsense` for a page of something
 * else, `malformed` where several GPUs fit, `source-unavailable` where it lacks what is needed.
 */
export function gpuIn(page: string, gpu: string | null): GpuPage {
  const metrics = metricsIn(page, wanted)
  const uuid = choose(
    metrics.filter(({ name }) => name === names.power),
    gpu,
  )
  const own = metrics.filter(({ labels }) => labels['UUID'] === uuid)
  const told = (name: string): number | undefined => {
    const value = own.find((metric) => metric.name === name)?.value
    return value !== undefined && value >= 0 && value < blankFrom ? value : undefined
  }
  const need = (name: string): number => {
    const value = told(name)
    if (value !== undefined) return value
    const message =
      `The exporter tells no ${name} of this GPU; name it in the file of counters that it is ` +
      'started with (--collectors).'
    throw new Failure('source-unavailable', message)
  }
  const { modelName = '', DCGM_FI_DRIVER_VERSION: driver = '' } = own[0]?.labels ?? {}
  const defaultWatts = need(names.defaultLimit)
  return {
    uuid,
    model: modelName,
    driver,
    powerWatts: need(names.power),
    millijoules: need(names.energy),
    defaultWatts,
    enforcedWatts: told(names.enforcedLimit) ?? told(names.limit) ?? defaultWatts,
  }
}
