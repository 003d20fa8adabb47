import { Type } from 'typebox'
import { sourceIdLengthMax } from '../../protocol/index.ts'
import { queryTextMax } from '../api/limits.ts'
import type { MeterOption } from './meter-kind.ts'

/** What may be said of every source, however it is measured: what no device tells of itself. */
export const sourceOptions: readonly MeterOption[] = [
  {
    name: 'site',
    value: 'LAT,LON',
    form: 'site',
    summary: 'where it stands, in degrees',
    schema: Type.String({ maxLength: queryTextMax }),
  },
  {
    name: 'poweredBy',
    value: 'SOURCE',
    summary: 'own source that feeds it: what is charged on it counts against both',
    schema: Type.String({ minLength: 1, maxLength: sourceIdLengthMax }),
  },
]
