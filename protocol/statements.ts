import { bytesOfHex } from './change/hex.ts'
import type { ChangeHash } from './change/types.ts'
import {
  actorOf,
  bytesOfKey,
  bytesOfRecordId,
  keyOfBytes,
  ownerOfActor,
  recordIdOfBytes,
} from './identity.ts'
import type { DocumentKind, RecordId, SocietyKey } from './identity.ts'
import type { Actor } from './change/types.ts'
import { bytesToHex } from '@noble/hashes/utils.js'

/**
 * What is signed for a purpose: its domain, a zero byte and the statement, so that no signature
 * given for one purpose is one for another.
 */
export function signedMessage(domain: string, body: Uint8Array): Uint8Array {
  const beginning = beginnings.get(domain) ?? new TextEncoder().encode(`society/1/${domain}\0`)
  // There are as many domains as purposes in this folder.
  beginnings.set(domain, beginning)
  return concat([beginning, body])
}

const beginnings: Map<string, Uint8Array> = new Map()

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Eight bytes of a safe non-negative integer, high byte first. */
function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

const readUint64 = (bytes: Uint8Array, at: number): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0)

/** What a society signs for a change. */
export function changeMessage(hash: ChangeHash): Uint8Array {
  return signedMessage('change', bytesOfHex(hash))
}

/** What a node's libp2p key signs for the society that certifies it: whose it is, and how long. */
export function nodeMessage(society: SocietyKey, until: number): Uint8Array {
  return signedMessage('node', concat([bytesOfKey(society), uint64(until)]))
}

/** What a society signs that draws the witnesses of a proof by lot. */
export function drawMessage(proof: RecordId): Uint8Array {
  return signedMessage('draw', bytesOfRecordId(proof))
}

/** What a society whom work was done for says of a receipt of it when it is asked again. */
export type Standing = { readonly receipt: RecordId; readonly stands: boolean }

/**
 * What a society signs for a witness that asks whether it stands by receipts of a proof: the proof,
 * the witness's nonce (16 bytes in hex), then each receipt with 1 where it does and 0 where not.
 */
export function standingMessage(
  proof: RecordId,
  nonce: string,
  said: readonly Standing[],
): Uint8Array {
  const words = said.flatMap(({ receipt, stands }) => [
    bytesOfRecordId(receipt),
    Uint8Array.of(stands ? 1 : 0),
  ])
  return signedMessage('receipts', concat([bytesOfRecordId(proof), bytesOfHex(nonce), ...words]))
}

/** A completion as worker and beneficiary sign it. Times in ms, quality in millionths. */
export type Completion = {
  readonly ticket: RecordId
  readonly worker: SocietyKey
  readonly beneficiary: SocietyKey
  readonly quality: number
  /** mATP; undefined for all that is alive in the ticket. */
  readonly consumed: number | undefined
  /** SHA-256 of the output, hex. */
  readonly outputDigest: string | undefined
  readonly started: number | undefined
  readonly finished: number | undefined
}

/** Length of a completion in bytes. */
const completionBytes = 34 + 32 + 32 + 8 + 8 + 32 + 8 + 8
const absentNumber = 2n ** 64n - 1n
/** What a completion without an output digest has in its place, hex. */
export const absentDigest: string = '00'.repeat(32)

/**
 * A completion's 162 bytes: ticket, worker, beneficiary, quality, consumed, output digest, started,
 * finished. An absent number is 2^64 - 1, an absent digest zeros.
 */
export function encodeCompletion(completion: Completion): Uint8Array {
  const number = (value: number | undefined): Uint8Array =>
    value === undefined ? new Uint8Array(8).fill(255) : uint64(value)
  const { outputDigest } = completion
  return concat([
    bytesOfRecordId(completion.ticket),
    bytesOfKey(completion.worker),
    bytesOfKey(completion.beneficiary),
    uint64(completion.quality),
    number(completion.consumed),
    bytesOfHex(outputDigest ?? absentDigest),
    number(completion.started),
    number(completion.finished),
  ])
}

/** Reads a completion; undefined for anything else. */
export function decodeCompletion(bytes: Uint8Array): Completion | undefined {
  if (bytes.length !== completionBytes) return undefined
  const number = (at: number): number | undefined => {
    const value = readUint64(bytes, at)
    return value === absentNumber ? undefined : Number(value)
  }
  const digest = bytesToHex(bytes.subarray(114, 146))
  const numbers = [98, 106, 146, 154].map(number)
  if (numbers.some((value) => value !== undefined && !Number.isSafeInteger(value))) return undefined
  const [quality, consumed, started, finished] = numbers
  return {
    ticket: recordIdOfBytes(bytes.subarray(0, 34)),
    worker: keyOfBytes(bytes.subarray(34, 66)),
    beneficiary: keyOfBytes(bytes.subarray(66, 98)),
    quality: quality ?? 0,
    consumed,
    outputDigest: digest === absentDigest ? undefined : digest,
    started,
    finished,
  }
}

/** What worker and beneficiary sign for a completion. */
export function completionMessage(completion: Completion): Uint8Array {
  return signedMessage('completion', encodeCompletion(completion))
}

/** Signed head of a document: a statement of its owner that the chain stands there. */
export type HeadStatement = {
  readonly author: SocietyKey
  readonly document: DocumentKind
  readonly seq: number
  readonly hash: string
  readonly time: number
}

/** Length of a head statement without its signature. */
const headBytes = 33 + 8 + 32 + 8

/** A head statement's bytes: actor, sequence number, hash, time. */
export function encodeHead(head: HeadStatement): Uint8Array {
  const bytes = new Uint8Array(headBytes)
  bytes.set(bytesOfHex(actorOf(head.document, head.author)))
  bytes.set(uint64(head.seq), 33)
  bytes.set(bytesOfHex(head.hash), 41)
  bytes.set(uint64(head.time), 73)
  return bytes
}

/** What a society signs for a head. */
export function headMessage(head: HeadStatement): Uint8Array {
  return signedMessage('head', encodeHead(head))
}

/** A head with its signature, 145 bytes. */
export type SignedHead = { readonly head: HeadStatement; readonly signature: Uint8Array }

/** The 145 bytes of a signed head: the statement's 81 and the signature's 64. */
export function encodeSignedHead(signed: SignedHead): Uint8Array {
  const bytes = new Uint8Array(headBytes + 64)
  bytes.set(encodeHead(signed.head))
  bytes.set(signed.signature, headBytes)
  return bytes
}

/** Reads a signed head; undefined for anything else. The signature is not checked here. */
export function decodeSignedHead(bytes: Uint8Array): SignedHead | undefined {
  if (bytes.length !== headBytes + 64) return undefined
  const owner = ownerOfActor(bytesToHex(bytes.subarray(0, 33)) as Actor)
  const seq = readUint64(bytes, 33)
  const time = readUint64(bytes, 73)
  const largest = BigInt(Number.MAX_SAFE_INTEGER)
  if (owner === undefined || seq < 1n || seq > largest || time > largest) return undefined
  return {
    head: {
      author: keyOfBytes(bytes.subarray(0, 32)),
      document: owner.kind,
      seq: Number(seq),
      hash: bytesToHex(bytes.subarray(41, 73)),
      time: Number(time),
    },
    signature: bytes.slice(headBytes),
  }
}

/** What an endorser of a vouch signs for. Watts in mW, duration in ms. */
export type Endorsement = {
  readonly sponsor: SocietyKey
  readonly to: SocietyKey
  readonly watts: number
  readonly duration: number
}

/** Length of an endorsement in bytes. */
const endorsementBytes = 32 + 32 + 8 + 8

/** An endorsement's 80 bytes: sponsor, newcomer, watts, duration. */
export function encodeEndorsement(endorsement: Endorsement): Uint8Array {
  const { sponsor, to, watts, duration } = endorsement
  return concat([bytesOfKey(sponsor), bytesOfKey(to), uint64(watts), uint64(duration)])
}

/** Reads an endorsement; undefined for anything else. */
export function decodeEndorsement(bytes: Uint8Array): Endorsement | undefined {
  if (bytes.length !== endorsementBytes) return undefined
  const watts = Number(readUint64(bytes, 64))
  const duration = Number(readUint64(bytes, 72))
  if (!Number.isSafeInteger(watts) || !Number.isSafeInteger(duration)) return undefined
  const sponsor = keyOfBytes(bytes.subarray(0, 32))
  return { sponsor, to: keyOfBytes(bytes.subarray(32, 64)), watts, duration }
}

/** What the endorser of a vouch signs. */
export function endorsementMessage(endorsement: Endorsement): Uint8Array {
  return signedMessage('endorsement', encodeEndorsement(endorsement))
}
