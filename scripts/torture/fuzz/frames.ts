import assert from 'node:assert/strict'
import {
  decodeBackingFile,
  decodeCertificate,
  decodeCompletion,
  decodeEndorsement,
  decodeEvidence,
  decodeGossip,
  decodeSignedHead,
  decodeSyncRequest,
  decodeSyncResponse,
  encodeBackingFile,
  encodeCertificate,
  encodeCompletion,
  encodeEndorsement,
  encodeEvidence,
  encodeGossip,
  encodeSignedHead,
  encodeSyncRequest,
  encodeSyncResponse,
  type Actor,
  type ChangeHash,
  type ChangesFrame,
  type SocietyKey,
} from '../../../protocol/index.ts'
import { vectors } from './vectors.ts'
import type { Target } from './target.ts'

const hash = 'ab'.repeat(32) as ChangeHash
const key = '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c' as SocietyKey
const actor = `${key}01` as Actor
const signature = new Uint8Array(64).fill(7)

const frame: ChangesFrame = {
  actor,
  changes: vectors.slice(0, 2).map(({ bytes }) => bytes),
  signature,
}
const signed = {
  head: { author: key, document: 'pool', hash, seq: 3, time: 1_000 },
  signature,
} as const
const certificate = {
  actor,
  term: 0,
  seq: 4,
  hash,
  acknowledgements: [{ witness: key, signature }],
}
const entries = [{ actor, seq: 3, hash }]
const ends = [{ actor, place: 2 }]

type Decoded = { readonly ok: true; readonly value: never } | { readonly ok: false }

/** Reads with a decoder; what is taken must have no other encoding. */
function both(
  decode: (bytes: Uint8Array) => Decoded,
  encode: (value: never) => Uint8Array,
): (bytes: Uint8Array) => void {
  return (bytes) => {
    const read = decode(bytes)
    if (read.ok) assert.deepEqual(Buffer.from(encode(read.value)), Buffer.from(bytes))
  }
}

const orNothing =
  (decode: (bytes: Uint8Array) => object | undefined) =>
  (bytes: Uint8Array): Decoded => {
    const value = decode(bytes)
    return value === undefined ? { ok: false } : { ok: true, value: value as never }
  }

/** The first byte picks the decoder, so that one corpus holds all of them. */
const decoders: readonly ((bytes: Uint8Array) => void)[] = [
  both(decodeGossip as never, encodeGossip),
  both(decodeSyncRequest as never, encodeSyncRequest),
  both(decodeSyncResponse as never, encodeSyncResponse),
  both(decodeEvidence as never, encodeEvidence),
  both(decodeCertificate as never, encodeCertificate),
  both(orNothing(decodeSignedHead), encodeSignedHead),
  both(orNothing(decodeCompletion), encodeCompletion),
  both(orNothing(decodeEndorsement), encodeEndorsement),
  both(decodeBackingFile as never, encodeBackingFile),
]

const tagged = (tag: number, bytes: Uint8Array): Uint8Array => Uint8Array.from([tag, ...bytes])

/** What nodes send each other, and files that are handed on. */
export const frames: Target = {
  name: 'frames',
  share: 60,
  seeds: () => [
    tagged(0, encodeGossip({ type: 'changes', frame })),
    tagged(0, encodeGossip({ type: 'head', head: signed })),
    tagged(0, encodeGossip({ type: 'certificate', certificate })),
    tagged(0, encodeGossip({ type: 'evidence', evidence: new Uint8Array(40) })),
    tagged(1, encodeSyncRequest({ type: 'frontier', entries, ends })),
    tagged(1, encodeSyncRequest({ type: 'changes', actor, from: 1, bytesMax: 1_000 })),
    tagged(1, encodeSyncRequest({ type: 'named', hashes: [hash] })),
    tagged(1, encodeSyncRequest({ type: 'end', actor })),
    tagged(2, encodeSyncResponse({ type: 'frontier', entries, ends })),
    tagged(2, encodeSyncResponse({ type: 'changes', frames: [frame] })),
    tagged(
      3,
      encodeEvidence({
        actor,
        statements: [{ type: 'run', changes: frame.changes.slice(0, 1), signature }],
      }),
    ),
    tagged(4, encodeCertificate(certificate)),
    tagged(5, encodeSignedHead(signed)),
    tagged(6, new Uint8Array(120).fill(1)),
    tagged(7, new Uint8Array(104).fill(1)),
    tagged(
      8,
      encodeBackingFile({
        at: 5,
        viewer: key,
        federation: 'home',
        open: true,
        society: key,
        roots: [key],
        documents: [frame],
        branches: [],
        evidence: [],
        certificates: [certificate],
        heads: [signed],
      }),
    ),
  ],
  read: (bytes) => decoders[(bytes[0] ?? 0) % decoders.length]?.(bytes.subarray(1)),
}
