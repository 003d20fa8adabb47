import { ByteCursor } from './byte-cursor.ts'
import { unwrap, wrap } from './envelope.ts'

/**
 * Key of the sentinel: every batch sets it first, to the batch's number from 1. So a database that
 * holds it is ours, and its value tells whether the newest batches are there. It sorts before
 * every key that a store takes.
 */
export const counterKey = '\0batch'

const batchHeaderBytes = 12
const put = 1

/** The sentinel's stored value for the batch of this number. */
export function counterValue(batch: number): Uint8Array {
  return wrap(counterKey, Buffer.from(String(batch), 'ascii'))
}

/** The batch number in a stored sentinel; one that does not fit its checksum: `store-damaged`. */
export function batchOf(stored: Uint8Array): number {
  return Number(Buffer.from(unwrap(counterKey, stored)).toString('ascii'))
}

/**
 * The number of a batch as LevelDB's log has it (`db/write_batch.cc`: sequence and count in 12
 * bytes, then the operations); undefined where it is no batch of ours.
 */
export function batchOfLogRecord(payload: Uint8Array): number | undefined {
  const cursor = new ByteCursor(payload, batchHeaderBytes)
  if (cursor.byte() !== put) return undefined
  const key = cursor.prefixed()
  const value = cursor.prefixed()
  if (key === undefined || value === undefined) return undefined
  return Buffer.from(key).toString('latin1') === counterKey ? batchOf(value) : undefined
}
