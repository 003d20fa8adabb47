import { Type } from 'typebox'
import { pathLengthMax } from '../limits.ts'
import type { MeterOption } from '../meter-kind.ts'

/** `--root DIR`: another tree than the machine's own, which is a simulation. */
export const rootOption: MeterOption = {
  name: 'root',
  value: 'DIR',
  summary: 'a copy of /sys and /proc to read instead, absolute; a simulation',
  schema: Type.String({ minLength: 1, maxLength: pathLengthMax }),
}
