import { Type } from 'typebox'
import type { MeterKind } from '../meter-kind.ts'
import { rootOption } from '../sysfs/root-option.ts'
import { openSysfs } from '../sysfs/sysfs-root.ts'
import { jetsonCompute } from './compute.ts'

/** A Jetson board's power monitor: `--jetson`. */
export const jetsonKind: MeterKind = {
  types: ['compute'],
  options: [
    {
      name: 'jetson',
      summary: 'this Jetson board, by its power monitor (INA3221)',
      schema: Type.Literal(true),
    },
    rootOption,
  ],
  example: '--jetson',
  open: (_type, { root, site }, { now }) =>
    jetsonCompute({
      open: () => openSysfs(root as string | undefined),
      ...(site === undefined ? {} : { site: site as string }),
      now,
    }),
}
