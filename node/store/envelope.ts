import { crc32 } from 'node:zlib'
import { Failure } from '../../src/index.ts'

// Bytes in front of a stored value: CRC-32 of its key, a zero byte and the value, big endian.
const envelopeBytes = 4

function checksum(key: string, value: Uint8Array): number {
  // The zero byte keeps a byte that moved from key to value from fitting.
  return crc32(value, crc32(`${key}\0`))
}

/** Wraps a value for the disk; copies it. */
export function wrap(key: string, value: Uint8Array): Uint8Array {
  // From Node's pool, for memory of its own costs more than all the rest: LevelDB copies it anyway.
  const wrapped = Buffer.allocUnsafe(envelopeBytes + value.length)
  wrapped.set(value, envelopeBytes)
  wrapped.writeUInt32BE(checksum(key, value))
  return wrapped
}

/** The part of the store a key belongs to: its text before the first slash. */
export function partOfKey(key: string): string {
  return key.split('/', 1)[0]!
}

/** Takes a value out of its envelope, without a copy. One that does not fit: `store-damaged`. */
export function unwrap(key: string, wrapped: Uint8Array): Uint8Array {
  const view = new DataView(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength)
  const value = new Uint8Array(
    wrapped.buffer,
    wrapped.byteOffset + Math.min(envelopeBytes, wrapped.length),
    Math.max(0, wrapped.length - envelopeBytes),
  )
  if (wrapped.length < envelopeBytes || view.getUint32(0) !== checksum(key, value)) {
    throw new Failure(
      'store-damaged',
      `In the part '${partOfKey(key)}' of the store, ` +
        `the value of '${key}' does not fit its checksum.`,
    )
  }
  return value
}
