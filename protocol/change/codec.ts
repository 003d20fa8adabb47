import { sha256 } from '@noble/hashes/sha2.js'
import { changeBytesMax } from '../limits.ts'
import { ByteReader, type Decoded, Malformed, decoded } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { counterMax, readOperations, writeOperations } from './columns.ts'
import { bytesOfHex, hexOf } from './hex.ts'
import type { Actor, Change, ChangeHash, ChangeHeader } from './types.ts'

/*
 * A chunk of Automerge's file format:
 *
 *   85 6f 4a 83 | checksum: 4 | type: 1 | length of the rest
 *   | previous changes: n, n x 32 | actor | seq | start operation | time (signed) | message
 *   | other actors: n | columns: n, n x (id, length) | the columns
 *
 * Numbers are LEB128, actor and message come after their length. The hash is SHA-256 from the type
 * on, the checksum its first four bytes. Automerge also takes a wrong checksum, compressed chunks
 * and other encodings of the same operations, and then keeps other bytes than were signed; here
 * there is one encoding of a change and no other passes.
 */
const magic: readonly number[] = [0x85, 0x6f, 0x4a, 0x83]
const changeType = 1
const checksumStart = 4
const checksumBytes = 4
const hashedStart = 8

const hashBytes = 32
const actorBytes = 33
/** The last instant that a Date can hold, in ms since 1970, lest showing one fails. */
export const timeMsMax = 8.64e15

/** What `peekChange` found in a change's bytes. */
export type Peeked = {
  readonly hash: ChangeHash
  readonly header: ChangeHeader
  /** Where in the bytes the operations begin. */
  readonly operationsStart: number
}

/** SHA-256 of bytes in lower-case hex. */
export type Sha256 = (bytes: Uint8Array) => string

// In JavaScript, ten times slower than a machine's own: whoever has one hands it in.
const ownSha256: Sha256 = (bytes) => hexOf(sha256(bytes))

// Scratch memory, as in `columns.ts`.
const bodyScratch = new ByteWriter(4_096)
const frameScratch = new ByteWriter()

const isHash = (digits: string): digits is ChangeHash => digits.length === hashBytes * 2
const isActor = (digits: string): digits is Actor =>
  digits.length === actorBytes * 2 && (digits.endsWith('00') || digits.endsWith('01'))

const hashOf = (digits: string): ChangeHash => {
  if (!isHash(digits)) throw new RangeError('not the bytes of a hash')
  return digits
}

const assertEncodable = (change: ChangeHeader): void => {
  const { actor, previous, seq, startOperation, time } = change
  const fits =
    isActor(actor) &&
    (previous === null || isHash(previous)) &&
    seq >= 1 &&
    seq <= counterMax &&
    startOperation >= 1 &&
    startOperation <= counterMax &&
    time >= 0 &&
    time <= timeMsMax
  if (!fits) throw new RangeError('not the header of a change')
}

/** The first bytes of a hash. */
const checksumOf = (hash: ChangeHash): Uint8Array => bytesOfHex(hash.slice(0, checksumBytes * 2))

/**
 * A change's canonical bytes, the ones Automerge gives it, and the hash that is signed. Throws
 * RangeError on a change that `decodeChange` would not take, a bug of the caller; also beyond
 * `changeBytesMax` and `changeOperationsMax`.
 */
export const encodeChange = (
  change: Change,
  digest: Sha256 = ownSha256,
): { bytes: Uint8Array; hash: ChangeHash } => {
  assertEncodable(change)
  const body = bodyScratch
  body.clear()
  body.unsigned(change.previous === null ? 0 : 1)
  if (change.previous !== null) body.hex(change.previous)
  body.unsigned(actorBytes)
  body.hex(change.actor)
  body.unsigned(change.seq)
  body.unsigned(change.startOperation)
  body.signed(change.time)
  body.unsigned(0) // no message
  body.unsigned(0) // no other actors
  writeOperations(body, change.operations)
  const frame = frameScratch
  frame.clear()
  for (const byte of magic) frame.byte(byte)
  for (let left = checksumBytes; left > 0; left--) frame.byte(0)
  frame.byte(changeType)
  frame.unsigned(body.length)
  const length = frame.length + body.length
  if (length > changeBytesMax) throw new RangeError(`a change of ${length} bytes is too large`)
  const bytes = new Uint8Array(length)
  bytes.set(frame.view())
  bytes.set(body.view(), frame.length)
  const hash = hashOf(digest(bytes.subarray(hashedStart)))
  bytes.set(checksumOf(hash), checksumStart)
  return { bytes, hash }
}

const readHeader = (reader: ByteReader): ChangeHeader => {
  const previous = reader.unsigned(1) === 0 ? null : hashOf(reader.hex(hashBytes))
  if (reader.unsigned() !== actorBytes) throw new Malformed('not an actor of 33 bytes')
  const actor = reader.hex(actorBytes)
  if (!isActor(actor)) throw new Malformed('an actor of no kind')
  const seq = reader.unsigned(counterMax)
  const startOperation = reader.unsigned(counterMax)
  const time = reader.signed()
  if (seq === 0 || startOperation === 0) throw new Malformed('counting begins at 1')
  if (time < 0 || time > timeMsMax) throw new Malformed('not a time')
  if (reader.unsigned() !== 0) throw new Malformed('a message')
  if (reader.unsigned() !== 0) throw new Malformed('other actors')
  return { actor, seq, startOperation, time, previous }
}

/**
 * The cheap part, before the signature is verified: frame, size, checksum, hash and header. Never
 * throws, whatever the bytes.
 */
export const peekChange = (bytes: Uint8Array, digest: Sha256 = ownSha256): Decoded<Peeked> => {
  if (bytes.length > changeBytesMax) {
    return { ok: false, message: `a change of more than ${changeBytesMax} bytes` }
  }
  return decoded(() => {
    const reader = new ByteReader(bytes)
    for (const byte of magic) if (reader.byte() !== byte) throw new Malformed('not a change')
    const checksum = reader.raw(checksumBytes)
    if (reader.byte() !== changeType) throw new Malformed('not a plain change')
    if (reader.unsigned() !== reader.remaining) throw new Malformed('not of the length it says')
    const hash = hashOf(digest(bytes.subarray(hashedStart)))
    if (hexOf(checksum) !== hash.slice(0, 2 * checksumBytes)) throw new Malformed('wrong checksum')
    const header = readHeader(reader)
    return { hash, header, operationsStart: reader.position }
  })
}

/**
 * The strict part, after the signature was verified: the whole change, if the bytes are exactly
 * those that `encodeChange` gives it. `peeked` is what `peekChange` found in the same bytes. Never
 * throws, whatever the bytes. That the operations fit a chain is for `admitChange` to say.
 */
export const decodeChange = (bytes: Uint8Array, peeked: Peeked): Decoded<Change> =>
  decoded(() => ({
    ...peeked.header,
    operations: readOperations(bytes, peeked.operationsStart),
  }))
