import { fromMilli, type SourceType } from '../../protocol/index.ts'
import type { ProofClaim, Readings, Sample } from '../ports.ts'

/** Values of an `energy.prove` as they are on the wire or resolved for it: milli-units, tenths. */
export type ProofValues = Readonly<Record<string, unknown>>

const units = (value: unknown): number | null =>
  typeof value === 'number' ? fromMilli(value) : null

function siteOf({ latitude, longitude }: ProofValues): ProofClaim['site'] {
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return null
  return { latitude: latitude / 10, longitude: longitude / 10 }
}

/** A proof in the units that people measure in, with what is known besides. */
export function claimOfProof(
  values: ProofValues,
  readings: Readings = {},
  history: readonly Sample[] = [],
): ProofClaim {
  const source = String(values['source'])
  const { model, measuredAt } = values
  return {
    source,
    type: source.slice(0, source.indexOf(':')) as SourceType,
    measuredAt: Number(measuredAt),
    site: siteOf(values),
    rated: units(values['rated']),
    output: units(values['output']),
    tdp: units(values['tdp']),
    model: typeof model === 'string' ? model : null,
    allocated: units(values['allocated']),
    dischargeRate: units(values['dischargeRate']),
    stored: units(values['stored']),
    readings,
    history,
  }
}

/** What a claim shows at the moment of its measurement. */
export function sampleOf(claim: ProofClaim): Sample {
  const { measuredAt, output, readings, rated, tdp, dischargeRate } = claim
  const most = rated ?? tdp ?? dischargeRate
  return { at: measuredAt, watts: output, wattHours: readings.counterWattHours ?? null, most }
}
