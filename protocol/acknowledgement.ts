import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { ByteReader, decoded, Malformed, type Decoded } from './change/byte-reader.ts'
import { ByteWriter } from './change/byte-writer.ts'
import type { Actor, ChangeHash } from './change/types.ts'
import { bytesOfKey, keyOfBytes, type SocietyKey } from './identity.ts'
import { witnessesMax } from './limits.ts'
import { signedMessage } from './statements.ts'

/** A place in a document and the change that is there. */
export type ChangePlaced = {
  readonly actor: Actor
  readonly seq: number
  readonly hash: ChangeHash
}

/** Acknowledgements of a change by witnesses of its author; it vouches for all changes before. */
export type Certificate = ChangePlaced & {
  /** By witness, sorted. */
  readonly acknowledgements: readonly {
    readonly witness: SocietyKey
    readonly signature: Uint8Array
  }[]
}

function writePlaced(writer: ByteWriter, { actor, seq, hash }: ChangePlaced): void {
  writer.hex(actor)
  writer.unsigned(seq)
  writer.hex(hash)
}

function readPlaced(reader: ByteReader): ChangePlaced {
  const actor = reader.hex(33) as Actor
  return { actor, seq: reader.unsigned(), hash: reader.hex(32) as ChangeHash }
}

/** The bytes of a place: actor, sequence number, hash. */
export function encodePlaced(placed: ChangePlaced): Uint8Array {
  const writer = new ByteWriter(128)
  writePlaced(writer, placed)
  return writer.copy()
}

/** Reads a place. */
export function decodePlaced(bytes: Uint8Array): Decoded<ChangePlaced> {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const placed = readPlaced(reader)
    reader.finish()
    return placed
  })
}

/** What a witness signs: that this change, and no other, is there in the chain. */
export function acknowledgementMessage(placed: ChangePlaced): Uint8Array {
  return signedMessage('acknowledgement', encodePlaced(placed))
}

/** Acknowledgements that certify: 2f + 1 of 3f + 1 witnesses. */
export function quorumOf(witnesses: number): number {
  return witnesses - Math.floor((witnesses - 1) / 3)
}

/** The bytes of a certificate, its acknowledgements sorted by witness. */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  const writer = new ByteWriter(1_024)
  writePlaced(writer, certificate)
  writer.unsigned(certificate.acknowledgements.length)
  for (const { witness, signature } of certificate.acknowledgements) {
    writer.hex(bytesToHex(bytesOfKey(witness)))
    writer.raw(signature)
  }
  return writer.copy()
}

/** Reads a certificate; nothing in it is believed yet. */
export function decodeCertificate(bytes: Uint8Array): Decoded<Certificate> {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const placed = readPlaced(reader)
    const count = reader.unsigned(witnessesMax)
    const acknowledgements: Certificate['acknowledgements'][number][] = []
    for (let i = 0; i < count; i++) {
      const witness = keyOfBytes(hexToBytes(reader.hex(32)))
      const before = acknowledgements.at(-1)
      if (before !== undefined && before.witness >= witness) throw new Malformed('not sorted')
      acknowledgements.push({ witness, signature: reader.raw(64) })
    }
    reader.finish()
    return { ...placed, acknowledgements }
  })
}

/** Whether enough of an author's witnesses really acknowledged. */
export function isCertifiedBy(
  certificate: Certificate,
  witnesses: readonly SocietyKey[],
  verify: (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean,
): boolean {
  const named = certificate.acknowledgements.filter(({ witness }) => witnesses.includes(witness))
  const quorum = quorumOf(witnesses.length)
  if (witnesses.length === 0 || named.length < quorum) return false
  const message = acknowledgementMessage(certificate)
  let valid = 0
  for (const { witness, signature } of named) {
    if (verify(signature, message, bytesOfKey(witness))) valid += 1
  }
  return valid >= quorum
}
