import { Failure } from '../../../src/index.ts'
import { shortDigest } from '../sysfs/short-digest.ts'
import { openTo, type SysfsRoot } from '../sysfs/sysfs-root.ts'

const uuidFile = '/sys/class/dmi/id/product_uuid'
/** What boards call themselves whose maker gave them no number of their own. */
const placeholders: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
])
const unset = /^(?:0|f|-)+$/

/**
 * What tells a machine from all others, for a processor has no serial number: a digest of the
 * board's UUID, the same in every container on it. A simulated one begins with `SIM-` and may go by
 * its place. Throws `source-unavailable` where it cannot be read, `invalid-source` where there is
 * none.
 */
export async function machineName(root: SysfsRoot): Promise<string> {
  const mend = `it is root's alone; give it to the node: ${openTo(uuidFile)}`
  const uuid = (await root.unkept(uuidFile, mend))?.toLowerCase()
  const isNumber = uuid !== undefined && /^[0-9a-f-]{32,36}$/.test(uuid)
  if (uuid !== undefined && (!isNumber || unset.test(uuid) || placeholders.has(uuid))) {
    throw new Failure(
      'invalid-source',
      `The board calls itself '${uuid.slice(0, 40)}', a placeholder as many have; ` +
        'set a UUID of its own in its firmware.',
    )
  }
  if (root.simulated) return `SIM-${shortDigest(uuid ?? root.path)}`
  if (uuid !== undefined) return shortDigest(uuid)
  throw new Failure(
    'invalid-source',
    `There is no ${uuidFile} to tell this machine from others by; measure outside of containers.`,
  )
}
