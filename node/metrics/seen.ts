import type { CheckpointsView, HeadView, SocietyView } from '../../src/index.ts'
import type { Vitals } from '../api/vital-signs.ts'
import type { PeerDetails } from '../network/connections.ts'

/** What metrics are made of, as it stands when they are asked for. */
export type Seen = {
  readonly version: string
  readonly society: SocietyView
  readonly vitals: Vitals
  /** Whether the node signs, and how far its clock is off others, in ms; null where unknown. */
  readonly signs: boolean
  readonly peersOffsetMs: number | null
  readonly serversOffsetMs: number | null
  readonly peers: readonly PeerDetails[]
  readonly documents: readonly HeadView[]
  readonly checkpoints: CheckpointsView
  /** What the store takes on disk. */
  readonly storeBytes: number
  /** Wall clock, ms since 1970. */
  readonly now: number
  /** Sources whose renewal fails. */
  readonly renewalsFailing: number
}
