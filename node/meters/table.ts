import type { SourceType } from '../../protocol/index.ts'
import type { MeterKind } from './meter-kind.ts'
import { dcgmKind } from './dcgm/kind.ts'
import { froniusKind } from './fronius/kind.ts'
import { jetsonKind } from './jetson/kind.ts'
import { nvmlKind } from './nvml/kind.ts'
import { openadrKind } from './openadr/kind.ts'
import { p1Kind } from './p1/kind.ts'
import { raplKind } from './rapl/kind.ts'
import { receiptsKind } from './receipts/kind.ts'
import { sunspecKind } from './sunspec/kind.ts'
import { victronKind } from './victron/kind.ts'

/** Every way to measure. */
export const meterKinds: readonly MeterKind[] = [
  sunspecKind,
  froniusKind,
  victronKind,
  nvmlKind,
  dcgmKind,
  raplKind,
  jetsonKind,
  p1Kind,
  openadrKind,
  receiptsKind,
]

/** The types of source that can be measured, sorted. */
export const measuredTypes: readonly SourceType[] = [
  ...new Set(meterKinds.flatMap(({ types }) => types)),
].toSorted()

/** The ways to measure a type of source. */
export function kindsFor(type: SourceType): readonly MeterKind[] {
  return meterKinds.filter(({ types }) => types.includes(type))
}
