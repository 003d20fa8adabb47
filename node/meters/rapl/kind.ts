import { Type } from 'typebox'
import type { MeterKind } from '../meter-kind.ts'
import { rootOption } from '../sysfs/root-option.ts'
import { openSysfs } from '../sysfs/sysfs-root.ts'
import { raplCompute } from './compute.ts'

/** The processors' own energy counters: `--rapl`. */
export const raplKind: MeterKind = {
  types: ['compute'],
  options: [
    {
      name: 'rapl',
      summary: 'this machine’s processors, by their energy counters (RAPL)',
      schema: Type.Literal(true),
    },
    rootOption,
  ],
  example: '--rapl',
  open: (_type, { root, site }, { now }) =>
    raplCompute({
      open: () => openSysfs(root as string | undefined),
      ...(site === undefined ? {} : { site: site as string }),
      now,
    }),
}
