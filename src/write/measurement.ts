import type { Measurement } from '../ports.ts'

/** What `energy.prove` is given for a measurement; `digest` is the transcript's SHA-256 in hex. */
export function proofOfMeasurement(
  measurement: Measurement,
  digest: string,
): Readonly<Record<string, unknown>> {
  const { source, fields, measuredAt, method, simulated } = measurement
  return { ...fields, source, measuredAt, method, simulated, assurance: 1, evidence: digest }
}
