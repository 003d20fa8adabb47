import {
  bytesOfKey,
  bytesOfRecordId,
  keyOfBytes,
  recordIdOfBytes,
  valueBytesMax,
  type Draw,
  type RecordId,
} from '../../protocol/index.ts'
import type { Measurement } from '../ports.ts'

/** A question: draw the witnesses of a proof; look at its source; answer a witness's nonce. */
export type WitnessQuestion =
  | { readonly type: 'draw'; readonly proof: RecordId }
  | {
      readonly type: 'look'
      readonly proof: RecordId
      readonly draw: Draw | null
      readonly transcript: Uint8Array
    }
  | { readonly type: 'again'; readonly proof: RecordId; readonly nonce: string }

const tags = { draw: 1, look: 2, again: 3 } as const
const proofBytes = 34
const keyBytes = 32
const signatureBytes = 64
const nonceBytes = 16

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function drawBytes(draw: Draw | null): Uint8Array {
  const bytes = new Uint8Array(keyBytes + signatureBytes)
  if (draw === null) return bytes
  bytes.set(bytesOfKey(draw.by))
  bytes.set(bytesOf(draw.signature), keyBytes)
  return bytes
}

/**
 * The bytes of a question: 1, 2 or 3, and the proof (34 bytes). To look: who drew (32 bytes) and
 * the draw (64), zeros without one, then the transcript. To answer again: the nonce (16).
 */
export function encodeWitnessQuestion(question: WitnessQuestion): Uint8Array {
  const head = [tags[question.type], ...bytesOfRecordId(question.proof)]
  switch (question.type) {
    case 'draw':
      return Uint8Array.from(head)
    case 'look':
      return Uint8Array.from([...head, ...drawBytes(question.draw), ...question.transcript])
    case 'again':
      return Uint8Array.from([...head, ...bytesOf(question.nonce)])
  }
}

function readDraw(bytes: Uint8Array): Draw | null {
  if (bytes.every((byte) => byte === 0)) return null
  return { by: keyOfBytes(bytes.subarray(0, keyBytes)), signature: hexOf(bytes.subarray(keyBytes)) }
}

/** Reads a question; undefined for anything else. */
export function decodeWitnessQuestion(bytes: Uint8Array): WitnessQuestion | undefined {
  const rest = bytes.subarray(1 + proofBytes)
  if (bytes.length < 1 + proofBytes) return undefined
  const proof = recordIdOfBytes(bytes.subarray(1, 1 + proofBytes))
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
    default:
      return undefined
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

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
