import { sha256 } from '@noble/hashes/sha2.js'
import { ByteReader, decoded, Malformed, type Decoded } from '../change/byte-reader.ts'
import { ByteWriter } from '../change/byte-writer.ts'
import { hexOf } from '../change/hex.ts'
import type { Actor } from '../change/types.ts'
import { changeBytesMax, evidenceBytesMax, signedHeadBytes } from '../limits.ts'
import { decodeSignedHead, encodeSignedHead, type SignedHead } from '../statements.ts'

/**
 * Something that a society has signed about one of its documents: consecutive changes with the
 * signature of the newest, or a head.
 */
export type Statement =
  | {
      readonly type: 'run'
      readonly changes: readonly Uint8Array[]
      readonly signature: Uint8Array
    }
  | { readonly type: 'head'; readonly head: SignedHead }

/**
 * What shows that a society signed two pasts of a document: two statements that no single chain
 * contains, or one that no honest node could have made. Nothing in it is believed by itself.
 */
export type Evidence = { readonly actor: Actor; readonly statements: readonly Statement[] }

const tags = { run: 1, head: 2 } as const
/** No run is longer: it ends at the first signature after the fork. */
const runChangesMax = 8_192

function writeStatement(writer: ByteWriter, statement: Statement): void {
  writer.byte(tags[statement.type])
  if (statement.type === 'head') {
    writer.raw(encodeSignedHead(statement.head))
    return
  }
  writer.unsigned(statement.changes.length)
  for (const change of statement.changes) writer.prefixed(change)
  writer.raw(statement.signature)
}

function readStatement(reader: ByteReader): Statement {
  const tag = reader.byte()
  if (tag === tags.head) {
    const head = decodeSignedHead(reader.raw(signedHeadBytes).slice())
    if (head === undefined) throw new Malformed('no signed head')
    return { type: 'head', head }
  }
  if (tag !== tags.run) throw new Malformed('no known statement')
  const count = reader.unsigned(runChangesMax)
  const changes: Uint8Array[] = []
  for (let i = 0; i < count; i++) changes.push(reader.prefixed(changeBytesMax).slice())
  return { type: 'run', changes, signature: reader.raw(64).slice() }
}

/** The bytes of evidence. */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  const writer = new ByteWriter(1_024)
  writer.hex(evidence.actor)
  writer.byte(evidence.statements.length)
  for (const statement of evidence.statements) writeStatement(writer, statement)
  return writer.copy()
}

/** SHA-256 of evidence, 64 lower-case hex digits: what a report names it by. */
export function evidenceDigest(bytes: Uint8Array): string {
  return hexOf(sha256(bytes))
}

/** Reads evidence, its own copy of the bytes; whether it proves anything is not judged here. */
export function decodeEvidence(bytes: Uint8Array): Decoded<Evidence> {
  if (bytes.length > evidenceBytesMax) {
    return { ok: false, message: `evidence of more than ${evidenceBytesMax} bytes` }
  }
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const actor = reader.hex(33) as Actor
    const count = reader.byte()
    if (count !== 1 && count !== 2) throw new Malformed('evidence has one or two statements')
    const statements: Statement[] = []
    for (let i = 0; i < count; i++) statements.push(readStatement(reader))
    reader.finish()
    return { actor, statements }
  })
}
