import { Type } from 'typebox'
import { formatEndpoint, parseEndpoint } from '../endpoint.ts'
import { endpointLengthMax } from '../limits.ts'
import type { MeterKind } from '../meter-kind.ts'
import { moreThanReading, onlyReading } from '../only-reading.ts'
import { endpointIn } from '../transcript.ts'
import { p1Grid, p1Method } from './grid.ts'

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
  witnessed: {
    methods: [p1Method],
    again: (transcript) => {
      const endpoint = endpointIn(transcript)
      return endpoint && { p1: formatEndpoint(endpoint) }
    },
    isSealed: () => false,
    // The meter talks by itself: whoever listens has nothing to say.
    readsOnly: () =>
      onlyReading(() => {
        throw moreThanReading('the meter talks by itself')
      }),
  },
  open: (_type, { p1, site }, { now, reach }) =>
    p1Grid({
      ...parseEndpoint(p1 as string),
      ...(site === undefined ? {} : { site: site as string }),
      now,
      reach,
    }),
}
