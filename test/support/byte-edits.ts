import * as fc from 'fast-check'
import { bytesOf } from './chunk.ts'

/** A small change of some bytes; `where` and `from` are places as parts of the whole length. */
export type ByteEdit = {
  readonly kind: 'flip' | 'step' | 'set' | 'insert' | 'remove' | 'copy' | 'truncate'
  readonly where: number
  readonly from: number
  readonly bytes: Uint8Array
}

const places = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** Edits of every kind. */
export const byteEdits: fc.Arbitrary<ByteEdit> = fc.record({
  kind: fc.constantFrom('flip', 'step', 'set', 'insert', 'remove', 'copy', 'truncate'),
  where: places,
  from: places,
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
})

/** The bytes after an edit. */
export const editBytes = (bytes: Uint8Array, edit: ByteEdit): Uint8Array => {
  if (bytes.length === 0) return bytes
  const at = Math.floor(edit.where * bytes.length)
  const from = Math.floor(edit.from * bytes.length)
  const value = bytes[at]!
  const drawn = edit.bytes[0]!
  const count = edit.bytes.length
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (edit.kind) {
    case 'flip':
      return bytes.with(at, value ^ (1 << (drawn % 8)))
    case 'step':
      return bytes.with(at, value + (drawn % 2 === 0 ? 1 : -1))
    case 'set':
      return bytes.with(at, drawn)
    case 'insert':
      return bytesOf(before, edit.bytes, after)
    case 'remove':
      return bytesOf(before, after.subarray(count))
    case 'copy':
      return bytesOf(before, bytes.subarray(from, from + count), after.subarray(count))
    default:
      return before
  }
}
