import { nameLengthMax } from '../../../protocol/index.ts'
import type { Measurement, Meter } from '../../../src/index.ts'
import type { DeviceNames } from '../device-name.ts'
import { toMeasurement } from '../measurement.ts'
import { pauseBetween } from '../pause-between.ts'
import { shortDigest } from '../sysfs/short-digest.ts'
import { openTo, type SysfsRoot } from '../sysfs/sysfs-root.ts'
import { withinTime } from '../time-limit.ts'
import { measureTimeoutMs, sampleIntervalMs } from './limits.ts'
import { powerMode } from './power-mode.ts'
import { currentLimit, findRails, sampleRail, type RailSample } from './rails.ts'
import { readBoard, type Reading, type SampledRail } from './reading.ts'

/** Which board is measured and how; times in milliseconds if not those of `limits.ts`. */
export type JetsonOptions = {
  /** Opens the tree of files to read. */
  readonly open: () => Promise<SysfsRoot>
  /** Where it stands, "LAT,LON", handed on as it is. */
  readonly site?: string
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

const method = 'ina3221-sysfs'
const deviceTree = '/proc/device-tree'

/** A text of the board's device tree, printable; empty where there is none. */
async function told(root: SysfsRoot, name: string): Promise<string> {
  const file = `${deviceTree}/${name}`
  const text = await root.text(file, openTo(file))
  return (text ?? '').replaceAll(/[^ -~]/g, '').trim()
}

/** What the board is called; a copy without a number goes by its place. */
function namesOf({ serial }: Reading, { simulated, path }: SysfsRoot): DeviceNames {
  if (!simulated) return { 'serial number': serial }
  return { copy: 'SIM', 'serial number': serial === '' ? shortDigest(path) : serial }
}

async function readFiles(
  root: SysfsRoot,
  intervalMs: number,
  signal: AbortSignal,
): Promise<Reading> {
  const found = await findRails(root)
  const firsts: RailSample[] = []
  for (const rail of found) firsts.push(await sampleRail(root, rail))
  await pauseBetween(intervalMs, signal, 'The board')
  const rails: SampledRail[] = []
  for (const [index, rail] of found.entries()) {
    const second = await sampleRail(root, rail)
    const samples = [firsts[index] ?? second, second] as const
    rails.push({ label: rail.label, samples, limit: await currentLimit(root, rail) })
  }
  const names = { board: await told(root, 'model'), serial: await told(root, 'serial-number') }
  return readBoard(names, rails, await powerMode(root))
}

/**
 * Measures a Jetson board by its INA3221 power monitor, as the kernel shows it: `tdp` is the budget
 * of its power mode in W, else its limit of current, else what it draws. `measure` throws
 * `source-unavailable` where there is none or the node may not read it, `source-nonsense` for what
 * no board can have, `invalid-source` without a serial number, `malformed` for a root that others
 * could have filled.
 */
export function jetsonCompute(options: JetsonOptions): Meter {
  const { site, now } = options

  async function read(signal: AbortSignal): Promise<Measurement> {
    const startedAt = now()
    const root = await options.open()
    const reading = await readFiles(root, options.intervalMs ?? sampleIntervalMs, signal)
    const { board, ratedWatts: tdp } = reading
    const model = board.slice(0, nameLengthMax)
    const measurement = toMeasurement({
      type: 'compute',
      scheme: 'jetson',
      names: namesOf(reading, root),
      fields: { tdp, idle: 0, utilisation: 1, ...(model === '' ? {} : { model }) },
      site,
      method,
      endpoint: { root: root.path },
      startedAt,
      finishedAt: now(),
      exchanges: root.reads,
      reading,
    })
    return { ...measurement, simulated: root.simulated }
  }
  return { measure: (signal) => withinTime(signal, options.timeoutMs ?? measureTimeoutMs, read) }
}
