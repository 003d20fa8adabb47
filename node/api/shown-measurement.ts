import { createHash } from 'node:crypto'
import type { Measurement } from '../../src/index.ts'
import { effectiveCapacity } from './effective-capacity.ts'

/**
 * A measurement as its proof will have it: source and effective capacity in W first, then what is
 * signed. `evidence` is the SHA-256 of the transcript in hex.
 */
export function shownMeasurement(measurement: Measurement): Readonly<Record<string, unknown>> {
  const { source, fields, method, measuredAt, simulated, transcript } = measurement
  return {
    source,
    capacity: effectiveCapacity(measurement),
    ...fields,
    method,
    measuredAt: new Date(measuredAt).toISOString(),
    assurance: 1,
    simulated,
    evidence: createHash('sha256').update(transcript).digest('hex'),
  }
}
