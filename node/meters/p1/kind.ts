import { Type } from 'typebox'
import { parseEndpoint } from '../endpoint.ts'
import { endpointLengthMax } from '../limits.ts'
import type { MeterKind } from '../meter-kind.ts'
import { p1Grid } from './grid.ts'

/** A smart meter's customer port over TCP: `--p1 HOST:PORT`. */
export const p1Kind: MeterKind = {
  types: ['grid'],
  options: [
    {
      name: 'p1',
      value: 'HOST:PORT',
      form: 'endpoint',
      summary: 'a smart meter’s P1 port (DSMR 4, 5, eMUCS) behind a TCP gateway',
      schema: Type.String({ maxLength: endpointLengthMax }),
    },
  ],
  example: '--p1 192.0.2.9:23',
  open: (_type, { p1, site }, { now }) =>
    p1Grid({
      ...parseEndpoint(p1 as string),
      ...(site === undefined ? {} : { site: site as string }),
      now,
    }),
}
