import assert from 'node:assert/strict'
import { Type } from 'typebox'
import { formatEndpoint, parseEndpoint } from '../endpoint.ts'
import { endpointLengthMax } from '../limits.ts'
import type { MeterGiven, MeterKind } from '../meter-kind.ts'
import type { Transcript } from '../transcript.ts'
import { unitOption } from '../unit-option.ts'
import { batteryProfile } from './battery.ts'
import { solarProfile, windProfile } from './generator.ts'
import { sunspecMeter, sunspecMethod } from './meter.ts'
import { modbusReadsOnly } from './modbus-reads-only.ts'

const profiles = [solarProfile, batteryProfile, windProfile]

/** The options that lead to where a transcript was made; undefined where it names no such place. */
function givenFor(endpoint: Transcript['endpoint']): MeterGiven | undefined {
  const { host, port, unit, security } = endpoint
  if (typeof host !== 'string' || typeof port !== 'number' || typeof unit !== 'number') {
    return undefined
  }
  const sunspec = formatEndpoint({ host, port })
  return { sunspec, unit, ...(security === 'tls' ? { tls: true } : {}) }
}

/** SunSpec over Modbus TCP: `--sunspec HOST:PORT`. */
export const sunspecKind: MeterKind = {
  types: profiles.map(({ type }) => type),
  options: [
    {
      name: 'sunspec',
      value: 'HOST:PORT',
      form: 'endpoint',
      summary: 'SunSpec over Modbus TCP',
      schema: Type.String({ maxLength: endpointLengthMax }),
    },
    unitOption,
    {
      name: 'tls',
      summary: 'Modbus Security: the same within TLS, mostly on port 802',
      schema: Type.Boolean(),
    },
  ],
  example: '--sunspec 192.0.2.7:502',
  witnessed: {
    methods: [sunspecMethod],
    again: ({ endpoint }) => givenFor(endpoint),
    isSealed: ({ endpoint }) => endpoint['security'] === 'tls',
    readsOnly: modbusReadsOnly,
  },
  open(asked, { sunspec, unit, site, tls }, { now, reach, tls: deviceTls }) {
    const profile = profiles.find(({ type }) => type === asked)
    assert(profile !== undefined, 'only what is in the table is asked for')
    return sunspecMeter(profile, {
      ...parseEndpoint(sunspec as string),
      ...(unit === undefined ? {} : { unit: unit as number }),
      ...(site === undefined ? {} : { site: site as string }),
      now,
      reach,
      tls: tls === true ? (deviceTls ?? { makers: [] }) : undefined,
    })
  },
}
