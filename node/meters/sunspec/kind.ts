import { Type } from 'typebox'
import { parseEndpoint } from '../endpoint.ts'
import { endpointLengthMax } from '../limits.ts'
import type { MeterKind } from '../meter-kind.ts'
import { sunspecSolar } from './solar.ts'

/** SunSpec over Modbus TCP: `--sunspec HOST:PORT`. */
export const sunspecKind: MeterKind = {
  types: ['solar'],
  options: [
    {
      name: 'sunspec',
      value: 'HOST:PORT',
      form: 'endpoint',
      summary: 'SunSpec over Modbus TCP',
      schema: Type.String({ maxLength: endpointLengthMax }),
    },
    {
      name: 'unit',
      value: 'N',
      form: 'count',
      summary: 'Modbus unit, 1 to 247; 1 by default',
      schema: Type.Integer({ minimum: 1, maximum: 247 }),
    },
  ],
  example: '--sunspec 192.0.2.7:502',
  open(_type, { sunspec, unit, site }, { now }) {
    return sunspecSolar({
      ...parseEndpoint(sunspec as string),
      ...(unit === undefined ? {} : { unit: unit as number }),
      ...(site === undefined ? {} : { site: site as string }),
      now,
    })
  },
}
