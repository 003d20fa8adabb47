import { ByteReader, decoded, Malformed, type Decoded } from './change/byte-reader.ts'
import { ByteWriter } from './change/byte-writer.ts'
import type { Actor, ChangeHash } from './change/types.ts'
import { changeBytesMax } from './limits.ts'
import { decodeSignedHead, encodeSignedHead, type SignedHead } from './statements.ts'

/** Consecutive changes of one document with the signature of the newest, which vouches for all. */
export type ChangesFrame = {
  readonly actor: Actor
  readonly changes: readonly Uint8Array[]
  readonly signature: Uint8Array
}

/** A gossip message: changes, or a signed head. */
export type GossipFrame =
  | { readonly type: 'changes'; readonly frame: ChangesFrame }
  | { readonly type: 'head'; readonly head: SignedHead }

/** How far a node has a document. */
export type FrontierEntry = {
  readonly actor: Actor
  readonly seq: number
  readonly hash: ChangeHash
}

/** A question of `/society/sync/1`. */
export type SyncRequest =
  | { readonly type: 'frontier'; readonly entries: readonly FrontierEntry[] }
  | {
      readonly type: 'changes'
      readonly actor: Actor
      /** First change that is wanted. */
      readonly from: number
      readonly bytesMax: number
    }

/** An answer: documents in which the answerer has more or other changes, or the changes. */
export type SyncResponse =
  | { readonly type: 'frontier'; readonly entries: readonly FrontierEntry[] }
  | { readonly type: 'changes'; readonly frames: readonly ChangesFrame[] }

/** Most changes in one frame. */
export const frameChangesMax = 8_192
/** Most entries of a frontier in one message. */
export const frontierEntriesMax = 10_000
/** Most frames in one answer. */
export const answerFramesMax = 1_024

const tags = { changes: 1, head: 2, frontier: 3, want: 4 } as const

function writeFrame(writer: ByteWriter, frame: ChangesFrame): void {
  writer.hex(frame.actor)
  writer.unsigned(frame.changes.length)
  for (const change of frame.changes) writer.prefixed(change)
  writer.raw(frame.signature)
}

function readFrame(reader: ByteReader): ChangesFrame {
  const actor = reader.hex(33) as Actor
  const count = reader.unsigned(frameChangesMax)
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

const finished = <T>(reader: ByteReader, value: T): T => {
  reader.finish()
  return value
}

/** The bytes of a gossip message. */
export function encodeGossip(message: GossipFrame): Uint8Array {
  const writer = new ByteWriter(1_024)
  writer.byte(tags[message.type])
  if (message.type === 'changes') writeFrame(writer, message.frame)
  else writer.raw(encodeSignedHead(message.head))
  return writer.copy()
}

/** Reads a gossip message; nothing in it is believed yet. */
export function decodeGossip(bytes: Uint8Array): Decoded<GossipFrame> {
  return decoded((): GossipFrame => {
    const reader = new ByteReader(bytes)
    const tag = reader.byte()
    if (tag === tags.changes) return finished(reader, { type: 'changes', frame: readFrame(reader) })
    const head = tag === tags.head ? decodeSignedHead(bytes.subarray(1)) : undefined
    if (head === undefined) throw new Malformed('no known message')
    return { type: 'head', head }
  })
}

/** The bytes of a question. */
export function encodeSyncRequest(request: SyncRequest): Uint8Array {
  const writer = new ByteWriter(1_024)
  if (request.type === 'frontier') {
    writer.byte(tags.frontier)
    writeEntries(writer, request.entries)
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
    if (tag === tags.frontier) {
      return finished(reader, { type: 'frontier', entries: readEntries(reader) })
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
    writer.byte(tags.frontier)
    writeEntries(writer, response.entries)
  } else {
    writer.byte(tags.changes)
    writer.unsigned(response.frames.length)
    for (const frame of response.frames) writeFrame(writer, frame)
  }
  return writer.copy()
}

/** Reads an answer. */
export function decodeSyncResponse(bytes: Uint8Array): Decoded<SyncResponse> {
  return decoded((): SyncResponse => {
    const reader = new ByteReader(bytes)
    const tag = reader.byte()
    if (tag === tags.frontier) {
      return finished(reader, { type: 'frontier', entries: readEntries(reader) })
    }
    if (tag !== tags.changes) throw new Malformed('no known answer')
    const count = reader.unsigned(answerFramesMax)
    const frames: ChangesFrame[] = []
    for (let i = 0; i < count; i++) frames.push(readFrame(reader))
    return finished(reader, { type: 'changes', frames })
  })
}
