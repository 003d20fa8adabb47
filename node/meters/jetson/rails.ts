import { Failure } from '../../../src/index.ts'
import { openTo, type SysfsRoot } from '../sysfs/sysfs-root.ts'
import { wholeNumber } from '../sysfs/whole-number.ts'
import { channelsMax, railsMax, unsetMilliamperes } from './limits.ts'

const buses = '/sys/bus/i2c/devices'
const chip = 'ina3221'
/** What boards call the rail that feeds all others. */
const totalLabels: ReadonlySet<string> = new Set(['VDD_IN', 'POM_5V_IN', 'POM_5V0_IN'])
const notConnected = /(^|_)NC($|_)/

/** A rail that a monitor chip measures. */
export type Rail = {
  /** Directory of its chip. */
  readonly directory: string
  readonly channel: number
  readonly label: string
}

/** What a rail carried at a moment. */
export type RailSample = { readonly millivolts: bigint; readonly milliamperes: bigint }

async function numberIn(root: SysfsRoot, file: string): Promise<bigint | undefined> {
  const text = await root.text(file, openTo(file))
  return text === undefined || text === '' ? undefined : wholeNumber(text, file)
}

async function chipsOf(root: SysfsRoot): Promise<readonly string[]> {
  const chips: string[] = []
  for (const device of await root.names(buses)) {
    const parent = `${buses}/${device}/hwmon`
    for (const monitor of await root.names(parent)) {
      const directory = `${parent}/${monitor}`
      const name = await root.unkept(`${directory}/name`, openTo(`${directory}/name`))
      if (name === chip) chips.push(directory)
    }
  }
  return chips
}

/**
 * The rails of the board whose sum is all that it draws: the one that feeds all others where it is
 * measured, else every one. Throws `source-unavailable` where nothing is measured.
 */
export async function findRails(root: SysfsRoot): Promise<readonly Rail[]> {
  const rails: Rail[] = []
  for (const directory of await chipsOf(root)) {
    for (let channel = 1; channel <= channelsMax; channel++) {
      const file = `${directory}/in${channel}_label`
      const label = await root.text(file, openTo(file))
      if (label !== undefined && label !== '' && !notConnected.test(label)) {
        rails.push({ directory, channel, label })
      }
    }
  }
  const total = rails.filter(({ label }) => totalLabels.has(label))
  const found = total.length > 0 ? total : rails
  if (found.length > 0) return found.slice(0, railsMax)
  throw new Failure(
    'source-unavailable',
    `There is no INA3221 power monitor below ${buses}: this is no Jetson board, or its driver is ` +
      'not loaded (JetPack 5 or newer has it).',
  )
}

/** What a rail carries now. Throws `source-nonsense` where it does not tell. */
export async function sampleRail(
  root: SysfsRoot,
  { directory, channel, label }: Rail,
): Promise<RailSample> {
  const millivolts = await numberIn(root, `${directory}/in${channel}_input`)
  const milliamperes = await numberIn(root, `${directory}/curr${channel}_input`)
  if (millivolts !== undefined && milliamperes !== undefined) return { millivolts, milliamperes }
  throw new Failure(
    'source-nonsense',
    `The rail ${label} tells no voltage or no current; see dmesg for its driver.`,
  )
}

/** Current at which the board begins to slow itself down; undefined where nobody set it. */
export async function currentLimit(
  root: SysfsRoot,
  { directory, channel }: Rail,
): Promise<bigint | undefined> {
  for (const limit of ['max', 'crit']) {
    const milliamperes = await numberIn(root, `${directory}/curr${channel}_${limit}`)
    if (milliamperes === undefined || milliamperes === 0n) continue
    if (milliamperes < unsetMilliamperes) return milliamperes
  }
  return undefined
}
