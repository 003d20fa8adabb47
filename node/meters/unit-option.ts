import { Type } from 'typebox'
import type { MeterOption } from './meter-kind.ts'

/** Which of several devices behind one address; each interface counts them in its own way. */
export const unitOption: MeterOption = {
  name: 'unit',
  value: 'N',
  form: 'count',
  summary:
    'which device behind this address: Modbus unit (1), Fronius device number or Victron ' +
    'instance (the lowest)',
  schema: Type.Integer({ minimum: 0, maximum: 65_535 }),
}
