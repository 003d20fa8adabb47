import type { MeterOptions } from '../meter-options.ts'
import type { SysfsRoot } from './sysfs-root.ts'

/** What a meter that reads a tree of files is given. */
export type SysfsMeterOptions = MeterOptions & {
  /** Opens the tree of files to read. */
  readonly open: () => Promise<SysfsRoot>
  /** Between two looks, in milliseconds, if not that of the meter's `limits.ts`. */
  readonly intervalMs?: number
}
