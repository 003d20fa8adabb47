import type { SourceType } from '../energy/source-id.ts'
import type { RecordId } from '../identity.ts'
import type { Left } from './outcomes.ts'

/** The newest claim of a source. Capacity in mW, energy in mWh, times in ms since 1970. */
export type Source = {
  readonly id: string
  readonly type: SourceType
  readonly proof: RecordId
  readonly capacity: number
  readonly measuredAt: number
  readonly staleAt: number
  readonly assurance: number
  readonly poweredBy: string | null
  readonly simulated: boolean
  readonly method: string
  /** SHA-256 of the transcript, 64 hex digits; null where there is none. */
  readonly evidence: string | null
  readonly site: { readonly latitude: number; readonly longitude: number } | null
  /** Time of the first proof since it was last free. */
  readonly claimedAt: number
  readonly retired: RecordId | null
  readonly retiredAt: number | null
  /** What an earlier holder charged on it and did not discharge before it gave it up. */
  readonly inherited: readonly Left[]
}
