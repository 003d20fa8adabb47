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

/** Bytes of hex that was checked before, or that this program wrote. */
export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  )
}
