import { ByteCursor } from './byte-cursor.ts'
import { readLog } from './leveldb-log.ts'

/** What a database's manifest says must be there. */
export type Manifest = {
  /** Numbers of the live tables. */
  readonly tables: ReadonlySet<number>
  /** Number of the oldest write-ahead log that is still needed; 0 before the first. */
  readonly log: number
}

type Draft = { readonly tables: Set<number>; log: number }

/** Applies one field of an edit; false where it is malformed. */
function applyField(tag: number, cursor: ByteCursor, draft: Draft): boolean {
  switch (tag) {
    case 1: // comparator
      return cursor.prefixed() !== undefined
    case 2: {
      const log = cursor.varint()
      if (log !== undefined) draft.log = log
      return log !== undefined
    }
    case 3: // next file number
    case 4: // last sequence
    case 9: // log number of long ago
      return cursor.varint() !== undefined
    case 5: // compaction pointer: level, key
      return cursor.varint() !== undefined && cursor.prefixed() !== undefined
    case 6: {
      const [level, table] = [cursor.varint(), cursor.varint()]
      if (table !== undefined) draft.tables.delete(table)
      return level !== undefined && table !== undefined
    }
    case 7: {
      const [level, table, bytes] = [cursor.varint(), cursor.varint(), cursor.varint()]
      if (table !== undefined && bytes !== undefined) draft.tables.add(table)
      const bounds = [cursor.prefixed(), cursor.prefixed()]
      return level !== undefined && bytes !== undefined && !bounds.includes(undefined)
    }
    default:
      return false
  }
}

/**
 * Reads LevelDB's manifest: a log of edits to the set of tables. Undefined where it is damaged; a
 * torn end is legal, for old files go only after the edit that drops them is synced, and so are
 * zeros up to the end: a file may have grown before a power cut, and its content not been written.
 */
export function readManifest(file: Uint8Array): Manifest | undefined {
  const draft: Draft = { tables: new Set(), log: 0 }
  let edits = 0
  for (const item of readLog(file)) {
    const isUnwritten =
      item.kind === 'bad' && file.subarray(item.offset).every((byte) => byte === 0)
    if (item.kind === 'torn' || isUnwritten) break
    if (item.kind !== 'record') return undefined
    const cursor = new ByteCursor(item.payload)
    while (!cursor.done) {
      const tag = cursor.varint()
      if (tag === undefined || !applyField(tag, cursor, draft)) return undefined
    }
    edits += 1
  }
  return edits > 0 ? draft : undefined
}
