const encoder = new TextEncoder()
const decoder = new TextDecoder()
const hexDigits = encoder.encode('0123456789abcdef')
// A typed array of more than 64 bytes costs as much to make as to fill.
const scratch = new Uint8Array(128)

/** Lower-case hex digits of bytes. */
export const hexOf = (bytes: Uint8Array): string => {
  const length = bytes.length * 2
  const digits = length <= scratch.length ? scratch : new Uint8Array(length)
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    digits[at * 2] = hexDigits[byte >> 4]!
    digits[at * 2 + 1] = hexDigits[byte & 15]!
  }
  return decoder.decode(digits.subarray(0, length))
}

// Values of characters as hex digits; 16 for those that are none.
const digitValues = new Uint8Array(128).fill(16)
for (const [value, code] of hexDigits.entries()) digitValues[code] = value

/** The bytes of lower-case hex digits. RangeError for anything else, a bug of the caller. */
export const bytesOfHex = (hex: string): Uint8Array => {
  const bytes = new Uint8Array(hex.length >>> 1)
  // Both digits of a byte are below 16 where their bits are: what is no digit has a higher one.
  let bits = 0
  for (let at = 0; at < bytes.length; at++) {
    const high = digitValues[hex.charCodeAt(2 * at)] ?? 16
    const low = digitValues[hex.charCodeAt(2 * at + 1)] ?? 16
    bits |= high | low
    bytes[at] = high * 16 + low
  }
  if (bits > 15 || hex.length % 2 === 1) throw new RangeError('not hex digits')
  return bytes
}
