import { Failure } from '../../../src/index.ts'
import { openTo, type SysfsRoot } from '../sysfs/sysfs-root.ts'
import { wholeNumber } from '../sysfs/whole-number.ts'
import { packagesMax } from './limits.ts'

const zones = '/sys/class/powercap'
/** Zones of whole packages and of the platform; what is in a package has two numbers. */
const zoneName = /^intel-rapl:\d+$/
/** Constraints of one zone: long term, short term, peak. */
const constraints = [0, 1, 2]

/** A processor package as it rates itself, powers in microwatts, 0 where it does not tell. */
export type Package = {
  /** Directory of its zone. */
  readonly zone: string
  readonly name: string
  /** What it is built for. */
  readonly rated: bigint
  /** What it may draw for long. */
  readonly limit: bigint
  /** Where its counter of microjoules begins anew; 0 where it does not tell. */
  readonly range: bigint
}

async function numberIn(root: SysfsRoot, file: string): Promise<bigint> {
  const text = await root.text(file, openTo(file))
  return text === undefined || text === '' ? 0n : wholeNumber(text, file)
}

async function longTerm(root: SysfsRoot, zone: string): Promise<Pick<Package, 'rated' | 'limit'>> {
  for (const number of constraints) {
    const constraint = `${zone}/constraint_${number}`
    const name = await root.text(`${constraint}_name`, openTo(`${constraint}_name`))
    if (name !== 'long_term') continue
    const rated = await numberIn(root, `${constraint}_max_power_uw`)
    return { rated, limit: await numberIn(root, `${constraint}_power_limit_uw`) }
  }
  return { rated: 0n, limit: 0n }
}

async function packageIn(root: SysfsRoot, zone: string): Promise<Package | undefined> {
  const name = await root.text(`${zone}/name`, openTo(`${zone}/name`))
  if (name?.startsWith('package') !== true) return undefined
  const range = await numberIn(root, `${zone}/max_energy_range_uj`)
  return { zone, name, range, ...(await longTerm(root, zone)) }
}

/** The packages of a machine. Throws `source-unavailable` where the kernel shows none. */
export async function findPackages(root: SysfsRoot): Promise<readonly Package[]> {
  const names = (await root.names(zones)).filter((name) => zoneName.test(name))
  const packages: Package[] = []
  for (const name of names.slice(0, packagesMax)) {
    const found = await packageIn(root, `${zones}/${name}`)
    if (found !== undefined) packages.push(found)
  }
  if (packages.length > 0) return packages
  throw new Failure(
    'source-unavailable',
    `The kernel shows no RAPL package in ${zones}: this processor has none, the module ` +
      'intel_rapl_msr is not loaded, or this is a virtual machine or container.',
  )
}

/** A package's energy counter in microjoules. Throws `source-unavailable` with how to open it. */
export async function energyOf(root: SysfsRoot, { zone }: Package): Promise<bigint> {
  const file = `${zone}/energy_uj`
  // Kernels since 5.10 keep it for root: it tells what other programs compute (CVE-2020-8694).
  const mend =
    `it is root's alone since it can betray what other programs compute; ` +
    `where no stranger uses this machine: ${openTo(file)} (gone after a reboot)`
  const text = await root.text(file, mend)
  if (text !== undefined) return wholeNumber(text, file)
  throw new Failure('source-unavailable', `There is no ${file}; update the kernel.`)
}

/**
 * What a counter went up by, which begins anew behind its range. Throws `source-nonsense` where it
 * went down without having a range.
 */
export function energyBetween(first: bigint, second: bigint, { zone, range }: Package): bigint {
  if (second >= first) return second - first
  if (first <= range) return second - first + range
  throw new Failure(
    'source-nonsense',
    `The counter ${zone}/energy_uj went down, and not at the end of its range; update the kernel.`,
  )
}
