import { decodeChange, peekChange, type Peeked } from '../change/codec.ts'
import type { Change } from '../change/types.ts'
import { fault, type Fault } from '../codes.ts'
import { actorOf, ownerOfActor, type DocumentKind, type SocietyKey } from '../identity.ts'
import { changeMessage, headMessage } from '../statements.ts'
import type { Evidence, Statement } from './evidence.ts'

/** Checks an ed25519 signature with ZIP-215 semantics. */
export type VerifyKey = (signature: Uint8Array, message: Uint8Array, key: SocietyKey) => boolean

/** What evidence proves: the society's document ends before the change of number `place`. */
export type Conviction = {
  readonly society: SocietyKey
  readonly document: DocumentKind
  readonly place: number
}

/** What a statement says of the chain: which change is at a place, and what was signed when. */
type Claims = {
  readonly hashes: ReadonlyMap<number, string>
  /** Times of the run's changes by place; empty for a head. */
  readonly times: ReadonlyMap<number, number>
  readonly head: { readonly seq: number; readonly time: number } | null
  /** First place that no honest node could have written, by the statement alone. */
  readonly impossible: number
}

/** Further than any place of a chain. */
const nowhere: number = Number.MAX_SAFE_INTEGER

function claimsOfHead(
  statement: Extract<Statement, { type: 'head' }>,
  evidence: Evidence,
  owner: SocietyKey,
  verify: VerifyKey,
): Claims | string {
  const { head, signature } = statement.head
  if (actorOf(head.document, head.author) !== evidence.actor) return 'a head of another document'
  if (!verify(signature, headMessage(head), owner)) return 'the signature does not fit the head'
  const hashes = new Map([[head.seq, head.hash]])
  return { hashes, times: new Map(), head, impossible: nowhere }
}

/** Whether an honest node could have written a change after the one before it. */
function couldFollow(peeked: Peeked, bytes: Uint8Array, before: Change | null): Change | null {
  const change = decodeChange(bytes, peeked)
  if (!change.ok) return null
  const { startOperation, time } = change.value
  if (before === null) return change.value
  const next = before.startOperation + before.operations.length
  return startOperation === next && time >= before.time ? change.value : null
}

function claimsOfRun(
  statement: Extract<Statement, { type: 'run' }>,
  evidence: Evidence,
  owner: SocietyKey,
  verify: VerifyKey,
): Claims | string {
  const hashes = new Map<number, string>()
  const times = new Map<number, number>()
  let impossible = nowhere
  let last: Peeked | null = null
  let before: Change | null = null
  for (const bytes of statement.changes) {
    const peeked = peekChange(bytes)
    if (!peeked.ok) return peeked.message
    const { hash, header } = peeked.value
    if (header.actor !== evidence.actor) return 'a change of another document'
    if (last === null) {
      if ((header.seq === 1) !== (header.previous === null)) impossible = header.seq
      if (header.previous !== null) hashes.set(header.seq - 1, header.previous)
    } else if (header.seq !== last.header.seq + 1 || header.previous !== last.hash) {
      return 'the changes do not follow each other'
    }
    if (impossible === nowhere) {
      before = couldFollow(peeked.value, bytes, before)
      if (before === null) impossible = header.seq
    }
    hashes.set(header.seq, hash)
    times.set(header.seq, header.time)
    last = peeked.value
  }
  if (last === null) return 'a run of no changes'
  const signed = verify(statement.signature, changeMessage(last.hash), owner)
  return signed ? { hashes, times, head: null, impossible } : 'the signature does not fit the run'
}

/** First place at which two statements name different changes. */
function forkOf(a: Claims, b: Claims): number {
  let place = nowhere
  for (const [seq, hash] of a.hashes) {
    const other = b.hashes.get(seq)
    if (other !== undefined && other !== hash) place = Math.min(place, seq)
  }
  return place
}

/** Place after a head where another statement shows something dated before that head. */
function backdatedAfter(head: Claims['head'], other: Claims): number {
  if (head === null) return nowhere
  if (other.head !== null) {
    const earlier = other.head.seq > head.seq && other.head.time < head.time
    return earlier ? head.seq + 1 : nowhere
  }
  for (const [seq, time] of other.times) {
    if (seq > head.seq && time < head.time) return head.seq + 1
  }
  return nowhere
}

/**
 * Judges evidence from nothing but itself: whether its signatures hold and its statements
 * contradict each other, and from which place on. The place follows from the evidence alone, so
 * that everybody who has it comes to the same. Pure; never throws.
 */
export function judgeEvidence(
  evidence: Evidence,
  verify: VerifyKey,
):
  | { readonly ok: true; readonly value: Conviction }
  | { readonly ok: false; readonly fault: Fault } {
  const wrong = (message: string): { readonly ok: false; readonly fault: Fault } => ({
    ok: false,
    fault: fault('malformed', `the evidence proves nothing: ${message}`),
  })
  const owner = ownerOfActor(evidence.actor)
  if (owner === undefined) return wrong('no known document')
  const claims: Claims[] = []
  for (const statement of evidence.statements) {
    const read =
      statement.type === 'head'
        ? claimsOfHead(statement, evidence, owner.key, verify)
        : claimsOfRun(statement, evidence, owner.key, verify)
    if (typeof read === 'string') return wrong(read)
    claims.push(read)
  }
  const [a, b] = claims
  let place = Math.min(...claims.map(({ impossible }) => impossible))
  if (a !== undefined && b !== undefined) {
    place = Math.min(place, forkOf(a, b), backdatedAfter(a.head, b), backdatedAfter(b.head, a))
  }
  if (place === nowhere) return wrong('one chain contains all of it')
  return { ok: true, value: { society: owner.key, document: owner.kind, place } }
}
