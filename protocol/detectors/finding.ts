import { millionths } from '../amounts.ts'
import type { RecordId, SocietyKey } from '../identity.ts'
import type { History } from './history.ts'

/** What a detector is called by. */
export type DetectorName =
  | 'uneven-honesty'
  | 'collusion'
  | 'wash-trading'
  | 'reputation-washing'
  | 'cyclic-vouching'
  | 'isolated-cluster'
  | 'capacity-splitting'
  | 'identity-recycling'

/** What a detector found about a society. */
export type Finding = {
  readonly name: DetectorName
  /** Millionths, above 0. */
  readonly severity: number
  /** Records that show it, at most `evidenceMax`. */
  readonly evidence: readonly RecordId[]
}

/** Looks at one society's history up to an instant. Pure: the same history gives the same. */
export type Detector = (history: History, society: SocietyKey, now: number) => readonly Finding[]

/** Records that a finding names at most. */
export const evidenceMax = 16

/** A finding with its evidence cut to size, without repetition. */
export function finding(
  name: DetectorName,
  severity: number,
  evidence: readonly RecordId[],
): readonly Finding[] {
  const records = [...new Set(evidence)].slice(0, evidenceMax)
  return [{ name, severity: Math.min(millionths, severity), evidence: records }]
}

/** numerator / denominator in millionths, rounded down and at most 1; both exact integers >= 0. */
export function share(numerator: number, denominator: number): number {
  if (denominator === 0) return 0
  const exact = (BigInt(numerator) * BigInt(millionths)) / BigInt(denominator)
  return exact > BigInt(millionths) ? millionths : Number(exact)
}
