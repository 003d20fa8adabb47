import { crc16Arc } from './crc16-arc.ts'
import { telegramBytesMax } from './limits.ts'

const slash = 0x2f
const exclamation = 0x21
const lineFeed = 0x0a
/** A checksum of four digits and the end of its line. */
const tailBytes = 6

/** Carriage return, line feed, and the 02 that the idents of some meters hold. */
const controls: ReadonlySet<number> = new Set([0x0d, lineFeed, 0x02])

/** Whether a byte may stand in a telegram: printable ASCII and some controls. */
const isFair = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || controls.has(byte)

/** What became of the bytes between two telegrams' beginnings. */
export type Framed =
  /** Its checksum fits; text from `/` to the checksum. */
  | { readonly kind: 'telegram'; readonly text: string }
  /** It is cut, garbled, too long or has no checksum. */
  | { readonly kind: 'broken'; readonly why: 'checksum' | 'no-checksum' | 'cut' | 'characters' }

/**
 * Cuts telegrams out of a stream of bytes that begins and ends anywhere. Invariants: 1. what is
 * kept is nothing, or begins with the `/` of a telegram whose end has not come; 2. it is never
 * longer than a telegram may be.
 */
export class Framer {
  #kept: Buffer = Buffer.alloc(0)

  /** Whether a telegram has begun and not ended. */
  get within(): boolean {
    return this.#kept.length > 0
  }

  /** Takes what came and gives what it ended, oldest first. */
  push(bytes: Uint8Array): readonly Framed[] {
    this.#kept = Buffer.concat([this.#kept, bytes])
    const framed: Framed[] = []
    for (let next = this.#next(); next !== undefined; next = this.#next()) framed.push(next)
    return framed
  }

  #next(): Framed | undefined {
    const start = this.#kept.indexOf(slash)
    this.#kept = start < 0 ? Buffer.alloc(0) : this.#kept.subarray(start)
    const again = this.#beginning()
    const end = this.#kept.indexOf(exclamation)
    if (again > 0 && (end < 0 || again < end)) {
      this.#kept = this.#kept.subarray(again)
      return { kind: 'broken', why: 'cut' }
    }
    const lineEnd = end < 0 ? -1 : this.#kept.indexOf(lineFeed, end)
    const isComplete = end >= 0 && (lineEnd >= 0 || this.#kept.length > end + tailBytes)
    if (!isComplete) {
      if (this.#kept.length <= telegramBytesMax) return undefined
      this.#kept = this.#kept.subarray(1)
      return { kind: 'broken', why: 'cut' }
    }
    const after = lineEnd < 0 ? end + 1 : lineEnd + 1
    const telegram = this.#kept.subarray(0, after)
    this.#kept = this.#kept.subarray(after)
    return judge(telegram, end)
  }

  /** Where a line begins with `/` behind the first; 0 for nowhere. */
  #beginning(): number {
    const at = this.#kept.indexOf('\n/', 1, 'latin1')
    return at < 0 ? 0 : at + 1
  }
}

function judge(telegram: Buffer, end: number): Framed {
  if (telegram.length > telegramBytesMax) return { kind: 'broken', why: 'cut' }
  const text = telegram.toString('latin1')
  const checksum = text.slice(end + 1).trim()
  if (checksum === '') return { kind: 'broken', why: 'no-checksum' }
  // Some meters leave leading zeros out.
  const isChecksum = /^[0-9A-Fa-f]{1,4}$/.test(checksum)
  if (!isChecksum || Number.parseInt(checksum, 16) !== crc16Arc(telegram.subarray(0, end + 1))) {
    return { kind: 'broken', why: 'checksum' }
  }
  if (!telegram.every(isFair)) return { kind: 'broken', why: 'characters' }
  return { kind: 'telegram', text: text.trimEnd() }
}
