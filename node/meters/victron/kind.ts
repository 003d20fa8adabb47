import assert from 'node:assert/strict'
import { Type } from 'typebox'
import { formatEndpoint, parseEndpoint } from '../endpoint.ts'
import { endpointLengthMax } from '../limits.ts'
import type { MeterKind } from '../meter-kind.ts'
import { endpointIn, numberIn } from '../transcript.ts'
import { unitOption } from '../unit-option.ts'
import { victronMeter, victronMethod } from './meter.ts'
import { mqttReadsOnly } from './mqtt-reads-only.ts'
import { batteryProfile, solarProfile } from './profiles.ts'

const profiles = [solarProfile, batteryProfile]

/** What a Victron GX device tells by MQTT: `--victron HOST:PORT`. */
export const victronKind: MeterKind = {
  types: profiles.map(({ type }) => type),
  options: [
    {
      name: 'victron',
      value: 'HOST:PORT',
      form: 'endpoint',
      summary: 'MQTT broker of a Victron GX device',
      schema: Type.String({ maxLength: endpointLengthMax }),
    },
    unitOption,
  ],
  example: '--victron 192.0.2.9:1883',
  witnessed: {
    methods: [victronMethod],
    again: (transcript) => {
      const endpoint = endpointIn(transcript)
      const unit = numberIn(transcript, 'instance')
      return endpoint && { victron: formatEndpoint(endpoint), unit }
    },
    isSealed: () => false,
    readsOnly: mqttReadsOnly,
  },
  open(asked, { victron, unit, site }, { now, reach }) {
    const profile = profiles.find(({ type }) => type === asked)
    assert(profile !== undefined, 'only what is in the table is asked for')
    return victronMeter(profile, {
      ...parseEndpoint(victron as string),
      ...(unit === undefined ? {} : { unit: unit as number }),
      ...(site === undefined ? {} : { site: site as string }),
      now,
      reach,
    })
  },
}
