import { ByteCursor } from './byte-cursor.ts'
import { crc32c, unmaskCrc32c } from './crc32c.ts'
import { tableIndexBytesMax } from './limits.ts'
import { unsnap } from './snappy.ts'

/** Where a block lies in its file; behind it come its kind (a byte) and its masked CRC-32C. */
type Handle = { readonly offset: number; readonly size: number }

const footerBytes = 48
const trailerBytes = 5
const magic = 0xdb4775248b80fb57n
const plain = 0
const snappy = 1

function handleFrom(cursor: ByteCursor): Handle | undefined {
  const offset = cursor.varint()
  const size = cursor.varint()
  return offset === undefined || size === undefined ? undefined : { offset, size }
}

/** Whether a block lies within the file and fits its checksum. */
function fits(file: Uint8Array, handle: Handle): boolean {
  const end = handle.offset + handle.size + trailerBytes
  if (end > file.length - footerBytes) return false
  const stored = new DataView(file.buffer, file.byteOffset + end - 4, 4).getUint32(0, true)
  return unmaskCrc32c(stored) === crc32c(file, handle.offset, end - 4)
}

/** The content of a block that fits its checksum. */
function contentOf(file: Uint8Array, { offset, size }: Handle): Uint8Array | undefined {
  const stored = file.subarray(offset, offset + size)
  const kind = file[offset + size]
  if (kind === plain) return stored
  return kind === snappy ? unsnap(stored, tableIndexBytesMax) : undefined
}

/** The handles that the entries of an index block have for values; undefined where malformed. */
function handlesIn(block: Uint8Array): Handle[] | undefined {
  if (block.length < 4) return undefined
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength)
  const restarts = view.getUint32(block.length - 4, true)
  const end = block.length - 4 - 4 * restarts
  if (end < 0) return undefined
  const cursor = new ByteCursor(block.subarray(0, end))
  const handles: Handle[] = []
  while (!cursor.done) {
    cursor.varint() // bytes shared with the key before
    const keyBytes = cursor.varint()
    const valueBytes = cursor.varint()
    if (keyBytes === undefined || valueBytes === undefined) return undefined
    if (cursor.slice(keyBytes) === undefined) return undefined
    const value = cursor.slice(valueBytes)
    const handle = value === undefined ? undefined : handleFrom(new ByteCursor(value))
    if (handle === undefined) return undefined
    handles.push(handle)
  }
  return handles
}

/**
 * Checks every block of one of LevelDB's tables (`doc/table_format`) against its checksum: data,
 * filter and both indexes. LevelDB as packaged does not, and serves wrong or no values instead.
 */
export function tableIsIntact(file: Uint8Array): boolean {
  if (file.length < footerBytes) return false
  const footer = file.subarray(file.length - footerBytes)
  const view = new DataView(footer.buffer, footer.byteOffset, footerBytes)
  if (view.getBigUint64(footerBytes - 8, true) !== magic) return false
  const cursor = new ByteCursor(footer)
  const roots = [handleFrom(cursor), handleFrom(cursor)]
  for (const root of roots) {
    if (root === undefined || !fits(file, root)) return false
    const content = contentOf(file, root)
    const handles = content === undefined ? undefined : handlesIn(content)
    if (handles === undefined || !handles.every((handle) => fits(file, handle))) return false
  }
  return true
}
