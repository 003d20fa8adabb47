import { ByteCursor } from './byte-cursor.ts'
import type { Operation } from './commit-queue.ts'

const headerBytes = 12
const countAt = 8
const deletion = 0
const put = 1

/**
 * The operations of a record of LevelDB's log (`db/write_batch.cc`: sequence in 8 bytes, count in
 * 4, then the operations); undefined where it is no batch.
 */
export function operationsOf(record: Uint8Array): readonly Operation[] | undefined {
  if (record.length < headerBytes) return undefined
  const count = new DataView(record.buffer, record.byteOffset).getUint32(countAt, true)
  const cursor = new ByteCursor(record, headerBytes)
  const operations: Operation[] = []
  while (!cursor.done) {
    const type = cursor.byte()
    const key = cursor.prefixed()
    const value = type === put ? cursor.prefixed() : undefined
    if (key === undefined || (type === put ? value === undefined : type !== deletion)) {
      return undefined
    }
    operations.push({ key: Buffer.from(key).toString('utf8'), value })
  }
  return operations.length === count ? operations : undefined
}
