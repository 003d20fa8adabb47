import type { Store, StoreWrite } from '../../../src/index.ts'

/** Keys that the batches go round: what is stored stays small, and is replaced again and again. */
const ringKeys = 120
/** Set by each batch to its number, so that a part of a batch would show. */
const newestKey = 'newest'

/** Key of the ring that the batch of a number sets. */
const ringKey = (number: number): string => `ring/${String(number % ringKeys).padStart(4, '0')}`

/** Bytes that tell the number of their batch over and over, up to 48 KiB. */
function valueOf(number: number): Uint8Array {
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

/** What is wrong with what a store holds; undefined where it is a beginning of what was written. */
export async function wrongIn(store: Store, answered: number): Promise<string | undefined> {
  const stored = await store.get(newestKey)
  const newest = stored === undefined ? 0 : Number(Buffer.from(stored).toString())
  if (newest < answered) return `holds ${newest} batches, though ${answered} were answered`
  const numbers = Array.from({ length: Math.min(newest, ringKeys) }, (_, back) => newest - back)
  const values = await store.getMany(numbers.map(ringKey))
  const wrong = numbers.find((number, index) => {
    const value = values[index]
    return value === undefined || Buffer.compare(value, valueOf(number)) !== 0
  })
  return wrong === undefined ? undefined : `holds batch ${newest}, but not batch ${wrong}`
}
