import type { SourceType } from '../../protocol/index.ts'
import type { MeterKind } from './meter-kind.ts'
import { sunspecKind } from './sunspec/kind.ts'

/** Every way to measure. */
export const meterKinds: readonly MeterKind[] = [sunspecKind]

/** The types of source that can be measured, sorted. */
export const measuredTypes: readonly SourceType[] = [
  ...new Set(meterKinds.flatMap(({ types }) => types)),
].toSorted()

/** The ways to measure a type of source. */
export function kindsFor(type: SourceType): readonly MeterKind[] {
  return meterKinds.filter(({ types }) => types.includes(type))
}
