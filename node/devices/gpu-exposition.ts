/** What an exporter has collected of a GPU; W, and mJ since the driver was loaded. */
export type Collected = {
  readonly index: number
  readonly uuid: string
  readonly name: string
  readonly driver: string
  readonly powerWatts: number
  readonly millijoules: number
  readonly defaultWatts: number
  readonly enforcedWatts: number
}

/** What is told of a GPU: name, type and help as dcgm-exporter has them, and the value. */
type Row = readonly [
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  value: (gpu: Collected) => string,
]

const watts = (value: number): string => value.toFixed(6)

/** What dcgm-exporter tells unless it is given a file of counters. */
const usual: readonly Row[] = [
  ['DCGM_FI_DEV_POWER_USAGE', 'gauge', 'Power draw (in W).', ({ powerWatts }) => watts(powerWatts)],
  [
    'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    'counter',
    'Total energy consumption since boot (in mJ).',
    ({ millijoules }) => String(millijoules),
  ],
]

/** What has to be named in such a file. */
const limits: readonly Row[] = [
  [
    'DCGM_FI_DEV_POWER_MGMT_LIMIT_DEF',
    'gauge',
    'Default power management limit (in W).',
    ({ defaultWatts }) => watts(defaultWatts),
  ],
  [
    'DCGM_FI_DEV_ENFORCED_POWER_LIMIT',
    'gauge',
    'Power limit in force (in W).',
    ({ enforcedWatts }) => watts(enforcedWatts),
  ],
]

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

/** The page of an exporter, in Prometheus' text format with the labels of dcgm-exporter. */
export function expositionOf(gpus: readonly Collected[], hasLimits: boolean): string {
  const lines = [...usual, ...(hasLimits ? limits : [])].flatMap(([name, type, help, value]) => {
    const samples = gpus.map((gpu) => {
      const { index, uuid, name: model, driver } = gpu
      const labels = {
        gpu: String(index),
        UUID: uuid,
        pci_bus_id: `00000000:${String(index + 1).padStart(2, '0')}:00.0`,
        device: `nvidia${index}`,
        modelName: model,
        Hostname: 'simulator',
        DCGM_FI_DRIVER_VERSION: driver,
      }
      const told = Object.entries(labels).map(([key, word]) => `${key}=${quoted(word)}`)
      return `${name}{${told.join(',')}} ${value(gpu)}`
    })
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples]
  })
  return `${lines.join('\n')}\n`
}
