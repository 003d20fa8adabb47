import {
  dayOf,
  partsOfRecordId,
  recordId,
  ownerOfActor,
  type Actor,
  type ChangeHash,
  type Code,
  type JobDay,
  type Judged,
  type KeptChange,
  type Outcome,
  type RecordId,
  type Recorded,
  type SocietyKey,
  type Trade,
} from '../../protocol/index.ts'
import type { Store, StoreRange } from '../ports.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A place as it stands in keys: sorted as numbers are. */
export const sequence = (seq: number): string => seq.toString(16).padStart(12, '0')

/** Keys of the store. Changes and signatures are the truth, all else can be made from them. */
export const keys = {
  /** Bytes of a change. */
  change: (actor: Actor, seq: number): string => `c/${actor}/${sequence(seq)}`,
  /** Signature of a change, where it has one of its own. */
  signature: (actor: Actor, seq: number): string => `s/${actor}/${sequence(seq)}`,
  /** What follows the newest change of a document up to a signature, but cannot be judged yet. */
  tail: (actor: Actor): string => `t/${actor}`,
  /** The same for a change past the end of its document, by its hash. */
  offTail: (hash: string): string => `l/${hash}`,
  /** What judging a change came to. */
  facts: (hash: string): string => `r/${hash}`,
  /** The record by which an author ended something. */
  end: (author: SocietyKey, id: string): string => `e/${author}/${id}`,
  /** How far a document goes. */
  manifest: (actor: Actor): string => `m/${actor}`,
  /** A document's state at a place of its chain, near its newest. */
  snapshot: (actor: Actor): string => `n/${actor}`,
  /** The same where its changes first had so many times `milestoneOperations`. */
  milestone: (actor: Actor, number: number): string => `na/${actor}/${sequence(number)}`,
  /** Newest signed head of a document. */
  head: (actor: Actor): string => `h/${actor}`,
  /** Evidence of the earliest fork of a document that is known. */
  evidence: (actor: Actor): string => `q/${actor}`,
  /** Evidence that a report names by its digest. */
  evidenceNamed: (digest: string): string => `y/${digest}`,
  /** A change of a document that has ended, on another branch than the one kept in its place. */
  offChange: (hash: string): string => `b/${hash}`,
  /** Its signature, where it has one of its own; otherwise `offNext` leads to one. */
  offSignature: (hash: string): string => `i/${hash}`,
  /** Hash of the change after it that came with it. */
  offNext: (hash: string): string => `j/${hash}`,
  /** A record on such a branch by which an author ended something. */
  offEnd: (author: SocietyKey, id: string, by: RecordId): string => `f/${author}/${id}/${by}`,
  /** The checkpoint from which on a document is kept here, and how many parts its content has. */
  base: (actor: Actor): string => `za/${actor}`,
  /** A part of that content. */
  basePart: (actor: Actor, seq: number, part: number): string =>
    `zb/${actor}/${sequence(seq)}/${sequence(part)}`,
  /** A checkpoint that is too young to be kept from, with the state at its place. */
  checkpoint: (actor: Actor, seq: number): string => `zc/${actor}/${sequence(seq)}`,
  /** Hash of a change that has a record of a standing kind. */
  standing: (actor: Actor, seq: number): string => `zd/${actor}/${sequence(seq)}`,
  /** The newest place of a document whose checkpoint this node has signed as a witness. */
  checkpointSigned: (actor: Actor): string => `ze/${actor}`,
  /** The pedigree of a trust document that does not begin with its first change here. */
  pedigree: (actor: Actor): string => `zf/${actor}`,
  /** Whether records of an author need a society that is no member, or just name it. */
  naming: (named: SocietyKey, author: SocietyKey): string => `zg/${named}/${author}`,
  /** Whether all that names others was noted as it came. */
  namingsNoted: (): string => 'zh/',
  /** Newest certificate of a document. */
  certificate: (actor: Actor): string => `g/${actor}`,
  /** What this node is bound to by what it signed about a document as its author's witness. */
  acknowledged: (actor: Actor): string => `k/${actor}`,
  /** The place at which this society's witnesses are being replaced, and by whom. */
  succession: (actor: Actor): string => `ka/${actor}`,
  /** Something another society handed over or asked for that awaits this one's answer. */
  agenda: (id: RecordId): string => `a/${id}`,
  /** Tally of a day's jobs of one society for another. */
  jobs: ({ day, worker, beneficiary }: JobDay): string => `d/j/${day}/${worker}/${beneficiary}`,
  /** A settled trade, as long as detectors look back. */
  trade: ({ at, id }: Trade): string => `d/t/${dayOf(at)}/${id}`,
  /** A request for work to a society, and what became of it. */
  request: (to: SocietyKey, id: RecordId): string => `w/${to}/${id}`,
  /** Where a transcript of a source is; by source and time. */
  sourceTranscript: (source: string, time: number, id: RecordId): string =>
    `o/${source}/${sequence(time)}/${id}`,
  /** The record that holds the transcript of a proof, by its SHA-256. */
  transcript: (proof: RecordId, digest: string): string => `x/${proof}/${digest}`,
  /** The record by which a proof was renewed or its source retired. */
  successor: (proof: RecordId): string => `p/${proof}`,
  /** A vouch whose outcome this node has told of. */
  toldVouch: (id: RecordId): string => `v/${id}`,
  /** What an own source's meter showed. */
  samples: (source: string): string => `u/${source}`,
  /** What the operator has confirmed of a ticket's work. */
  confirmed: (ticket: RecordId): string => `d/c/${ticket}`,
  /** Hours for which this society has signed as worker, of a ticket. */
  signedHours: (ticket: RecordId): string => `d/h/${ticket}`,
  /** A receipt that this society's operator does not stand by. */
  disowned: (receipt: RecordId): string => `d/x/${receipt}`,
} as const

/** What the keys of a kind begin with, by their name in `keys`. */
export const prefixes = {
  change: 'c/',
  signature: 's/',
  facts: 'r/',
  end: 'e/',
  manifest: 'm/',
  milestone: 'na/',
  head: 'h/',
  evidence: 'q/',
  offChange: 'b/',
  offEnd: 'f/',
  basePart: 'zb/',
  checkpoint: 'zc/',
  standing: 'zd/',
  naming: 'zg/',
  tail: 't/',
  checkpointSigned: 'ze/',
  certificate: 'g/',
  acknowledged: 'k/',
  agenda: 'a/',
  jobs: 'd/j/',
  trade: 'd/t/',
  request: 'w/',
  sourceTranscript: 'o/',
  transcript: 'x/',
  successor: 'p/',
  toldVouch: 'v/',
  samples: 'u/',
  confirmed: 'd/c/',
  signedHours: 'd/h/',
} as const

const under = (prefix: string): StoreRange => ({ gte: prefix, lt: `${prefix.slice(0, -1)}0` })

/** Everything of a kind; or of it what belongs to the first parts of its keys. */
export function allOf(kind: keyof typeof prefixes, ...owner: readonly string[]): StoreRange {
  return under([prefixes[kind], ...owner.map((part) => `${part}/`)].join(''))
}

/** What follows a range's prefix in one of its keys. */
export function nameUnder({ gte }: StoreRange, key: string): string {
  return key.slice(gte.length)
}

/** Place of a change that a key of `keys.change` or `keys.signature` names. */
export function seqOfKey(key: string): number {
  return Number.parseInt(key.slice(-12), 16)
}

/** What judging a change came to, as stored by its hash. */
export type Facts = Omit<KeptChange, 'hash'> & { readonly actor: Actor }

/** The facts of a change that was judged. */
export function factsOf(actor: Actor, judged: readonly Judged[], borrowedUntil: number): Facts {
  const voids: Record<string, Code> = {}
  const outcomes: Record<string, Outcome> = {}
  const ended: Record<string, readonly string[]> = {}
  judged.forEach((record, place) => {
    if (record.void !== null) voids[place] = record.void
    if (record.outcome !== null) outcomes[place] = record.outcome
    if (record.ended.length > 0) ended[place] = record.ended
  })
  const { seq, time } = judged[0] as Judged
  const kinds = judged.map(({ kind }) => kind)
  return { actor, seq, time, kinds, voids, outcomes, ended, borrowedUntil }
}

/** One record of a change from its facts; undefined where the change has no such place. */
export function recordedOf(facts: Facts, hash: string, place: number): Recorded | undefined {
  const kind = facts.kinds[place]
  const owner = ownerOfActor(facts.actor)
  if (kind === undefined || owner === undefined) return undefined
  return {
    id: recordId(hash, place),
    author: owner.key,
    document: owner.kind,
    seq: facts.seq,
    time: facts.time,
    kind,
    void: facts.voids[place] ?? null,
    outcome: facts.outcomes[place] ?? null,
  }
}

// Memory for values in the making, many of them in one piece: a piece of its own for each costs
// more than spelling it, and more still when it is collected.
const pieceBytes = 65_536
let piece = new Uint8Array(pieceBytes)
let pieceUsed = 0

/** A JSON value as bytes of the store. */
export function encodeJson(value: unknown): Uint8Array {
  return encodeText(JSON.stringify(value))
}

/** The inverse of `encodeJson`, for values this program wrote itself. */
export function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes))
}

/** JSON values of a range, in the order of their keys. */
export async function* jsonUnder(store: Store, range: StoreRange): AsyncGenerator {
  for await (const [, value] of store.range(range)) yield decodeJson(value)
}

/** Text as bytes of the store. */
export function encodeText(text: string): Uint8Array {
  const bytesMax = 3 * text.length
  if (bytesMax > pieceBytes) return encoder.encode(text)
  if (bytesMax > pieceBytes - pieceUsed) {
    piece = new Uint8Array(pieceBytes)
    pieceUsed = 0
  }
  const start = pieceUsed
  pieceUsed += encoder.encodeInto(text, piece.subarray(start)).written
  return piece.subarray(start, pieceUsed)
}

/** The inverse of `encodeText`. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** How far a document goes, as stored. */
export type Manifest = { readonly seq: number; readonly hash: ChangeHash }

/** The hash of the change that a record is in. */
export function hashOfRecord(id: RecordId): string {
  return partsOfRecordId(id).hash
}
