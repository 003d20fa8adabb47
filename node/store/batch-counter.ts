import type { Operation } from './commit-queue.ts'
import { unwrap, wrap } from './envelope.ts'

/**
 * Key of the sentinel: every batch sets it first, to the batch's number from 1. So a database that
 * holds it is ours, and its value tells whether the newest batches are there. It sorts before
 * every key that a store takes.
 */
export const counterKey = '\0batch'

/** The sentinel's stored value for the batch of this number. */
export function counterValue(batch: number): Uint8Array {
  return wrap(counterKey, Buffer.from(String(batch), 'ascii'))
}

/** The batch number in a stored sentinel; one that does not fit its checksum: `store-damaged`. */
export function batchOf(stored: Uint8Array): number {
  return Number(Buffer.from(unwrap(counterKey, stored)).toString('ascii'))
}

/** The number of a batch by its operations; undefined where it is no batch of ours. */
export function batchOfOperations(operations: readonly Operation[]): number | undefined {
  const [first] = operations
  return first?.key === counterKey && first.value !== undefined ? batchOf(first.value) : undefined
}
