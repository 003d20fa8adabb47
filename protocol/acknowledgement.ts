import { bytesToHex } from '@noble/hashes/utils.js'
import { ByteReader, decoded, Malformed, type Decoded } from './change/byte-reader.ts'
import { ByteWriter } from './change/byte-writer.ts'
import type { Actor, ChangeHash } from './change/types.ts'
import { bytesOfKey, keyOfBytes, type SocietyKey } from './identity.ts'
import { termMax, witnessesMax } from './limits.ts'
import { signedMessage } from './statements.ts'

/** A place in a document and the change that is there. */
export type ChangePlaced = {
  readonly actor: Actor
  readonly seq: number
  readonly hash: ChangeHash
}

/** A place, and by its number the set of its author's witnesses that speaks of it. */
export type TermPlaced = ChangePlaced & {
  /** 0 for the witnesses of the founding record, one more with every change of them. */
  readonly term: number
}

/** Acknowledgements of a change by witnesses of its author; it vouches for all changes before. */
export type Certificate = TermPlaced & {
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

function writeTermPlaced(writer: ByteWriter, placed: TermPlaced): void {
  writePlaced(writer, placed)
  writer.unsigned(placed.term)
}

function readTermPlaced(reader: ByteReader): TermPlaced {
  return { ...readPlaced(reader), term: reader.unsigned(termMax) }
}

/** The bytes of a place with the number of the set that speaks of it. */
export function encodeTermPlaced(placed: TermPlaced): Uint8Array {
  const writer = new ByteWriter(128)
  writeTermPlaced(writer, placed)
  return writer.copy()
}

/** Reads a place with the number of the set that speaks of it. */
export function decodeTermPlaced(bytes: Uint8Array): Decoded<TermPlaced> {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const placed = readTermPlaced(reader)
    reader.finish()
    return placed
  })
}

/**
 * What a witness signs: that this change, and no other, is there in the chain. The number of its
 * set is part of it, so that whoever is in two sets does not speak for both.
 */
export function acknowledgementMessage(placed: TermPlaced): Uint8Array {
  return signedMessage('acknowledgement', encodeTermPlaced(placed))
}

/** New witnesses of a society, and the newest change of its pool that the old ones speak of. */
export type Appointing = TermPlaced & {
  /** In the order of the record that appoints them. */
  readonly witnesses: readonly SocietyKey[]
}

/** The bytes of an appointment: place, number of the new set, count, keys. */
export function encodeAppointing(appointing: Appointing): Uint8Array {
  const writer = new ByteWriter(1_024)
  writeTermPlaced(writer, appointing)
  writer.unsigned(appointing.witnesses.length)
  for (const witness of appointing.witnesses) writer.raw(bytesOfKey(witness))
  return writer.copy()
}

/** Reads an appointment; nothing in it is believed yet. */
export function decodeAppointing(bytes: Uint8Array): Decoded<Appointing> {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const placed = readTermPlaced(reader)
    const count = reader.unsigned(witnessesMax)
    const witnesses = Array.from({ length: count }, () => keyOfBytes(reader.raw(32)))
    reader.finish()
    return { ...placed, witnesses }
  })
}

/** An appointment with the signature of the society that asks for it. */
export type AskedFor = { readonly appointing: Appointing; readonly signature: Uint8Array }

/** The bytes of an appointment that is asked for: itself and the society's signature. */
export function encodeAskedFor({ appointing, signature }: AskedFor): Uint8Array {
  return Uint8Array.of(...encodeAppointing(appointing), ...signature)
}

/** Reads an appointment that is asked for; the signature is not checked here. */
export function decodeAskedFor(bytes: Uint8Array): Decoded<AskedFor> {
  const end = Math.max(0, bytes.length - 64)
  const appointing = decodeAppointing(bytes.subarray(0, end))
  if (!appointing.ok) return appointing
  return { ok: true, value: { appointing: appointing.value, signature: bytes.slice(end) } }
}

/** What old witnesses sign, and who asks them: from this change on these speak, they no more. */
export function appointingMessage(appointing: Appointing): Uint8Array {
  return signedMessage('witnesses', encodeAppointing(appointing))
}

/** Acknowledgements that certify: 2f + 1 of 3f + 1 witnesses. */
export function quorumOf(witnesses: number): number {
  return witnesses - Math.floor((witnesses - 1) / 3)
}

/** The bytes of a certificate, its acknowledgements sorted by witness. */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  const writer = new ByteWriter(1_024)
  writeTermPlaced(writer, certificate)
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
    const placed = readTermPlaced(reader)
    const count = reader.unsigned(witnessesMax)
    const acknowledgements: Certificate['acknowledgements'][number][] = []
    for (let i = 0; i < count; i++) {
      const witness = keyOfBytes(reader.raw(32))
      const before = acknowledgements.at(-1)
      if (before !== undefined && before.witness >= witness) throw new Malformed('not sorted')
      acknowledgements.push({ witness, signature: reader.raw(64) })
    }
    reader.finish()
    return { ...placed, acknowledgements }
  })
}

/** How a signature under a message is judged. */
type Verify = (signature: Uint8Array, message: Uint8Array, key: SocietyKey) => boolean

/** Whether enough of a set of witnesses really signed a message. */
function areEnough(
  { acknowledgements }: Certificate,
  witnesses: readonly SocietyKey[],
  message: Uint8Array,
  verify: Verify,
): boolean {
  const named = acknowledgements.filter(({ witness }) => witnesses.includes(witness))
  const quorum = quorumOf(witnesses.length)
  if (witnesses.length === 0 || named.length < quorum) return false
  const valid = named.filter(({ witness, signature }) => verify(signature, message, witness))
  return valid.length >= quorum
}

/** Whether enough of an author's witnesses, those of its term, really acknowledged. */
export function isCertifiedBy(
  certificate: Certificate,
  witnesses: readonly SocietyKey[],
  verify: Verify,
): boolean {
  return areEnough(certificate, witnesses, acknowledgementMessage(certificate), verify)
}

/** Whether enough of the old witnesses signed that new ones follow; nobody need where none were. */
export function isHandedOverBy(
  handover: Certificate,
  appointed: readonly SocietyKey[],
  witnesses: readonly SocietyKey[],
  verify: Verify,
): boolean {
  if (witnesses.length === 0) return true
  const message = appointingMessage({ ...handover, witnesses: appointed })
  return areEnough(handover, witnesses, message, verify)
}
