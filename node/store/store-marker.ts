import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { Failure } from '../../src/index.ts'
import { createFile, readTextFile } from './durable-file.ts'
import { markerBytesMax } from './limits.ts'
import { damaged } from './damage.ts'

// What this program reads and writes.
const storeFormat = 1

const markerSchema = Type.Object({ format: Type.Integer({ minimum: 1 }), created: Type.String() })

/**
 * Reads `store.json`: true where it says that there is a store of our format, false where there is
 * no such file. A newer format: `unsupported-version`; unreadable: `store-damaged`.
 */
export async function readStoreMarker(path: string): Promise<boolean> {
  const text = await readTextFile(path, markerBytesMax)
  if (text === undefined) return false
  let marker: unknown
  try {
    marker = JSON.parse(text)
  } catch {
    throw damaged(path, 'is not JSON')
  }
  if (!Value.Check(markerSchema, marker)) throw damaged(path, 'does not say its format')
  if (marker.format !== storeFormat) {
    throw new Failure(
      'unsupported-version',
      `${path} has format ${marker.format}; this program reads format ${storeFormat}.`,
    )
  }
  return true
}

/** Writes `store.json`, durably, once everything it speaks of is on disk. */
export async function writeStoreMarker(path: string): Promise<void> {
  const marker = { format: storeFormat, created: new Date().toISOString() }
  await createFile(path, `${JSON.stringify(marker)}\n`)
}
