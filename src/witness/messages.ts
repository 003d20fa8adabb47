import {
  bytesOfHex,
  bytesOfKey,
  bytesOfRecordId,
  hexOf,
  keyOfBytes,
  recordIdOfBytes,
  valueBytesMax,
  type Draw,
  type RecordId,
} from '../../protocol/index.ts'
import { passBytesMax, receiptsAskedMax } from '../limits.ts'
import type { Measurement } from '../ports.ts'

/**
 * A question: draw the witnesses of a proof; look at its source; answer a witness's nonce; say
 * whether one stands by receipts that it was measured by; hand over what lets a witness ask a
 * server.
 */
export type WitnessQuestion =
  | { readonly type: 'draw'; readonly proof: RecordId }
  | {
      readonly type: 'look'
      readonly proof: RecordId
      readonly draw: Draw | null
      readonly transcript: Uint8Array
    }
  | { readonly type: 'again'; readonly proof: RecordId; readonly nonce: string }
  | {
      readonly type: 'stand'
      readonly proof: RecordId
      readonly nonce: string
      /** One to `receiptsAskedMax`. */
      readonly receipts: readonly RecordId[]
    }
  | { readonly type: 'pass'; readonly proof: RecordId }

const tags = { draw: 1, look: 2, again: 3, stand: 4, pass: 5 } as const
const idBytes = 34
const keyBytes = 32
const signatureBytes = 64
const nonceBytes = 16

function drawBytes(draw: Draw | null): Uint8Array {
  const bytes = new Uint8Array(keyBytes + signatureBytes)
  if (draw === null) return bytes
  bytes.set(bytesOfKey(draw.by))
  bytes.set(bytesOfHex(draw.signature), keyBytes)
  return bytes
}

/**
 * The bytes of a question: 1 to 5, and the proof (34 bytes). To look: who drew (32 bytes) and the
 * draw (64), zeros without one, then the transcript. To answer again: the nonce (16). To stand by
 * receipts: the nonce, then their ids (34 each).
 */
export function encodeWitnessQuestion(question: WitnessQuestion): Uint8Array {
  const head = [tags[question.type], ...bytesOfRecordId(question.proof)]
  switch (question.type) {
    case 'draw':
    case 'pass':
      return Uint8Array.from(head)
    case 'look':
      return Uint8Array.from([...head, ...drawBytes(question.draw), ...question.transcript])
    case 'again':
      return Uint8Array.from([...head, ...bytesOfHex(question.nonce)])
    case 'stand': {
      const ids = question.receipts.flatMap((receipt) => [...bytesOfRecordId(receipt)])
      return Uint8Array.from([...head, ...bytesOfHex(question.nonce), ...ids])
    }
  }
}

function readDraw(bytes: Uint8Array): Draw | null {
  if (bytes.every((byte) => byte === 0)) return null
  return { by: keyOfBytes(bytes.subarray(0, keyBytes)), signature: hexOf(bytes.subarray(keyBytes)) }
}

function readReceipts(bytes: Uint8Array): readonly RecordId[] | undefined {
  const count = bytes.length / idBytes
  if (!Number.isInteger(count) || count < 1 || count > receiptsAskedMax) return undefined
  return Array.from({ length: count }, (_, i) =>
    recordIdOfBytes(bytes.subarray(i * idBytes, (i + 1) * idBytes)),
  )
}

/** Reads a question; undefined for anything else. */
export function decodeWitnessQuestion(bytes: Uint8Array): WitnessQuestion | undefined {
  const rest = bytes.subarray(1 + idBytes)
  if (bytes.length < 1 + idBytes) return undefined
  const proof = recordIdOfBytes(bytes.subarray(1, 1 + idBytes))
  switch (bytes[0]) {
    case tags.draw:
      return rest.length === 0 ? { type: 'draw', proof } : undefined
    case tags.look: {
      const transcript = rest.slice(keyBytes + signatureBytes)
      if (transcript.length === 0 || transcript.length > valueBytesMax) return undefined
      const draw = readDraw(rest.subarray(0, keyBytes + signatureBytes))
      return { type: 'look', proof, draw, transcript }
    }
    case tags.again:
      return rest.length === nonceBytes ? { type: 'again', proof, nonce: hexOf(rest) } : undefined
    case tags.stand: {
      const receipts = readReceipts(rest.subarray(nonceBytes))
      const nonce = hexOf(rest.subarray(0, nonceBytes))
      return receipts === undefined ? undefined : { type: 'stand', proof, nonce, receipts }
    }
    case tags.pass:
      return rest.length === 0 ? { type: 'pass', proof } : undefined
    default:
      return undefined
  }
}

/** The bytes that answer whether one stands by receipts: 1 or 0 for each, then the signature. */
export function encodeStanding(said: readonly boolean[], signature: Uint8Array): Uint8Array {
  return Uint8Array.from([...said.map(Number), ...signature])
}

/** Reads such an answer about so many receipts; undefined for anything else. */
export function decodeStanding(
  bytes: Uint8Array,
  count: number,
): { readonly said: readonly boolean[]; readonly signature: Uint8Array } | undefined {
  if (bytes.length !== count + signatureBytes) return undefined
  const said = [...bytes.subarray(0, count)]
  if (said.some((each) => each > 1)) return undefined
  return { said: said.map((each) => each === 1), signature: bytes.slice(count) }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The bytes of a pass: itself in ASCII. */
export function encodePass(pass: string): Uint8Array {
  return encoder.encode(pass)
}

/** Reads a pass; undefined for anything else, or for more than `passBytesMax`. */
export function decodePass(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > passBytesMax) return undefined
  const pass = decoder.decode(bytes)
  return /^[!-~]+$/.test(pass) ? pass : undefined
}

/** The bytes of a measurement as a claimant's node answers a nonce with it: JSON. */
export function encodeMeasurement(measurement: Measurement): Uint8Array {
  const { source, fields, measuredAt, method, simulated, transcript } = measurement
  const text = decoder.decode(transcript)
  const told = { source, fields, measuredAt, method, simulated, transcript: text }
  return encoder.encode(JSON.stringify(told))
}

type Told = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is Told =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value)

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    return undefined
  }
}

/** Reads such an answer; undefined for anything else. */
export function decodeMeasurement(bytes: Uint8Array): Measurement | undefined {
  const told = parse(bytes)
  if (!isMap(told) || !isMap(told['fields'])) return undefined
  const { source, fields, measuredAt, method, simulated, transcript } = told
  const isWhole =
    typeof source === 'string' &&
    typeof measuredAt === 'number' &&
    typeof method === 'string' &&
    typeof simulated === 'boolean' &&
    typeof transcript === 'string' &&
    Object.values(fields).every(isPlain)
  if (!isWhole) return undefined
  return {
    source,
    fields: fields as Measurement['fields'],
    measuredAt,
    method,
    simulated,
    transcript: encoder.encode(transcript),
  }
}

/** The nonce that a transcript of JSON carries; undefined where it carries none. */
export function nonceIn(transcript: Uint8Array): string | undefined {
  const told = parse(transcript)
  return isMap(told) && typeof told['nonce'] === 'string' ? told['nonce'] : undefined
}
