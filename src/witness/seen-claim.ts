import type { Source } from '../../protocol/index.ts'
import type { Measurement, ProofClaim, Sample } from '../ports.ts'
import type { Claim } from './judge.ts'

function wattsIn({ fields }: Measurement, name: string): number | null {
  const value = fields[name] === undefined ? Number.NaN : Number(fields[name])
  return Number.isFinite(value) ? value : null
}

/**
 * What a witness saw, for whoever knows what physics allows: as if it proved the source itself, at
 * the site of the proof and after what the claimant's own transcript shows.
 */
export function claimSeen(
  measurement: Measurement,
  claim: Claim,
  site: Source['site'],
): ProofClaim {
  const { source, measuredAt, fields, readings = {} } = measurement
  const { model } = fields
  const rated = wattsIn(measurement, 'rated')
  const tdp = wattsIn(measurement, 'tdp')
  const dischargeRate = wattsIn(measurement, 'dischargeRate')
  const before: Sample = {
    at: claim.measuredAt,
    watts: null,
    wattHours: claim.countedWattHours ?? null,
    most: rated ?? tdp ?? dischargeRate,
  }
  return {
    source,
    type: claim.type,
    measuredAt,
    site: site && { latitude: site.latitude / 10, longitude: site.longitude / 10 },
    rated,
    output: wattsIn(measurement, 'output'),
    tdp,
    model: typeof model === 'string' ? model : null,
    allocated: wattsIn(measurement, 'allocated'),
    dischargeRate,
    stored: wattsIn(measurement, 'stored'),
    readings,
    history: [before],
  }
}
