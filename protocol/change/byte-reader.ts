import { hexOf } from './hex.ts'

/** The bytes are not of the form that is read. Thrown by `ByteReader`, caught by `decoded`. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

/** What reading came to: a value, or in words why there is none. */
export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string }

// Without ignoreBOM a leading U+FEFF would vanish, and two byte strings would read as one text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Up to here a loop of our own is faster than a call of TextDecoder. */
const shortTextBytes = 24

// Short texts read last, by their bytes: the names of fields and kinds come again and again, and
// making a string of one costs more than comparing it.
const knownTexts: string[] = Array.from({ length: 1_024 }, () => '')

const isSpelled = (text: string, bytes: Uint8Array, start: number): boolean => {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) !== bytes[start + at]) return false
  }
  return true
}

/** Up to here adding characters one by one is faster than a call of TextDecoder. */
const spelledBytes = 8

/** The text of bytes that are ASCII. */
const spelled = (bytes: Uint8Array, start: number, end: number): string => {
  if (end - start > spelledBytes) return decoder.decode(bytes.subarray(start, end))
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!)
  return text
}

/** The text of a few bytes; undefined where they are more than ASCII. */
const shortText = (bytes: Uint8Array, start: number, end: number): string | undefined => {
  let place = end - start
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte > 127) return undefined
    place = (Math.imul(place, 31) + byte) & (knownTexts.length - 1)
  }
  const known = knownTexts[place]!
  if (known.length === end - start && isSpelled(known, bytes, start)) return known
  const text = spelled(bytes, start, end)
  knownTexts[place] = text
  return text
}

/** Reads `bytes` from `start` to `end`. Every method throws `Malformed`: use it in `decoded`. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #position: number

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes
    this.#position = start
    this.#end = end
  }

  /** Where in the bytes the next read begins. */
  get position(): number {
    return this.#position
  }

  /** Bytes left to read. */
  get remaining(): number {
    return this.#end - this.#position
  }

  #advance(countBytes: number): number {
    const start = this.#position
    if (countBytes > this.#end - start) throw new Malformed('bytes end too early')
    this.#position = start + countBytes
    return start
  }

  /** One byte. */
  byte(): number {
    return this.#bytes[this.#advance(1)]!
  }

  /** Unsigned LEB128 up to `max`, at most 2^53 - 1, refused when longer than need be. */
  unsigned(max: number = Number.MAX_SAFE_INTEGER): number {
    let value = 0
    let weight = 1
    // Eight bytes hold 56 bits. Sums beyond 2^53 may round, but none back below it.
    for (let count = 0; count < 8; count++) {
      const byte = this.byte()
      value += (byte & 127) * weight
      weight *= 128
      if (byte > 127) continue
      if (byte === 0 && count > 0) throw new Malformed('number longer than need be')
      if (value > max) throw new Malformed('number too large')
      return value
    }
    throw new Malformed('number too long')
  }

  /** Signed LEB128 from -(2^53 - 1) to 2^53 - 1, refused when longer than need be. */
  signed(): number {
    let value = 0
    let weight = 1
    let previous = 0
    for (let count = 0; count < 8; count++) {
      const byte = this.byte()
      if (byte < 128) {
        const high = byte < 64 ? byte : byte - 128
        const filler = previous & 64 ? -1 : 0
        if (count > 0 && high === filler) throw new Malformed('number longer than need be')
        value += high * weight
        if (!Number.isSafeInteger(value)) throw new Malformed('number too large')
        return value
      }
      value += (byte & 127) * weight
      weight *= 128
      previous = byte
    }
    throw new Malformed('number too long')
  }

  /** So many bytes as they are: a view of what is read, to be copied by whoever keeps it. */
  raw(countBytes: number): Uint8Array {
    const start = this.#advance(countBytes)
    return this.#bytes.subarray(start, this.#position)
  }

  /** Bytes after their length of at most `maxBytes`: a view, as of `raw`. */
  prefixed(maxBytes: number): Uint8Array {
    return this.raw(this.unsigned(maxBytes))
  }

  /** So many bytes as lower-case hex digits. */
  hex(countBytes: number): string {
    return hexOf(this.raw(countBytes))
  }

  /** So many bytes of valid UTF-8. */
  utf8(countBytes: number): string {
    const start = this.#advance(countBytes)
    if (countBytes <= shortTextBytes) {
      const text = shortText(this.#bytes, start, this.#position)
      if (text !== undefined) return text
    }
    try {
      return decoder.decode(this.#bytes.subarray(start, this.#position))
    } catch {
      throw new Malformed('text is not UTF-8')
    }
  }

  /** Text after its length of at most `maxBytes`. */
  text(maxBytes: number): string {
    return this.utf8(this.unsigned(maxBytes))
  }

  /** A reader of the next so many bytes, which this one passes over. */
  part(countBytes: number): ByteReader {
    const start = this.#advance(countBytes)
    return new ByteReader(this.#bytes, start, this.#position)
  }

  /** Refuses bytes that are left over. */
  finish(): void {
    if (this.remaining !== 0) throw new Malformed('bytes left over')
  }
}

/** Makes a result of what `read` does: `Malformed` becomes a message, a bug stays an exception. */
export const decoded = <Value>(read: () => Value): Decoded<Value> => {
  try {
    return { ok: true, value: read() }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, message: error.message }
    throw error
  }
}
