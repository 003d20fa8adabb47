const polynomial = 0x82f63b78
// Eight tables of 256: eight bytes a step, about 1.7 GB/s where one byte a step makes 0.5.
const tables = new Int32Array(8 * 256)
for (let byte = 0; byte < 256; byte += 1) {
  let remainder = byte
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1
  }
  tables[byte] = remainder
}
for (let index = 256; index < tables.length; index += 1) {
  const before = tables[index - 256]!
  tables[index] = (before >>> 8) ^ tables[before & 0xff]!
}

/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes` from `start` to `end`, as in LevelDB's
 * files; an unsigned 32-bit integer. Node's zlib has only the other polynomial.
 */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let sum = -1
  let at = start
  for (const last = end - 7; at < last; at += 8) {
    sum ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    sum =
      tables[1792 + (sum & 0xff)]! ^
      tables[1536 + ((sum >>> 8) & 0xff)]! ^
      tables[1280 + ((sum >>> 16) & 0xff)]! ^
      tables[1024 + (sum >>> 24)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!
  }
  for (; at < end; at += 1) {
    sum = (sum >>> 8) ^ tables[(sum ^ bytes[at]!) & 0xff]!
  }
  return ~sum >>> 0
}

/** Undoes the mask that LevelDB puts on a stored CRC-32C (rotated right by 15, plus a constant). */
export function unmaskCrc32c(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}
