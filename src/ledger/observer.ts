import type { Judged, Recorded, SocietyKey, TrustState } from '../../protocol/index.ts'
import type { StoreWrite } from '../ports.ts'

/**
 * Follows the records that become part of the documents held here, own and foreign, in the order
 * in which they do. What it returns is written in the same batch as the record, all or nothing, so
 * that an index of its own survives a restart without being made from all history again.
 */
export interface RecordObserver {
  consider(record: Judged): readonly StoreWrite[]
  /** A record is too old to be asked for: what is kept of it may be dropped. */
  forget?(record: Recorded): readonly StoreWrite[]
  /** A document of a society has ended earlier than it was held: its state was made anew. */
  cut?(society: SocietyKey): void
  /** A society is not held any more; this is what was held. */
  gone?(before: TrustState): void
}
