import { openTo, type SysfsRoot } from '../sysfs/sysfs-root.ts'

const statusFile = '/var/lib/nvpmodel/status'
const modesFile = '/etc/nvpmodel.conf'

/** The power mode that a board is set to. */
export type PowerMode = { readonly name: string; readonly watts: number | null }

/**
 * The mode in force, by NVIDIA's own files; undefined where they are not there. A mode is named
 * after its budget, such as `15W` or `MODE_30W_ALL`; `MAXN` is one without any.
 */
export async function powerMode(root: SysfsRoot): Promise<PowerMode | undefined> {
  const status = await root.text(statusFile, openTo(statusFile))
  const modes = await root.unkept(modesFile, openTo(modesFile))
  const mode = /\bpmode:0*(\d+)/.exec(status ?? '')?.[1]
  for (const [, id, name] of (modes ?? '').matchAll(
    /^\s*<\s*POWER_MODEL\s+ID=(\d+)\s+NAME=(\S+)/gm,
  )) {
    if (id !== mode || name === undefined) continue
    const watts = /(?:^|_)(\d{1,3})W(?:_|$)/.exec(name)?.[1]
    return { name, watts: watts === undefined ? null : Number(watts) }
  }
  return undefined
}
