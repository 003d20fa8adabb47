import { Type } from 'typebox'
import { deviceNameLengthMax } from '../limits.ts'
import type { MeterOption } from '../meter-kind.ts'

/** Which of several GPUs is meant. */
export const gpuOption: MeterOption = {
  name: 'gpu',
  value: 'INDEX|UUID',
  summary: 'which GPU, where there are several',
  schema: Type.String({ minLength: 1, maxLength: deviceNameLengthMax }),
}
