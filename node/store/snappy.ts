import { ByteCursor } from './byte-cursor.ts'

/** Length of a literal whose tag is `tag`: in the tag, or in the one to four bytes behind it. */
function literalLength(tag: number, input: ByteCursor): number | undefined {
  const short = tag >>> 2
  if (short < 60) return short + 1
  const bytes = input.slice(short - 59)
  return bytes && bytes.reduceRight((length, byte) => length * 256 + byte, 0) + 1
}

/** Length and distance of a copy whose tag is `tag`. */
function copyOf(tag: number, input: ByteCursor): readonly [length: number, distance: number] {
  if ((tag & 3) === 1) return [4 + ((tag >>> 2) & 7), (tag >>> 5) * 256 + (input.byte() ?? 0)]
  const bytes = input.slice((tag & 3) === 2 ? 2 : 4)
  return [(tag >>> 2) + 1, bytes?.reduceRight((distance, byte) => distance * 256 + byte, 0) ?? 0]
}

/**
 * Decompresses a block of the Snappy format (`format_description.txt` of Snappy), as LevelDB
 * compresses its tables. Undefined where it is malformed or longer than `bytesMax`.
 */
export function unsnap(compressed: Uint8Array, bytesMax: number): Uint8Array | undefined {
  const input = new ByteCursor(compressed)
  const length = input.varint()
  if (length === undefined || length > bytesMax) return undefined
  const output = new Uint8Array(length)
  let at = 0
  while (!input.done) {
    const tag = input.byte()!
    if ((tag & 3) === 0) {
      const size = literalLength(tag, input)
      const literal = size === undefined ? undefined : input.slice(size)
      if (literal === undefined || at + literal.length > length) return undefined
      output.set(literal, at)
      at += literal.length
      continue
    }
    const [size, distance] = copyOf(tag, input)
    if (distance === 0 || distance > at || at + size > length) return undefined
    // Byte by byte, for a copy may overlap what it writes.
    for (const end = at + size; at < end; at += 1) output[at] = output[at - distance]!
  }
  return at === length ? output : undefined
}
