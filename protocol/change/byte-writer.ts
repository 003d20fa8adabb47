const encoder = new TextEncoder()

/** Up to here a loop of our own is faster than a call of TextEncoder. */
const shortTextLength = 24

const digitOf = (code: number): number => {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  if (code >= 0x61 && code <= 0x66) return code - 0x61 + 10
  throw new RangeError('not a lower-case hex digit')
}

/** Bytes that well-formed `text` takes in UTF-8. */
export const utf8Length = (text: string): number => {
  let length = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    // One more for each half of a surrogate pair makes the four bytes of its character.
    length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return length
}

/** Grows as it is written to. A value it cannot write is a bug of the caller: RangeError. */
export class ByteWriter {
  #bytes: Uint8Array
  #length = 0

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** Forgets what was written and keeps the memory. Views taken before will change. */
  clear(): void {
    this.#length = 0
  }

  /** What was written, without a copy: good until the next call of any other method. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** A copy of what was written. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(countBytes: number): void {
    const needed = this.#length + countBytes
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }

  /** One byte. */
  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  /** Unsigned LEB128 of an integer from 0 to 2^53 - 1, as short as it goes. */
  unsigned(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not an unsigned integer')
    this.#reserve(8)
    let rest = value
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** Signed LEB128 of an integer from -(2^53 - 1) to 2^53 - 1, as short as it goes. */
  signed(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError('not a safe integer')
    this.#reserve(8)
    let rest = value
    while (rest < -64 || rest > 63) {
      const low = ((rest % 128) + 128) % 128
      this.#bytes[this.#length++] = low | 128
      rest = (rest - low) / 128
    }
    this.#bytes[this.#length++] = rest & 127
  }

  /** The bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Length in bytes, then the bytes. */
  prefixed(bytes: Uint8Array): void {
    this.unsigned(bytes.length)
    this.raw(bytes)
  }

  /** The bytes that lower-case hex digits stand for. */
  hex(digits: string): void {
    this.#reserve(digits.length / 2)
    for (let at = 0; at < digits.length; at += 2) {
      const high = digitOf(digits.charCodeAt(at))
      this.#bytes[this.#length++] = high * 16 + digitOf(digits.charCodeAt(at + 1))
    }
  }

  /** Text in UTF-8 without its length. */
  utf8(text: string): void {
    this.#reserve(text.length * 3)
    if (text.length <= shortTextLength) {
      let at = 0
      for (; at < text.length; at++) {
        const unit = text.charCodeAt(at)
        if (unit > 127) break
        this.#bytes[this.#length + at] = unit
      }
      if (at === text.length) {
        this.#length += at
        return
      }
    }
    if (!text.isWellFormed()) throw new RangeError('text holds half of a surrogate pair')
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#length))
    this.#length += written
  }

  /** Length in bytes, then the text in UTF-8. */
  text(text: string): void {
    this.unsigned(utf8Length(text))
    this.utf8(text)
  }
}
