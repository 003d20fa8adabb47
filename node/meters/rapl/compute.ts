import { nameLengthMax } from '../../../protocol/index.ts'
import type { Measurement, Meter } from '../../../src/index.ts'
import { toMeasurement } from '../measurement.ts'
import { pauseBetween } from '../pause-between.ts'
import { openTo, type SysfsRoot } from '../sysfs/sysfs-root.ts'
import { withinTime } from '../time-limit.ts'
import { measureTimeoutMs, sampleIntervalMs } from './limits.ts'
import { machineName } from './machine-name.ts'
import { energyOf, findPackages, type Package } from './packages.ts'
import { readPackages, type Reading } from './reading.ts'

/** Which machine is measured and how; times in milliseconds if not those of `limits.ts`. */
export type RaplOptions = {
  /** Opens the tree of files to read. */
  readonly open: () => Promise<SysfsRoot>
  /** Where it stands, "LAT,LON", handed on as it is. */
  readonly site?: string
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

const method = 'rapl-sysfs'
const cpuinfo = '/proc/cpuinfo'

type Sample = { readonly atMs: number; readonly energy: readonly bigint[] }

async function sample(root: SysfsRoot, packages: readonly Package[]): Promise<Sample> {
  const atMs = performance.now()
  const energy: bigint[] = []
  for (const each of packages) energy.push(await energyOf(root, each))
  return { atMs, energy }
}

/** Two looks at every package's counter, some time apart. */
async function readMachine(
  root: SysfsRoot,
  intervalMs: number,
  signal: AbortSignal,
): Promise<Reading> {
  const packages = await findPackages(root)
  const first = await sample(root, packages)
  await pauseBetween(intervalMs, signal, 'The processor')
  const second = await sample(root, packages)
  const sampled = packages.map((each, index) => ({
    package: each,
    energy: [first.energy[index] ?? 0n, second.energy[index] ?? 0n] as const,
  }))
  return readPackages(sampled, second.atMs - first.atMs)
}

/** The processor's name; the kernel writes it once for each core. */
async function modelOf(root: SysfsRoot): Promise<string | undefined> {
  const text = await root.unkept(cpuinfo, openTo(cpuinfo))
  const name = /^model name\s*:\s*([ -~]+)$/m.exec(text ?? '')?.[1]
  return name?.trim().slice(0, nameLengthMax)
}

/**
 * Measures the processors of a machine by the counters that Intel's and AMD's have (RAPL), as the
 * kernel shows them: `tdp` is the sum of what the packages are built for in W, `utilisation` the
 * part of it that their long-term limits allow. `measure` throws `source-unavailable` where there
 * are none or the node may not read them, `source-nonsense` for what no processor can have,
 * `invalid-source` where nothing tells this machine from others, `malformed` for a root that others
 * could have filled.
 */
export function raplCompute(options: RaplOptions): Meter {
  const { site, now } = options

  async function read(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const root = await options.open()
    const reading = await readMachine(root, options.intervalMs ?? sampleIntervalMs, signal)
    const machine = await machineName(root)
    const model = await modelOf(root)
    const { tdpWatts: tdp, utilisation } = reading
    return toMeasurement({
      type: 'compute',
      scheme: 'rapl',
      names: { machine },
      fields: { tdp, idle: 0, utilisation, ...(model === undefined ? {} : { model }) },
      site,
      method,
      endpoint: { root: root.path },
      startedAt,
      finishedAt: now(),
      exchanges: root.reads,
      reading,
    })
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, read) }
}
