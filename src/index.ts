/** The one door of the replica ring. */
export type { CosignPolicy } from './cosign.ts'
export { EventLog, type NodeEvent } from './events.ts'
export { Failure } from './failure.ts'
export { createMemoryDisk, createMemoryStore, type MemoryDisk } from './memory-store.ts'
export type * from './ports.ts'
export { headIntervalMs, syncIntervalMs } from './limits.ts'
export {
  Replica,
  type Founding,
  type HeadView,
  type ReplicaParts,
  type Timing,
} from './replica.ts'
export { assertStoreKey } from './store-key.ts'
export type { BackingView } from './view/backing.ts'
export type { RecordView } from './view/records.ts'
export type { SocietyView } from './view/society.ts'
export type { TradesView } from './view/trades.ts'
export { writableKinds } from './write/resolve.ts'
