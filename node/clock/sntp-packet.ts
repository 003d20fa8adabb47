import { Failure } from '../../src/index.ts'

/** What a time server says of its clock. Times in ms since 1970. */
export type SntpAnswer = {
  /** When the question reached it. */
  readonly receivedAt: number
  /** When its answer left. */
  readonly sentAt: number
  /** How far its clock may be off, in ms, by its own word and that of all above it. */
  readonly errorMs: number
}

/** Bytes of a question or answer without extensions. */
const sntpBytes = 48
/** Bytes of the mark by which an answer is known. */
export const sntpMarkBytes = 8

const clientOfVersion4 = 0x23
const serverMode = 4
const unsynchronised = 3
const stratumMax = 15
const originOffset = 24
const receivedOffset = 32
const sentOffset = 40
const secondsFrom1900To1970 = 2_208_988_800
/** From the year 2036 on seconds count anew: a first bit of 0 is of then. */
const eraSeconds = 2 ** 32

/**
 * A question, by RFC 4330. In the place of the time at which it left it has a mark that nobody can
 * guess: the answer repeats it, and nothing of this machine's clock is told.
 */
export function encodeQuestion(mark: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(sntpBytes)
  bytes[0] = clientOfVersion4
  bytes.set(mark, sentOffset)
  return bytes
}

function timeAt(view: DataView, offset: number): number {
  const seconds = view.getUint32(offset)
  const era = seconds >= eraSeconds / 2 ? 0 : eraSeconds
  return (
    (seconds + era - secondsFrom1900To1970) * 1_000 + view.getUint32(offset + 4) / 4_294_967.296
  )
}

/** A span in seconds with 16 bits behind the point, in ms. */
const spanAt = (view: DataView, offset: number): number => view.getUint32(offset) / 65.536

function refuse(message: string): never {
  throw new Failure('source-nonsense', `the time server ${message}`)
}

/** Whether bytes answer the question with this mark; anybody may send others. */
export function isAnswerTo(mark: Uint8Array, bytes: Uint8Array): boolean {
  return bytes.length >= sntpBytes && mark.every((byte, i) => bytes[originOffset + i] === byte)
}

/** Reads an answer. Fails with `source-nonsense`, saying why it tells no time. */
export function decodeAnswer(bytes: Uint8Array): SntpAnswer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = view.getUint8(0)
  if ((first & 7) !== serverMode) return refuse('does not answer as a server')
  const stratum = view.getUint8(1)
  if (stratum === 0) {
    const why = String.fromCharCode(...bytes.subarray(12, 16)).replace(/[^A-Z]/g, '')
    return refuse(`sends us away${why === '' ? '' : ` (${why})`}`)
  }
  if (first >> 6 === unsynchronised || stratum > stratumMax) return refuse('knows no time itself')
  if (view.getBigUint64(sentOffset) === 0n) return refuse('tells no time')
  return {
    receivedAt: timeAt(view, receivedOffset),
    sentAt: timeAt(view, sentOffset),
    errorMs: spanAt(view, 4) / 2 + spanAt(view, 8),
  }
}
