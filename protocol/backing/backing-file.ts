import { decodeCertificate, encodeCertificate, type Certificate } from '../acknowledgement.ts'
import { ByteReader, decoded, Malformed, type Decoded } from '../change/byte-reader.ts'
import { ByteWriter } from '../change/byte-writer.ts'
import { timeMsMax } from '../change/codec.ts'
import { readChangesFrame, writeChangesFrame, type ChangesFrame } from '../frames.ts'
import { actorOf, bytesOfKey, keyOfBytes, type SocietyKey } from '../identity.ts'
import {
  backingBytesMax,
  backingChangesMax,
  backingPartsMax,
  evidenceBytesMax,
  nameLengthMax,
  signedHeadBytes,
  witnessesMax,
} from '../limits.ts'
import { decodeSignedHead, encodeSignedHead, type SignedHead } from '../statements.ts'

/**
 * All that an answer about a society's backing follows from, so that anybody can find the same
 * answer again: who asked and when, the documents that were looked at, and what was signed about
 * them. Nothing in it is believed by itself.
 */
export type BackingFile = {
  /** Instant for which the answer holds, ms since 1970. */
  readonly at: number
  /** Society in whose eyes it holds: its policy counts, and its members. */
  readonly viewer: SocietyKey
  /** The viewer's federation, as its operator named it. */
  readonly federation: string
  /** Whether whoever joins is a member, as long as the viewer's own document does not tell. */
  readonly open: boolean
  /** Society whose ATP was asked about. */
  readonly society: SocietyKey
  /** Societies that the viewer's operator named as members, besides the viewer; ascending. */
  readonly roots: readonly SocietyKey[]
  /** Documents from their first change on, with the signature of the newest; ascending by actor. */
  readonly documents: readonly ChangesFrame[]
  /** Changes of documents with two pasts from their ends on; ascending by actor and signature. */
  readonly branches: readonly ChangesFrame[]
  /** What proves that a document has two pasts; ascending by its bytes. */
  readonly evidence: readonly Uint8Array[]
  /** Certificates of documents that have two pasts, one a document; ascending by actor. */
  readonly certificates: readonly Certificate[]
  /** Newest signed heads, one a document; ascending by actor. */
  readonly heads: readonly SignedHead[]
}

/** A place and an acknowledgement of every witness that there may be. */
const certificateBytesMax: number = 128 + witnessesMax * 96

/** Order of byte strings: by the first byte in which they differ, else the shorter first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = a[at]! - b[at]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const compareFrames = (a: ChangesFrame, b: ChangesFrame): number =>
  compareTexts(a.actor, b.actor) || compareBytes(a.signature, b.signature)

const actorOfHead = ({ head }: SignedHead): string => actorOf(head.document, head.author)

/** Order of each list of a file: nothing comes twice. */
const orders = {
  roots: compareTexts,
  documents: (a: ChangesFrame, b: ChangesFrame): number => compareTexts(a.actor, b.actor),
  branches: compareFrames,
  evidence: compareBytes,
  certificates: (a: Certificate, b: Certificate): number => compareTexts(a.actor, b.actor),
  heads: (a: SignedHead, b: SignedHead): number => compareTexts(actorOfHead(a), actorOfHead(b)),
} as const

function writeList<Part>(
  writer: ByteWriter,
  parts: readonly Part[],
  compare: (a: Part, b: Part) => number,
  write: (part: Part) => void,
): void {
  const sorted = [...parts].sort(compare)
  writer.unsigned(sorted.length)
  for (const part of sorted) write(part)
}

function readList<Part>(
  reader: ByteReader,
  compare: (a: Part, b: Part) => number,
  read: () => Part,
): readonly Part[] {
  const count = reader.unsigned(backingPartsMax)
  const parts: Part[] = []
  for (let i = 0; i < count; i++) {
    const part = read()
    const before = parts.at(-1)
    if (before !== undefined && compare(before, part) >= 0) {
      throw new Malformed('parts are not in their order')
    }
    parts.push(part)
  }
  return parts
}

/** The bytes of a file. A file has one encoding: its lists are put in order. */
export function encodeBackingFile(file: BackingFile): Uint8Array {
  const writer = new ByteWriter(65_536)
  writer.unsigned(file.at)
  writer.raw(bytesOfKey(file.viewer))
  writer.text(file.federation)
  writer.byte(file.open ? 1 : 0)
  writer.raw(bytesOfKey(file.society))
  writeList(writer, file.roots, orders.roots, (key) => writer.raw(bytesOfKey(key)))
  writeList(writer, file.documents, orders.documents, (each) => writeChangesFrame(writer, each))
  writeList(writer, file.branches, orders.branches, (each) => writeChangesFrame(writer, each))
  writeList(writer, file.evidence, orders.evidence, (each) => writer.prefixed(each))
  writeList(writer, file.certificates, orders.certificates, (each) =>
    writer.prefixed(encodeCertificate(each)),
  )
  writeList(writer, file.heads, orders.heads, (each) => writer.raw(encodeSignedHead(each)))
  return writer.copy()
}

function readFlag(reader: ByteReader): boolean {
  const flag = reader.byte()
  if (flag > 1) throw new Malformed('neither yes nor no')
  return flag === 1
}

function readCertificate(reader: ByteReader): Certificate {
  const certificate = decodeCertificate(reader.prefixed(certificateBytesMax))
  if (!certificate.ok) throw new Malformed(certificate.message)
  return certificate.value
}

function readHead(reader: ByteReader): SignedHead {
  const signed = decodeSignedHead(reader.raw(signedHeadBytes))
  if (signed === undefined) throw new Malformed('no signed head')
  return signed
}

/** Reads the bytes of a file; changes and evidence are views of them. */
export function decodeBackingFile(bytes: Uint8Array): Decoded<BackingFile> {
  if (bytes.length > backingBytesMax) {
    return { ok: false, message: `more than ${backingBytesMax} bytes` }
  }
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const frame = (): ChangesFrame => readChangesFrame(reader, backingChangesMax)
    const file = {
      at: reader.unsigned(timeMsMax),
      viewer: keyOfBytes(reader.raw(32)),
      federation: reader.text(nameLengthMax),
      open: readFlag(reader),
      society: keyOfBytes(reader.raw(32)),
      roots: readList(reader, orders.roots, () => keyOfBytes(reader.raw(32))),
      documents: readList(reader, orders.documents, frame),
      branches: readList(reader, orders.branches, frame),
      evidence: readList(reader, orders.evidence, () => reader.prefixed(evidenceBytesMax)),
      certificates: readList(reader, orders.certificates, () => readCertificate(reader)),
      heads: readList(reader, orders.heads, () => readHead(reader)),
    }
    reader.finish()
    return file
  })
}
