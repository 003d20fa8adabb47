/** Polynomial 0x8005, least significant bit first. */
const polynomial = 0xa001

/**
 * CRC-16/ARC of bytes, as P1 telegrams carry it: nothing to begin with, nothing inverted. Source:
 * P1 Companion Standard 5.0.2, section 5.2.
 */
export function crc16Arc(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ polynomial
  }
  return crc
}
