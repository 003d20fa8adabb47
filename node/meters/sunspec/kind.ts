import assert from 'node:assert/strict'
import { Type } from 'typebox'
import { parseEndpoint } from '../endpoint.ts'
import { endpointLengthMax } from '../limits.ts'
import type { MeterKind } from '../meter-kind.ts'
import { unitOption } from '../unit-option.ts'
import { batteryProfile } from './battery.ts'
import { solarProfile, windProfile } from './generator.ts'
import { sunspecMeter } from './meter.ts'

const profiles = [solarProfile, batteryProfile, windProfile]

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
  ],
  example: '--sunspec 192.0.2.7:502',
  open(asked, { sunspec, unit, site }, { now }) {
    const profile = profiles.find(({ type }) => type === asked)
    assert(profile !== undefined, 'only what is in the table is asked for')
    return sunspecMeter(profile, {
      ...parseEndpoint(sunspec as string),
      ...(unit === undefined ? {} : { unit: unit as number }),
      ...(site === undefined ? {} : { site: site as string }),
      now,
    })
  },
}
