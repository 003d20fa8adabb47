import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { quorumOf, type ChangePlaced } from './acknowledgement.ts'
import { canonicalPieces, parsePieces } from './canonical-pieces.ts'
import { ByteReader, decoded, Malformed, type Decoded } from './change/byte-reader.ts'
import { ByteWriter } from './change/byte-writer.ts'
import type { Actor, ChangeHash } from './change/types.ts'
import type { Code } from './codes.ts'
import { bytesOfKey, keyOfBytes, type SocietyKey } from './identity.ts'
import type { Outcome } from './ledger/outcomes.ts'
import type { PoolState } from './ledger/pool-state.ts'
import { standingKinds } from './ledger/reach.ts'
import type { TrustState } from './ledger/trust-state.ts'
import { checkpointBytesMax, namedMsMax, termMax, witnessesMax } from './limits.ts'
import { signedMessage } from './statements.ts'

/** What a checkpoint says: that a document, folded up to a place, comes to content of a digest. */
export type CheckpointStatement = ChangePlaced & {
  /** Bytes of the content. */
  readonly size: number
  /** SHA-256 of the content, hex. */
  readonly digest: string
  /** Number of the set of witnesses that signs it. */
  readonly term: number
}

/** A statement with the signatures of witnesses, by witness, sorted. */
export type Checkpoint = CheckpointStatement & {
  readonly signatures: readonly {
    readonly witness: SocietyKey
    readonly signature: Uint8Array
  }[]
}

/** What judging a change came to, as far as later records may ask. Plain data. */
export type KeptChange = {
  readonly hash: ChangeHash
  readonly seq: number
  readonly time: number
  /** Kinds of its records, by place. */
  readonly kinds: readonly string[]
  /** Codes of those that are void, by place. */
  readonly voids: Readonly<Record<string, Code>>
  readonly outcomes: Readonly<Record<string, Outcome>>
  /** What its records ended, by place. */
  readonly ended: Readonly<Record<string, readonly string[]>>
  /** Last expiry of what its author had borrowed after it, in ms; 0 for nothing. */
  readonly borrowedUntil: number
}

/** All that must be known of a document up to a place to judge what comes after it. */
export type CheckpointContent = {
  readonly state: PoolState | TrustState
  /** In order: those that a later record may name. */
  readonly changes: readonly KeptChange[]
}

/** Whether a change belongs to the content at a place that is dated `at`, in ms. */
export function isKept({ time, kinds }: Pick<KeptChange, 'time' | 'kinds'>, at: number): boolean {
  return at - time <= namedMsMax || kinds.some((kind) => standingKinds.has(kind))
}

/** Levels of a content below which nothing is large: its lists and maps, and what is in them. */
const contentLevels = 3
/** Bytes digested at a stretch. */
const digestedBytes = 65_536

/** The one spelling of a content, in pieces. */
export function contentPieces(content: CheckpointContent): Generator<string, void> {
  return canonicalPieces(content, contentLevels)
}

/** SHA-256 of a content's bytes, hex. */
export function contentDigest(content: Uint8Array): string {
  return bytesToHex(sha256(content))
}

/** The same piece by piece; yields how many bytes were digested since. */
export function* digestPieces(content: Uint8Array): Generator<number, string> {
  const digest = sha256.create()
  for (let at = 0; at < content.length; at += digestedBytes) {
    const piece = content.subarray(at, at + digestedBytes)
    digest.update(piece)
    yield piece.length
  }
  return bytesToHex(digest.digest())
}

/** Reads a content that this program wrote; yields how many bytes were read since. */
export function* parseContent(content: Uint8Array): Generator<number, CheckpointContent> {
  return (yield* parsePieces(content, contentLevels)) as CheckpointContent
}

function writeStatement(writer: ByteWriter, statement: CheckpointStatement): void {
  writer.hex(statement.actor)
  writer.unsigned(statement.seq)
  writer.hex(statement.hash)
  writer.unsigned(statement.size)
  writer.hex(statement.digest)
  writer.unsigned(statement.term)
}

function readStatement(reader: ByteReader): CheckpointStatement {
  const actor = reader.hex(33) as Actor
  const seq = reader.unsigned()
  if (seq === 0) throw new Malformed('of no change')
  const hash = reader.hex(32) as ChangeHash
  const size = reader.unsigned(checkpointBytesMax)
  return { actor, seq, hash, size, digest: reader.hex(32), term: reader.unsigned(termMax) }
}

/** The bytes of a statement: actor, number, hash, size, digest, term. */
export function encodeStatement(statement: CheckpointStatement): Uint8Array {
  const writer = new ByteWriter(160)
  writeStatement(writer, statement)
  return writer.copy()
}

/** Reads a statement; nothing in it is believed yet. */
export function decodeStatement(bytes: Uint8Array): Decoded<CheckpointStatement> {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const statement = readStatement(reader)
    reader.finish()
    return statement
  })
}

/** What a witness signs: that it has folded the document itself and came to this. */
export function checkpointMessage(statement: CheckpointStatement): Uint8Array {
  return signedMessage('checkpoint', encodeStatement(statement))
}

/** The bytes of a checkpoint: its statement, count, and for each witness key and signature. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const writer = new ByteWriter(1_024)
  writeStatement(writer, checkpoint)
  writer.unsigned(checkpoint.signatures.length)
  for (const { witness, signature } of checkpoint.signatures) {
    writer.raw(bytesOfKey(witness))
    writer.raw(signature)
  }
  return writer.copy()
}

/** Reads a checkpoint; no signature is checked here. */
export function decodeCheckpoint(bytes: Uint8Array): Decoded<Checkpoint> {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const statement = readStatement(reader)
    const count = reader.unsigned(witnessesMax)
    const signatures: Checkpoint['signatures'][number][] = []
    for (let i = 0; i < count; i++) {
      const witness = keyOfBytes(reader.raw(32))
      const before = signatures.at(-1)
      if (before !== undefined && before.witness >= witness) throw new Malformed('not sorted')
      signatures.push({ witness, signature: reader.raw(64).slice() })
    }
    reader.finish()
    return { ...statement, signatures }
  })
}

/** Whether enough of a set of witnesses, 2f + 1 of 3f + 1, really signed a checkpoint. */
export function isSignedBy(
  checkpoint: Checkpoint,
  witnesses: readonly SocietyKey[],
  verify: (signature: Uint8Array, message: Uint8Array, key: SocietyKey) => boolean,
): boolean {
  if (witnesses.length === 0) return false
  const message = checkpointMessage(checkpoint)
  const valid = checkpoint.signatures.filter(
    ({ witness, signature }) => witnesses.includes(witness) && verify(signature, message, witness),
  )
  return valid.length >= quorumOf(witnesses.length)
}
