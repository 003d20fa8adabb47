import {
  admitChange,
  bytesOfKey,
  changeMessage,
  datedAheadMsMax,
  decodeChange,
  foldChange,
  ownerOfActor,
  peekChange,
  readChange,
  type Actor,
  type ChangesFrame,
  type Code,
  type Chain,
  type Peeked,
  type Sha256,
  type SignedHead,
  type Statement,
} from '../../protocol/index.ts'
import { guestChangesMax, operationsJudgedInATurn } from '../limits.ts'
import type { Clock, GossipVerdict, Store, Verifier } from '../ports.ts'
import type { Breathe } from '../turns.ts'
import type { Batch } from './batch.ts'
import type { DocumentsHeld } from './documents-held.ts'
import type { Forks } from './forks.ts'
import type { Index } from './index-of-facts.ts'
import { readBase } from './base.ts'
import { checksMany } from './checked-ahead.ts'
import { copyState } from './documents-held.ts'
import { kindsIn } from './fields-at.ts'
import { namingWrites, type NamingParts } from './namings.ts'
import type { Tails } from './tails.ts'

/** What became of a frame, with the reason where it was not accepted. */
export type Verdict = {
  readonly verdict: GossipVerdict
  readonly code?: Code
  readonly message?: string
  /** Hash of the change (or of evidence) that the rest of the frame waits for. */
  readonly missing?: string
  /** Newest place of the document that is new by this frame. */
  readonly accepted?: number
  /** Place at which the frame's past parts from the one held here, or an earlier one. */
  readonly forkBefore?: number
  /** Hashes of changes that were dropped here and waited for, of which now enough is known. */
  readonly noted?: readonly string[]
}

/** What admission needs of the node. */
export type AdmissionParts = NamingParts & {
  readonly store: Store
  readonly held: DocumentsHeld
  readonly index: Index
  readonly forks: Forks
  readonly tails: Tails
  readonly verifier: Verifier
  readonly clock: Clock
  readonly breathe: Breathe
  /** Whether something waits for a change or evidence of a hash. */
  readonly isAwaited: (hash: string) => boolean
  /** The same of a member's frame, or of what such a frame waits for. */
  readonly isWanted: (hash: string) => boolean
  /** Newest signed head of a document that is known; its signature was checked. */
  readonly headOf: (actor: Actor) => SignedHead | undefined
}

/** What admission came to, and what of the frame is past the end of its document. */
export type Admitted = { readonly verdict: Verdict; readonly past: readonly Peek[] }

const accept: Verdict = { verdict: 'accept' }
const ignore = (code: Code, message: string): Verdict => ({ verdict: 'ignore', code, message })
const reject = (code: Code, message: string): Verdict => ({ verdict: 'reject', code, message })

/** A change whose header was read and whose hash is known. */
export type Peek = Peeked & { readonly bytes: Uint8Array }

const settled = (verdict: Verdict): Admitted => ({ verdict, past: [] })

/** A frame whose changes were peeked at: hashed once, for whoever asks. */
export type PeekedFrame = {
  readonly frame: ChangesFrame
  /** Its changes, one unbroken run of one author; or what became of it where they are not. */
  readonly peeks: readonly Peek[] | Verdict
}

/** Bytes of a frame's changes: with more than `frameChangesBytesMax` no fork could be shown. */
export function bytesOf({ changes }: ChangesFrame): number {
  return changes.reduce((sum, { length }) => sum + length, 0)
}

/** Peeks at all changes of a frame. */
export function peekFrame(frame: ChangesFrame, sha256?: Sha256): PeekedFrame {
  return { frame, peeks: peekAll(frame, sha256) }
}

/** Frame by frame checks that need no key: form, one author, one unbroken run. */
function peekAll(frame: ChangesFrame, sha256?: Sha256): readonly Peek[] | Verdict {
  if (frame.changes.length === 0) return reject('malformed', 'a frame without changes')
  const peeks: Peek[] = []
  for (const bytes of frame.changes) {
    const peeked = peekChange(bytes, sha256)
    if (!peeked.ok) return reject('malformed', peeked.message)
    const { header } = peeked.value
    const before = peeks.at(-1)
    if (header.actor !== frame.actor) return reject('wrong-author', 'a change of another author')
    if (before !== undefined) {
      const follows = header.seq === before.header.seq + 1 && header.previous === before.hash
      if (!follows) return reject('malformed', 'the changes of a frame must follow each other')
    }
    peeks.push({ ...peeked.value, bytes })
  }
  return peeks
}

/** Whether a member's record cannot be judged before one of these, or what follows it, is here. */
function anyIsWanted(
  { isWanted }: Pick<AdmissionParts, 'isWanted'>,
  peeks: readonly Peek[],
): boolean {
  return peeks.some(({ hash }) => isWanted(hash))
}

/** Whether a frame that has to wait is a member's, or waits so that a member's can be judged. */
export function isForMember(
  parts: Pick<AdmissionParts, 'isWanted' | 'refuses'>,
  { frame: { actor }, peeks }: PeekedFrame,
): boolean {
  if (parts.refuses(actor, guestChangesMax + 1) === undefined) return true
  return !('verdict' in peeks) && anyIsWanted(parts, peeks)
}

/**
 * Takes a frame of another node through the pipeline: form, author, place in the chain, signature,
 * strict decode, grammar, rules. What passes is folded and added to the batch. Never throws at
 * input; several frames are admitted one after the other, never at once.
 */
export async function admitFrame(
  parts: AdmissionParts,
  { frame, peeks }: PeekedFrame,
  batch: Batch,
): Promise<Admitted> {
  const { actor } = frame
  const owner = ownerOfActor(actor)
  if (owner === undefined) return settled(reject('wrong-author', 'an actor of no known document'))
  if ('verdict' in peeks) return settled(peeks)
  const last = peeks.at(-1) as Peek
  const refusal = parts.refuses(actor, last.header.seq, anyIsWanted(parts, peeks))
  if (refusal !== undefined) return settled(ignore('unknown-society', refusal))
  const { chain } = parts.held.state(owner.kind, owner.key)
  const place = parts.forks.placeOf(actor)
  const overlap = peeks.filter(({ header }) => header.seq <= chain.seq && header.seq < place)
  const fresh = peeks.slice(overlap.length)
  const first = fresh[0]
  const dropped = overlap.length === 0 ? [] : await droppedOf(parts, overlap)
  const held = overlap.slice(dropped.length)
  const contradiction = await contradictionOf(parts, held, overlap, first, chain)
  const awaited = dropped.filter(({ hash }) => parts.isAwaited(hash))
  const isGap = first !== undefined && first.header.seq > chain.seq + 1
  if (first === undefined && contradiction === undefined && awaited.length === 0) {
    return settled(ignore('out-of-order', 'known already'))
  }
  if (!parts.verifier.verify(frame.signature, changeMessage(last.hash), bytesOfKey(owner.key))) {
    return settled(reject('bad-signature', 'the signature does not fit the newest change'))
  }
  for (const peek of awaited) noteDropped(parts.index, peek)
  const noted = awaited.map(({ hash }) => hash)
  if (first === undefined && contradiction === undefined) {
    return settled({ ...ignore('out-of-order', 'dropped here'), noted })
  }
  if (contradiction !== undefined) {
    const { at, against, exact } = contradiction
    const changes = peeks.slice(at).map(({ bytes }) => bytes)
    const statement = { type: 'run', changes, signature: frame.signature } as const
    batch.suspicions.push({ actor, statements: [statement], against })
    // Whoever sends it may believe it honestly: the author alone is to blame.
    const forked = ignore('equivocation', `another past from number ${against} on, or earlier`)
    return settled(exact ? forked : { ...forked, forkBefore: against })
  }
  const kept = fresh.filter(({ header }) => header.seq < place)
  const past = fresh.slice(kept.length)
  if (kept.length === 0) return { verdict: accept, past }
  if (isGap) {
    const missing = first.header.previous
    const gap = ignore('out-of-order', `a gap after number ${chain.seq}`)
    return settled(
      missing === null ? reject('malformed', 'a change without its past') : { ...gap, missing },
    )
  }
  const verdict = await admitRun(parts, frame, kept, fresh, batch)
  return { verdict, past: verdict.verdict === 'accept' ? past : [] }
}

/** The beginning of an overlap: what is before a document's checkpoint cannot be compared here. */
async function droppedOf(
  { store }: AdmissionParts,
  overlap: readonly Peek[],
): Promise<readonly Peek[]> {
  const [first] = overlap
  const base = first && (await readBase(store, first.header.actor))
  return base === undefined ? [] : overlap.filter(({ header }) => header.seq < base.checkpoint.seq)
}

/** Notes when a dropped change was dated and of what kinds its records are. */
function noteDropped(index: Index, { header, hash, bytes, ...peeked }: Peek): void {
  const decoded = decodeChange(bytes, { header, hash, ...peeked })
  if (!decoded.ok) return
  const { actor, seq, time } = header
  const kinds = kindsIn(decoded.value.operations)
  index.note(hash, {
    actor,
    seq,
    time,
    kinds,
    voids: {},
    outcomes: {},
    ended: {},
    borrowedUntil: 0,
  })
}

/** Where a frame contradicts the chain that is held. */
type Contradiction = {
  /** Index of its first change that belongs to the evidence. */
  readonly at: number
  /** Place of the chain that it contradicts. */
  readonly against: number
  /** Whether the two pasts part just there. */
  readonly exact: boolean
}

/** The first place at which a frame names another change than the chain that is held. */
async function contradictionOf(
  { index, forks }: AdmissionParts,
  /** What of the overlap is kept here: its end. */
  kept: readonly Peek[],
  overlap: readonly Peek[],
  first: Peek | undefined,
  chain: Chain,
): Promise<Contradiction | undefined> {
  const isHeld = async (actor: Actor, seq: number, hash: string | null): Promise<boolean> => {
    const facts = hash === null ? undefined : await index.facts(hash)
    return hash === null ? seq === 0 : facts?.actor === actor && facts.seq === seq
  }
  const before = overlap.length - kept.length
  for (const [nth, { hash, header }] of kept.entries()) {
    const { actor, seq, previous } = header
    const at = before + nth
    if (await isHeld(actor, seq, hash)) continue
    return { at, against: seq, exact: at > 0 || (await isHeld(actor, seq - 1, previous)) }
  }
  if (first === undefined || overlap.length > 0) return undefined
  const { actor, seq, previous } = first.header
  // Only a change just after the chain, or after its end, says what it should have at its newest.
  const follows = seq === chain.seq + 1 && seq <= forks.placeOf(actor)
  if (!follows || previous === chain.head || chain.seq === 0) return undefined
  return { at: 0, against: chain.seq, exact: false }
}

/** Codes of what the bytes themselves may show to be impossible. */
const impossible: ReadonlySet<Code> = new Set(['malformed', 'clock-backwards'])

/** What a frame's signature says of its changes from one of them on. */
function runFrom({ signature }: ChangesFrame, all: readonly Peek[], at: number): Statement {
  return { type: 'run', changes: all.slice(at).map(({ bytes }) => bytes), signature }
}

async function admitRun(
  parts: AdmissionParts,
  frame: ChangesFrame,
  fresh: readonly Peek[],
  /** These and what of the frame follows them. */
  all: readonly Peek[],
  batch: Batch,
): Promise<Verdict> {
  let accepted: number | undefined
  let breathed = fresh[0]?.header.startOperation ?? 0
  const done = (verdict: Verdict): Verdict =>
    accepted === undefined ? verdict : { ...verdict, accepted }
  for (const peek of fresh) {
    const { actor } = frame
    const { seq, startOperation } = peek.header
    if (startOperation - breathed >= operationsJudgedInATurn) {
      breathed = startOperation
      await parts.breathe()
    }
    const isLast = peek === all.at(-1)
    const own = isLast ? frame.signature : parts.tails.signatureOf(actor, seq, peek.hash)
    const verdict = await admitOne(parts, peek, own ?? null, batch)
    const other = parts.tails.contradicting(actor, seq, peek.hash)
    if (other !== undefined) {
      const statements = [other, runFrom(frame, all, all.indexOf(peek))]
      batch.suspicions.push({ actor, statements, against: null })
    }
    if (verdict.code !== undefined && impossible.has(verdict.code)) {
      // Perhaps no honest node could have written it; with the change before it that shows alone.
      const statement = runFrom(frame, all, Math.max(0, all.indexOf(peek) - 1))
      batch.suspicions.push({ actor, statements: [statement], against: null })
    }
    if (verdict !== accept) {
      // What was accepted has its signature at the end of what was not: whoever serves the one
      // serves the other with it.
      if (accepted !== undefined) keepTail(parts, frame, all.slice(all.indexOf(peek)), batch)
      return done(verdict)
    }
    accepted = seq
    parts.tails.passed(actor, seq)
  }
  // What is past the end of the document may never be taken, but vouches for what is before.
  if (fresh.length < all.length) keepTail(parts, frame, all.slice(fresh.length), batch)
  return done(accept)
}

function keepTail(
  { tails }: AdmissionParts,
  { actor, signature }: ChangesFrame,
  rest: readonly Peek[],
  batch: Batch,
): void {
  // Bytes of its own: what a frame holds are views of a whole message.
  const changes = rest.map(({ bytes }) => bytes.slice())
  batch.writes.push(...tails.keep({ actor, changes, signature: signature.slice() }))
}

/** Compares a change with the newest signed head of its document. */
function suspect({ headOf }: AdmissionParts, { header, hash }: Peek, batch: Batch): void {
  const { actor, seq, time } = header
  const head = headOf(actor)
  if (head === undefined) return
  const isOther = head.head.seq === seq && head.head.hash !== hash
  const isBackdated = head.head.seq < seq && time < head.head.time
  if (!isOther && !isBackdated) return
  batch.suspicions.push({ actor, statements: [{ type: 'head', head }], against: seq })
}

async function admitOne(
  parts: AdmissionParts,
  peek: Peek,
  signature: Uint8Array | null,
  batch: Batch,
): Promise<Verdict> {
  const { actor, time } = peek.header
  const owner = ownerOfActor(actor)
  const state = parts.held.ofActor(actor)
  if (owner === undefined || state === undefined) return reject('wrong-author', 'no known document')
  if (time > parts.clock.now() + datedAheadMsMax) {
    return ignore('out-of-order', 'dated more than 120 s ahead')
  }
  suspect(parts, peek, batch)
  const decoded = decodeChange(peek.bytes, peek)
  if (!decoded.ok) return reject('malformed', decoded.message)
  const admitted = admitChange(decoded.value, peek.hash, state.chain)
  if (!admitted.ok) {
    const { code, message } = admitted
    const isWhole = (await readBase(parts.store, actor)) === undefined
    // A checkpoint may be a lie that its author had signed: whoever sends what follows is honest.
    return isWhole ? reject(code, message) : ignore(code, message)
  }
  const change = readChange(owner.kind, owner.key, peek.hash, admitted)
  const fetched = await parts.index.fetch(change, state)
  if ('missing' in fetched) {
    const waits = ignore('unknown-reference', `a change it names is missing: ${fetched.missing}`)
    return { ...waits, missing: fetched.missing }
  }
  const { lookup } = fetched
  if (checksMany(change)) {
    const tryOut = (): void => void foldChange(copyState(state), change, lookup)
    await lookup.signatures.check(tryOut, parts.breathe)
  }
  const judged = foldChange(state, change, lookup)
  parts.held.put(state)
  batch.writes.push(...namingWrites(parts, change, lookup))
  const { hash, bytes } = peek
  const { seq, startOperation } = peek.header
  const accepted = { actor, seq, hash, time, startOperation, bytes, signature, judged }
  batch.accept({ ...accepted, own: false }, state)
  return accept
}
