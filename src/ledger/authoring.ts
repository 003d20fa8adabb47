import {
  admitChange,
  changeBytesMax,
  changeMessage,
  encodeChange,
  foldChange,
  headsOfChange,
  keyOfBytes,
  operationsFor,
  partsOfRecordId,
  readRecord,
  recordId,
  referencesOfChange,
  type Chain,
  type ChangeHash,
  type ChangeHeader,
  type DocumentKind,
  type DocumentState,
  type Fields,
  type Judged,
  type ReadChange,
  type RecordId,
  type Sha256,
  readChange,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { Clock, Signer, Verifier } from '../ports.ts'
import type { Batch } from './batch.ts'
import { copyState, type DocumentsHeld } from './documents-held.ts'
import { Fetched, type Index } from './index-of-facts.ts'
import { earlierOf, failureOf } from './order-of-checks.ts'

/** What authoring needs of the node. */
export type AuthoringParts = {
  readonly held: DocumentsHeld
  readonly index: Index
  readonly verifier: Verifier
  readonly clock: Clock
  readonly signer: Signer
  readonly sha256?: Sha256
  /** Times of the newest signed heads of the own documents, in ms. */
  readonly signedUntil: ReadonlyMap<DocumentKind, number>
}

/** A record that the node wants to write. */
export type Draft = {
  readonly document: DocumentKind
  /** Makes the wire fields from what is known now; throws `Failure` to refuse. */
  readonly prepare: () => Promise<Fields>
  /** Why the node refuses it by what else it knows; the rules are asked first all the same. */
  readonly refusal: Failure | undefined
  readonly resolve: (id: RecordId) => void
  readonly reject: (failure: Error) => void
}

type Prepared = {
  readonly draft: Draft
  readonly fields: Fields
  /** Those fields, read by their kind. */
  readonly reading: ReturnType<typeof readRecord>
  readonly time: number
}

// Half of what a change may hold: the bound on a record's size is a rough one.
const chunkBytesMax = changeBytesMax / 2
const fieldOverheadBytes = 32

// No change has this hash: a draft's ids must not be those of anything.
const draftHash = '0'.repeat(64) as ChangeHash

/**
 * Writes drafts of one document as one change: prepares each, judges them all on a copy of the
 * state, refuses those that would be void, and signs what is left as it was judged.
 */
export async function writeDrafts(
  parts: AuthoringParts,
  document: DocumentKind,
  drafts: readonly Draft[],
  batch: Batch,
): Promise<void> {
  const lookup = new Fetched(parts.verifier)
  const prepared: Prepared[] = []
  for (const draft of drafts) {
    try {
      const each = await prepareOne(parts, document, draft, lookup)
      if (draft.refusal === undefined) prepared.push(each)
      else draft.reject(refusedWith(parts, document, each, draft.refusal, lookup))
    } catch (error) {
      draft.reject(error as Error)
    }
  }
  for (const chunk of chunksOf(prepared)) writeChunk(parts, document, chunk, lookup, batch)
}

/** What a draft is refused with: the earlier of the node's own refusal and what would void it. */
function refusedWith(
  parts: AuthoringParts,
  document: DocumentKind,
  prepared: Prepared,
  refusal: Failure,
  lookup: Fetched,
): Failure {
  const state = parts.held.state(document, keyOfBytes(parts.signer.publicKey))
  const time = timeOf(parts, document, state.chain, [prepared])
  const [judged] = tryOut(parts, state, [prepared], time, lookup).judged
  const fault = judged?.fault ?? null
  return earlierOf(fault === null ? undefined : failureOf(fault), refusal)
}

/** When a change of these drafts would be dated. */
function timeOf(
  { clock, signedUntil }: AuthoringParts,
  document: DocumentKind,
  chain: Chain,
  prepared: readonly Prepared[],
): number {
  const named = prepared.map((each) => each.time)
  // A head says that the chain ended where it did at its time: nothing may be dated before it.
  return Math.max(clock.now(), chain.time, signedUntil.get(document) ?? 0, ...named)
}

/** Parts of the drafts that surely fit into one change each. */
function chunksOf(prepared: readonly Prepared[]): readonly (readonly Prepared[])[] {
  const chunks: Prepared[][] = []
  let bytes = 0
  for (const each of prepared) {
    const size = sizeOf(each.fields)
    const chunk = chunks.at(-1)
    if (chunk === undefined || bytes + size > chunkBytesMax) {
      chunks.push([each])
      bytes = size
    } else {
      chunk.push(each)
      bytes += size
    }
  }
  return chunks
}

/** Upper bound of a record's bytes in a change. */
function sizeOf(fields: Fields): number {
  let bytes = fieldOverheadBytes
  for (const [name, value] of fields) {
    bytes += name.length + fieldOverheadBytes
    if (typeof value === 'string') bytes += 3 * value.length
    else if (value instanceof Uint8Array) bytes += value.length
  }
  return bytes
}

function writeChunk(
  parts: AuthoringParts,
  document: DocumentKind,
  prepared: readonly Prepared[],
  lookup: Fetched,
  batch: Batch,
): void {
  const author = keyOfBytes(parts.signer.publicKey)
  const state = parts.held.state(document, author)
  const time = timeOf(parts, document, state.chain, prepared)
  let tried = tryOut(parts, state, prepared, time, lookup)
  const kept = keptOf(prepared, tried.judged)
  if (kept.length === 0) return
  // Those that would be void are left out: what is signed is judged just as it stands.
  if (kept.length < prepared.length) tried = tryOut(parts, state, kept, time, lookup)
  const { judged, bytes, hash, header } = tried
  const wrong = judged.find((record) => record.fault !== null)
  if (wrong !== undefined) throw new Error(`assertion: own record void: ${wrong.fault?.message}`)
  // What was fetched is older than this chunk: the next one must see what it ended.
  for (const { id, ended } of judged) {
    for (const other of ended) {
      const key = `${author}/${other}`
      lookup.ends.set(key, [...(lookup.ends.get(key) ?? []), id])
    }
  }
  parts.held.put(tried.state)
  const signature = parts.signer.sign(changeMessage(hash))
  const { actor, seq, startOperation } = header
  const accepted = { actor, seq, hash, time, startOperation, bytes, signature, judged }
  batch.accept({ ...accepted, own: true }, tried.state)
  batch.afterwards.push(() =>
    kept.forEach(({ draft }, place) => draft.resolve(recordId(hash, place))),
  )
}

function headerOf(chain: Chain, time: number): ChangeHeader {
  return {
    actor: chain.actor,
    seq: chain.seq + 1,
    startOperation: chain.nextOperation,
    time,
    previous: chain.head,
  }
}

async function prepareOne(
  parts: AuthoringParts,
  document: DocumentKind,
  draft: Draft,
  lookup: Fetched,
): Promise<Prepared> {
  const fields = await draft.prepare()
  const author = keyOfBytes(parts.signer.publicKey)
  const reading = readRecord(document, fields)
  if (!reading.ok) throw new Failure(reading.fault.code, reading.fault.message)
  const state = parts.held.state(document, author)
  const { chain } = state
  const change: ReadChange = {
    document,
    author,
    hash: draftHash,
    time: 0,
    chain,
    records: [{ number: chain.count, kind: '', reading }],
  }
  const fetched = await parts.index.fetch(change, state, lookup)
  if ('missing' in fetched) {
    const missing = referencesOfChange(change).find(
      (id) => partsOfRecordId(id).hash === fetched.missing,
    )
    throw new Failure('unknown-reference', `no record ${missing ?? fetched.missing} is known here`)
  }
  const records = referencesOfChange(change).map((id) => lookup.record(id)?.time ?? 0)
  const times = [...records, ...headsOfChange(change).map((head) => head.time)]
  return { draft, fields, reading, time: Math.max(0, ...times) }
}

/** A change of drafts, and what it makes of its document. */
type Tried = {
  readonly header: ChangeHeader
  readonly bytes: Uint8Array
  readonly hash: ChangeHash
  readonly judged: readonly Judged[]
  /** The state with it: a copy, for nothing of this is signed yet. */
  readonly state: DocumentState
}

/** The change that drafts make at a time, as the rules judge it on a copy of the state. */
function tryOut(
  { sha256 }: Pick<AuthoringParts, 'sha256'>,
  before: DocumentState,
  prepared: readonly Prepared[],
  time: number,
  lookup: Fetched,
): Tried {
  const { chain, society } = before
  const records = prepared.map(({ fields }) => fields)
  const header = headerOf(chain, time)
  const change = { ...header, operations: operationsFor(records, chain) }
  const { bytes, hash } = encodeChange(change, sha256)
  const admitted = admitChange(change, hash, chain)
  if (!admitted.ok) throw new Failure(admitted.code, admitted.message)
  const state = copyState(before)
  const document = 'lots' in state ? 'pool' : 'trust'
  const readings = prepared.map(({ reading }) => reading)
  const read = readChange(document, society, hash, admitted, readings)
  const judged = foldChange(state, read, lookup)
  return { header, bytes, hash, judged, state }
}

/** The drafts that are valid; the others are rejected. */
function keptOf(prepared: readonly Prepared[], judged: readonly Judged[]): readonly Prepared[] {
  return prepared.filter(({ draft }, place) => {
    const wrong = judged[place]?.fault
    if (wrong === null || wrong === undefined) return true
    draft.reject(failureOf(wrong))
    return false
  })
}
