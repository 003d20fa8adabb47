import { Type } from 'typebox'
import { formatEndpoint, parseHttpEndpoint } from '../endpoint.ts'
import { httpGetsOnly } from '../http-gets-only.ts'
import { endpointLengthMax } from '../limits.ts'
import type { MeterKind } from '../meter-kind.ts'
import { endpointIn, numberIn } from '../transcript.ts'
import { unitOption } from '../unit-option.ts'
import { froniusMeter, froniusMethod } from './meter.ts'

/** Fronius Solar API v1 over HTTP: `--fronius http://HOST[:PORT]`. */
export const froniusKind: MeterKind = {
  types: ['solar'],
  options: [
    {
      name: 'fronius',
      value: 'URL',
      form: 'url',
      summary: 'Fronius Solar API v1, http://HOST[:PORT]',
      schema: Type.String({ maxLength: 'http://'.length + endpointLengthMax + '/'.length }),
    },
    unitOption,
  ],
  example: '--fronius http://192.0.2.8',
  witnessed: {
    methods: [froniusMethod],
    again: (transcript) => {
      const endpoint = endpointIn(transcript)
      const unit = numberIn(transcript, 'device')
      return endpoint && { fronius: `http://${formatEndpoint(endpoint)}`, unit }
    },
    isSealed: () => false,
    readsOnly: () => httpGetsOnly('/solar_api/'),
  },
  open(_type, { fronius, unit, site }, { now, reach }) {
    return froniusMeter({
      ...parseHttpEndpoint(fronius as string),
      ...(unit === undefined ? {} : { unit: unit as number }),
      ...(site === undefined ? {} : { site: site as string }),
      now,
      reach,
    })
  },
}
