import type { StoreWrite } from '../../../src/index.ts'

/** Keys that the batches go round: what is stored stays small, and is replaced again and again. */
export const ringKeys = 120
/** Set by each batch to its number, so that a part of a batch would show. */
export const newestKey = 'newest'

/** Key of the ring that the batch of a number sets. */
export const ringKey = (number: number): string =>
  `ring/${String(number % ringKeys).padStart(4, '0')}`

/** Bytes that tell the number of their batch over and over, up to 48 KiB. */
export function valueOf(number: number): Uint8Array {
  const unit = Buffer.from(`batch ${number} `)
  return new Uint8Array(Buffer.alloc(1 + ((number * 7_919) % 49_152), unit))
}

/** The batch of a number, from 1. */
export function batchOfNumber(number: number): StoreWrite[] {
  return [
    { key: ringKey(number), value: valueOf(number) },
    { key: newestKey, value: Buffer.from(String(number)) },
  ]
}

/** Whether a batch is written with a sync. */
export const isSynced = (number: number): boolean => number % 3 === 0
