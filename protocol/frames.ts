import { decodeCertificate, encodeCertificate, type Certificate } from './acknowledgement.ts'
import { ByteReader, decoded, Malformed, type Decoded } from './change/byte-reader.ts'
import { ByteWriter } from './change/byte-writer.ts'
import type { Actor, ChangeHash } from './change/types.ts'
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint.ts'
import {
  changeBytesMax,
  checkpointBytesMax,
  checkpointPartBytes,
  evidenceBytesMax,
} from './limits.ts'
import { decodeSignedHead, encodeSignedHead, type SignedHead } from './statements.ts'

/** Consecutive changes of one document with the signature of the newest, which vouches for all. */
export type ChangesFrame = {
  readonly actor: Actor
  readonly changes: readonly Uint8Array[]
  readonly signature: Uint8Array
}

/**
 * A gossip message: changes, a signed head, evidence that a document has two pasts, or witnesses'
 * certificate of a change.
 */
export type GossipFrame =
  | { readonly type: 'changes'; readonly frame: ChangesFrame }
  | { readonly type: 'head'; readonly head: SignedHead }
  | { readonly type: 'evidence'; readonly evidence: Uint8Array }
  | { readonly type: 'certificate'; readonly certificate: Certificate }

/** How far a node has a document. */
export type FrontierEntry = {
  readonly actor: Actor
  readonly seq: number
  readonly hash: ChangeHash
}

/** A document that has ended, and the place before which it did by the evidence that is held. */
export type EndEntry = { readonly actor: Actor; readonly place: number }

/** Documents in which one side has more or other changes, and documents that have ended. */
export type Frontier = {
  readonly type: 'frontier'
  readonly entries: readonly FrontierEntry[]
  readonly ends: readonly EndEntry[]
}

/** A question of `/society/sync/1`. */
export type SyncRequest =
  | Frontier
  | {
      readonly type: 'changes'
      readonly actor: Actor
      /** First change that is wanted. */
      readonly from: number
      readonly bytesMax: number
    }
  /** Changes by their hashes, on whatever branch, and evidence by its digest. */
  | { readonly type: 'named'; readonly hashes: readonly string[] }
  /** The evidence by which a document has ended. */
  | { readonly type: 'end'; readonly actor: Actor }
  /** The checkpoint from which on a document is kept, and a part of its content. */
  | { readonly type: 'checkpoint'; readonly actor: Actor; readonly part: number }
  /** The frames that show a trust document's witnesses. */
  | { readonly type: 'pedigree'; readonly actor: Actor }

/** An answer: documents in which the answerer has more or other changes; or what was asked for. */
export type SyncResponse =
  | Frontier
  | { readonly type: 'changes'; readonly frames: readonly ChangesFrame[] }
  | {
      readonly type: 'named'
      readonly frames: readonly ChangesFrame[]
      readonly evidence: readonly Uint8Array[]
    }
  /** No checkpoint where all of the document is kept. */
  | {
      readonly type: 'checkpoint'
      readonly checkpoint: Checkpoint | null
      readonly bytes: Uint8Array
    }
  | { readonly type: 'pedigree'; readonly frames: readonly ChangesFrame[] }

/** Most changes in one frame. */
export const frameChangesMax = 8_192
/** Most entries of a frontier in one message. */
export const frontierEntriesMax = 10_000
/** Most frames in one answer. */
export const answerFramesMax = 1_024
/** Most ended documents in one message. */
export const endEntriesMax = 1_024
/** Most hashes in one question. */
export const namedHashesMax = 64

/** Bytes of a checkpoint without its content, most: 31 signatures and what they are under. */
const checkpointHeadBytesMax = 4_096

const tags = {
  changes: 1,
  head: 2,
  frontier: 3,
  want: 4,
  evidence: 5,
  named: 6,
  end: 7,
  certificate: 8,
  checkpoint: 9,
  pedigree: 10,
} as const

/** Writes a frame of changes. */
export function writeChangesFrame(writer: ByteWriter, frame: ChangesFrame): void {
  writer.hex(frame.actor)
  writer.unsigned(frame.changes.length)
  for (const change of frame.changes) writer.prefixed(change)
  writer.raw(frame.signature)
}

/** Reads a frame of changes, which are views of what is read; throws `Malformed`. */
export function readChangesFrame(
  reader: ByteReader,
  changesMax: number = frameChangesMax,
): ChangesFrame {
  const actor = reader.hex(33) as Actor
  const count = reader.unsigned(changesMax)
  const changes: Uint8Array[] = []
  for (let i = 0; i < count; i++) changes.push(reader.prefixed(changeBytesMax))
  return { actor, changes, signature: reader.raw(64) }
}

function writeEntries(writer: ByteWriter, entries: readonly FrontierEntry[]): void {
  writer.unsigned(entries.length)
  for (const { actor, seq, hash } of entries) {
    writer.hex(actor)
    writer.unsigned(seq)
    writer.hex(hash)
  }
}

function readEntries(reader: ByteReader): readonly FrontierEntry[] {
  const count = reader.unsigned(frontierEntriesMax)
  const entries: FrontierEntry[] = []
  for (let i = 0; i < count; i++) {
    const actor = reader.hex(33) as Actor
    const seq = reader.unsigned()
    entries.push({ actor, seq, hash: reader.hex(32) as ChangeHash })
  }
  return entries
}

function writeFrontier(writer: ByteWriter, { entries, ends }: Frontier): void {
  writer.byte(tags.frontier)
  writeEntries(writer, entries)
  writer.unsigned(ends.length)
  for (const { actor, place } of ends) {
    writer.hex(actor)
    writer.unsigned(place)
  }
}

function readFrontier(reader: ByteReader): Frontier {
  const entries = readEntries(reader)
  const count = reader.unsigned(endEntriesMax)
  const ends: EndEntry[] = []
  for (let i = 0; i < count; i++) {
    const actor = reader.hex(33) as Actor
    ends.push({ actor, place: reader.unsigned() })
  }
  return { type: 'frontier', entries, ends }
}

function readFrames(reader: ByteReader): readonly ChangesFrame[] {
  const count = reader.unsigned(answerFramesMax)
  const frames: ChangesFrame[] = []
  for (let i = 0; i < count; i++) frames.push(readChangesFrame(reader))
  return frames
}

function readCheckpointPart(reader: ByteReader): Extract<SyncResponse, { type: 'checkpoint' }> {
  const stated = reader.prefixed(checkpointHeadBytesMax)
  const bytes = reader.prefixed(checkpointPartBytes)
  if (stated.length === 0) {
    if (bytes.length > 0) throw new Malformed('a part of nothing')
    return { type: 'checkpoint', checkpoint: null, bytes }
  }
  const checkpoint = decodeCheckpoint(stated)
  if (!checkpoint.ok) throw new Malformed(checkpoint.message)
  return { type: 'checkpoint', checkpoint: checkpoint.value, bytes }
}

const finished = <T>(reader: ByteReader, value: T): T => {
  reader.finish()
  return value
}

/** The bytes of a gossip message. */
export function encodeGossip(message: GossipFrame): Uint8Array {
  const writer = new ByteWriter(1_024)
  writer.byte(tags[message.type])
  if (message.type === 'changes') writeChangesFrame(writer, message.frame)
  else if (message.type === 'head') writer.raw(encodeSignedHead(message.head))
  else if (message.type === 'certificate') writer.raw(encodeCertificate(message.certificate))
  else writer.prefixed(message.evidence)
  return writer.copy()
}

/** Reads a gossip message; nothing in it is believed yet. */
export function decodeGossip(bytes: Uint8Array): Decoded<GossipFrame> {
  return decoded((): GossipFrame => {
    const reader = new ByteReader(bytes)
    const tag = reader.byte()
    if (tag === tags.changes)
      return finished(reader, { type: 'changes', frame: readChangesFrame(reader) })
    if (tag === tags.evidence) {
      return finished(reader, { type: 'evidence', evidence: reader.prefixed(evidenceBytesMax) })
    }
    if (tag === tags.certificate) {
      const certificate = decodeCertificate(bytes.subarray(1))
      if (!certificate.ok) throw new Malformed(certificate.message)
      return { type: 'certificate', certificate: certificate.value }
    }
    const head = tag === tags.head ? decodeSignedHead(bytes.subarray(1)) : undefined
    if (head === undefined) throw new Malformed('no known message')
    return { type: 'head', head }
  })
}

/** The bytes of a question. */
export function encodeSyncRequest(request: SyncRequest): Uint8Array {
  const writer = new ByteWriter(1_024)
  if (request.type === 'frontier') writeFrontier(writer, request)
  else if (request.type === 'named') {
    writer.byte(tags.named)
    writer.unsigned(request.hashes.length)
    for (const hash of request.hashes) writer.hex(hash)
  } else if (request.type === 'end') {
    writer.byte(tags.end)
    writer.hex(request.actor)
  } else if (request.type === 'pedigree') {
    writer.byte(tags.pedigree)
    writer.hex(request.actor)
  } else if (request.type === 'checkpoint') {
    writer.byte(tags.checkpoint)
    writer.hex(request.actor)
    writer.unsigned(request.part)
  } else {
    writer.byte(tags.want)
    writer.hex(request.actor)
    writer.unsigned(request.from)
    writer.unsigned(request.bytesMax)
  }
  return writer.copy()
}

/** Reads a question. */
export function decodeSyncRequest(bytes: Uint8Array): Decoded<SyncRequest> {
  return decoded((): SyncRequest => {
    const reader = new ByteReader(bytes)
    const tag = reader.byte()
    if (tag === tags.frontier) return finished(reader, readFrontier(reader))
    if (tag === tags.end) {
      return finished(reader, { type: 'end', actor: reader.hex(33) as Actor })
    }
    if (tag === tags.pedigree) {
      return finished(reader, { type: 'pedigree', actor: reader.hex(33) as Actor })
    }
    if (tag === tags.checkpoint) {
      const of = reader.hex(33) as Actor
      const part = reader.unsigned(checkpointBytesMax / checkpointPartBytes)
      return finished(reader, { type: 'checkpoint', actor: of, part })
    }
    if (tag === tags.named) {
      const count = reader.unsigned(namedHashesMax)
      const hashes: string[] = []
      for (let i = 0; i < count; i++) hashes.push(reader.hex(32))
      return finished(reader, { type: 'named', hashes })
    }
    if (tag !== tags.want) throw new Malformed('no known question')
    const actor = reader.hex(33) as Actor
    const from = reader.unsigned()
    return finished(reader, { type: 'changes', actor, from, bytesMax: reader.unsigned() })
  })
}

/** The bytes of an answer. */
export function encodeSyncResponse(response: SyncResponse): Uint8Array {
  const writer = new ByteWriter(4_096)
  if (response.type === 'frontier') {
    writeFrontier(writer, response)
    return writer.copy()
  }
  writer.byte(tags[response.type])
  if (response.type === 'checkpoint') {
    const { checkpoint, bytes } = response
    writer.prefixed(checkpoint === null ? new Uint8Array() : encodeCheckpoint(checkpoint))
    writer.prefixed(bytes)
    return writer.copy()
  }
  writer.unsigned(response.frames.length)
  for (const frame of response.frames) writeChangesFrame(writer, frame)
  if (response.type === 'named') {
    writer.unsigned(response.evidence.length)
    for (const evidence of response.evidence) writer.prefixed(evidence)
  }
  return writer.copy()
}

/** Reads an answer. */
export function decodeSyncResponse(bytes: Uint8Array): Decoded<SyncResponse> {
  return decoded((): SyncResponse => {
    const reader = new ByteReader(bytes)
    const tag = reader.byte()
    if (tag === tags.frontier) return finished(reader, readFrontier(reader))
    if (tag === tags.checkpoint) return finished(reader, readCheckpointPart(reader))
    const isKnown = tag === tags.changes || tag === tags.named || tag === tags.pedigree
    if (!isKnown) throw new Malformed('no known answer')
    const frames = readFrames(reader)
    if (tag === tags.pedigree) return finished(reader, { type: 'pedigree', frames })
    if (tag === tags.changes) return finished(reader, { type: 'changes', frames })
    const count = reader.unsigned(namedHashesMax)
    const evidence: Uint8Array[] = []
    for (let i = 0; i < count; i++) evidence.push(reader.prefixed(evidenceBytesMax))
    return finished(reader, { type: 'named', frames, evidence })
  })
}
