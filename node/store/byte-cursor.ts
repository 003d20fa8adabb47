/** Reads little-endian numbers and slices from bytes; reading past the end gives `undefined`. */
export class ByteCursor {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  /** Index of the next byte. */
  get at(): number {
    return this.#at
  }

  /** Whether every byte has been read. */
  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** The next byte. */
  byte(): number | undefined {
    return this.#bytes[this.#at++]
  }

  /** The next `length` bytes, without a copy. */
  slice(length: number): Uint8Array | undefined {
    const end = this.#at + length
    if (end > this.#bytes.length) return undefined
    const slice = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return slice
  }

  /** A base-128 number of at most 2^53 - 1, lowest group first. */
  varint(): number | undefined {
    let value = 0
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.byte()
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : undefined
    }
    return undefined
  }

  /** Bytes with their length in front. */
  prefixed(): Uint8Array | undefined {
    const length = this.varint()
    return length === undefined ? undefined : this.slice(length)
  }
}
