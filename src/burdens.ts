import type { EventLog } from './events.ts'
import type { Heads } from './heads.ts'
import type { Ledger } from './ledger/ledger.ts'
import {
  eventsKeptMax,
  factsCachedMax,
  guestsMax,
  pipelineJobsMax,
  waitingBytesMax,
  waitingFramesMax,
} from './limits.ts'

/** Something that a node keeps in memory because of what others send, and the most of it. */
export type Burden = { readonly what: string; readonly size: number; readonly max: number }

/** A society has two documents. */
const documentsEach = 2

/** What a node keeps that others could make grow. Costs the same however much that is. */
export function burdensOf(
  { load, index, held, forks }: Ledger,
  heads: Heads,
  events: EventLog,
  /** Societies that are no guests who make room: members, and whom their records name. */
  stay: number,
): readonly Burden[] {
  const documents = documentsEach * (held.trustCount + guestsMax)
  return [
    { what: 'jobs', size: load.jobs, max: pipelineJobsMax },
    { what: 'frames that wait', size: load.waiting, max: waitingFramesMax },
    { what: 'bytes of frames that wait', size: load.waitingBytes, max: waitingBytesMax },
    { what: 'facts', size: index.cached, max: factsCachedMax },
    { what: 'events', size: events.kept, max: eventsKeptMax },
    { what: 'trust documents', size: held.trustCount, max: stay + guestsMax },
    { what: 'signed heads', size: heads.kept, max: documents },
    { what: 'ended documents', size: forks.count, max: documents },
  ]
}
