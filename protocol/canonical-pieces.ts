import { canonicalJson, parseCanonicalJson } from './canonical.ts'
import { Malformed } from './change/byte-reader.ts'

/**
 * The text of `canonicalJson` in pieces, for values too large to be written at a stretch: what lies
 * below so many levels of objects, arrays and maps is a piece each.
 */
export function* canonicalPieces(value: unknown, levels: number): Generator<string, void> {
  if (levels === 0 || typeof value !== 'object' || value === null) {
    yield canonicalJson(value)
    return
  }
  let separator = ''
  if (value instanceof Map) {
    yield '{"$map":['
    for (const [key, entry] of value as Map<string, unknown>) {
      yield `${separator}[${canonicalJson(key)},${canonicalJson(entry)}]`
      separator = ','
    }
    yield ']}'
    return
  }
  if (Array.isArray(value)) {
    yield '['
    for (const entry of value as unknown[]) {
      yield separator
      yield* canonicalPieces(entry, levels - 1)
      separator = ','
    }
    yield ']'
    return
  }
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  yield '{'
  for (const [key, entry] of entries) {
    yield `${separator}${JSON.stringify(key)}:`
    yield* canonicalPieces(entry, levels - 1)
    separator = ','
  }
  yield '}'
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]
const mapStart = new TextEncoder().encode('{"$map":[')

/** Reads canonical JSON from its bytes piece by piece; yields how many it has read since. */
class PieceReader {
  readonly #bytes: Uint8Array
  readonly #decoder: TextDecoder = new TextDecoder()
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  *value(levels: number): Generator<number, unknown> {
    const first = this.#bytes[this.#at]
    if (levels > 0 && mapStart.every((byte, i) => this.#bytes[this.#at + i] === byte)) {
      return yield* this.#map()
    }
    if (levels > 0 && first === openBracket) return yield* this.#array(levels)
    if (levels > 0 && first === openBrace) return yield* this.#object(levels)
    const from = this.#at
    const value = this.#whole()
    yield this.#at - from
    return value
  }

  /** Nothing but the value was there. */
  finish(): void {
    if (this.#at !== this.#bytes.length) throw new Malformed('bytes after the value')
  }

  *#map(): Generator<number, Map<string, unknown>> {
    const map = new Map<string, unknown>()
    this.#at += mapStart.length
    while (!this.#takes(closeBracket)) {
      if (map.size > 0) this.#take(comma)
      const from = this.#at
      const [key, entry] = this.#whole() as [string, unknown]
      map.set(key, entry)
      yield this.#at - from
    }
    this.#take(closeBrace)
    return map
  }

  *#array(levels: number): Generator<number, unknown[]> {
    const array: unknown[] = []
    this.#take(openBracket)
    while (!this.#takes(closeBracket)) {
      if (array.length > 0) this.#take(comma)
      array.push(yield* this.value(levels - 1))
    }
    return array
  }

  *#object(levels: number): Generator<number, unknown> {
    const entries: [string, unknown][] = []
    this.#take(openBrace)
    while (!this.#takes(closeBrace)) {
      if (entries.length > 0) this.#take(comma)
      const key = this.#whole() as string
      this.#take(colon)
      entries.push([key, yield* this.value(levels - 1)])
    }
    return Object.fromEntries(entries)
  }

  #takes(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false
    this.#at += 1
    return true
  }

  #take(byte: number): void {
    if (!this.#takes(byte)) throw new Malformed('no canonical JSON')
  }

  #whole(): unknown {
    const end = this.#end()
    const text = this.#decoder.decode(this.#bytes.subarray(this.#at, end))
    if (text === '') throw new Malformed('no canonical JSON')
    this.#at = end
    return text.includes('"$map"') ? parseCanonicalJson(text) : JSON.parse(text)
  }

  /** Where the value that begins here ends. */
  #end(): number {
    const bytes = this.#bytes
    let depth = 0
    let isText = false
    for (let i = this.#at; i < bytes.length; i++) {
      const byte = bytes[i]
      if (isText) {
        if (byte === backslash) i += 1
        else if (byte === quote) isText = false
        if (!isText && depth === 0) return i + 1
      } else if (byte === quote) isText = true
      else if (byte === openBrace || byte === openBracket) depth += 1
      else if (byte === closeBrace || byte === closeBracket) {
        if (depth === 0) return i
        depth -= 1
        if (depth === 0) return i + 1
      } else if (depth === 0 && (byte === comma || byte === colon)) return i
    }
    return bytes.length
  }
}

/**
 * The inverse of `canonicalPieces`, from its bytes: yields how many bytes were read since, so that
 * others can have their turn. Throws where it is no canonical JSON.
 */
export function* parsePieces(bytes: Uint8Array, levels: number): Generator<number, unknown> {
  const reader = new PieceReader(bytes)
  const value = yield* reader.value(levels)
  reader.finish()
  return value
}
