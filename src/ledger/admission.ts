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
  type Peeked,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { Clock, GossipVerdict, Store, Verifier } from '../ports.ts'
import type { Batch } from './batch.ts'
import type { DocumentsHeld } from './documents-held.ts'
import type { Index } from './index-of-facts.ts'
import { keys } from './layout.ts'

/** What became of a frame, with the reason where it was not accepted. */
export type Verdict = {
  readonly verdict: GossipVerdict
  readonly code?: Code
  readonly message?: string
  /** Hash of the change that the rest of the frame waits for. */
  readonly missing?: string
  /** Newest place of the document that is new by this frame. */
  readonly accepted?: number
}

/** What admission needs of the node. */
export type AdmissionParts = {
  readonly store: Store
  readonly held: DocumentsHeld
  readonly index: Index
  readonly verifier: Verifier
  readonly clock: Clock
  /** Whether changes up to a place of a document are taken from others; undefined if they are. */
  readonly refuses: (actor: Actor, seq: number) => string | undefined
  /** Two statements of one society contradict each other; the signature was checked. */
  readonly onEquivocation: (
    society: SocietyKey,
    actor: Actor,
    seq: number,
    bytes: Uint8Array,
  ) => void
}

const accept: Verdict = { verdict: 'accept' }
const ignore = (code: Code, message: string): Verdict => ({ verdict: 'ignore', code, message })
const reject = (code: Code, message: string): Verdict => ({ verdict: 'reject', code, message })

type Peek = Peeked & { readonly bytes: Uint8Array }

/** Frame by frame checks that need no key: form, one author, one unbroken run. */
function peekAll(frame: ChangesFrame): readonly Peek[] | Verdict {
  if (frame.changes.length === 0) return reject('malformed', 'a frame without changes')
  const peeks: Peek[] = []
  for (const bytes of frame.changes) {
    const peeked = peekChange(bytes)
    if (!peeked.ok) return reject('malformed', peeked.message)
    const { header, hash } = peeked.value
    const before = peeks.at(-1)
    if (header.actor !== frame.actor) return reject('wrong-author', 'a change of another author')
    if (before !== undefined) {
      const follows = header.seq === before.header.seq + 1 && header.previous === before.hash
      if (!follows) return reject('malformed', 'the changes of a frame must follow each other')
    }
    peeks.push({ ...peeked.value, hash, bytes })
  }
  return peeks
}

/**
 * Takes a frame of another node through the pipeline: form, author, place in the chain, signature,
 * strict decode, grammar, rules. What passes is folded and added to the batch. Never throws at
 * input; several frames are admitted one after the other, never at once.
 */
export async function admitFrame(
  parts: AdmissionParts,
  frame: ChangesFrame,
  batch: Batch,
): Promise<Verdict> {
  const owner = ownerOfActor(frame.actor)
  if (owner === undefined) return reject('wrong-author', 'an actor of no known document')
  const peeks = peekAll(frame)
  if ('verdict' in peeks) return peeks
  const last = peeks.at(-1) as Peek
  const refusal = parts.refuses(frame.actor, last.header.seq)
  if (refusal !== undefined) return ignore('unknown-society', refusal)
  const { chain } = parts.held.state(owner.kind, owner.key)
  const signed = (): boolean =>
    parts.verifier.verify(frame.signature, changeMessage(last.hash), bytesOfKey(owner.key))
  const unsigned = reject('bad-signature', 'the signature does not fit the newest change')

  const overlap = peeks.filter((peek) => peek.header.seq <= chain.seq)
  const fork = await forkIn(parts.store, batch, frame.actor, overlap)
  if (fork !== undefined) {
    if (!signed()) return unsigned
    parts.onEquivocation(owner.key, frame.actor, fork.header.seq, fork.bytes)
    return reject('equivocation', `two changes of number ${fork.header.seq}`)
  }
  const fresh = peeks.slice(overlap.length)
  const first = fresh[0]
  if (first === undefined) return ignore('out-of-order', 'known already')
  if (!signed()) return unsigned
  if (first.header.seq > chain.seq + 1) {
    const missing = first.header.previous
    const gap = ignore('out-of-order', `a gap after number ${chain.seq}`)
    return missing === null ? reject('malformed', 'a change without its past') : { ...gap, missing }
  }
  if (first.header.previous !== chain.head) {
    parts.onEquivocation(owner.key, frame.actor, first.header.seq, first.bytes)
    return reject('equivocation', `number ${first.header.seq} follows another past`)
  }
  return admitRun(parts, frame, fresh, batch)
}

/** The first change of the overlap that differs from what is held at its place. */
async function forkIn(
  store: Store,
  batch: Batch,
  actor: Actor,
  overlap: readonly Peek[],
): Promise<Peek | undefined> {
  const known = await store.getMany(overlap.map((peek) => keys.change(actor, peek.header.seq)))
  return overlap.find((peek, i) => {
    const bytes = known[i] ?? batch.changeAt(actor, peek.header.seq)
    return bytes !== undefined && !sameBytes(bytes, peek.bytes)
  })
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

async function admitRun(
  parts: AdmissionParts,
  frame: ChangesFrame,
  fresh: readonly Peek[],
  batch: Batch,
): Promise<Verdict> {
  let accepted: number | undefined
  const done = (verdict: Verdict): Verdict =>
    accepted === undefined ? verdict : { ...verdict, accepted }
  for (const peek of fresh) {
    const isLast = peek === fresh.at(-1)
    const verdict = await admitOne(parts, peek, isLast ? frame.signature : null, batch)
    if (verdict !== accept) return done(verdict)
    accepted = peek.header.seq
  }
  return done(accept)
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
  const decoded = decodeChange(peek.bytes, peek)
  if (!decoded.ok) return reject('malformed', decoded.message)
  const admitted = admitChange(decoded.value, peek.hash, state.chain)
  if (!admitted.ok) return reject(admitted.code, admitted.message)
  const change = readChange(owner.kind, owner.key, peek.hash, admitted)
  const fetched = await parts.index.fetch(change)
  if ('missing' in fetched) {
    const waits = ignore('unknown-reference', `a change it names is missing: ${fetched.missing}`)
    return { ...waits, missing: fetched.missing }
  }
  const judged = foldChange(state, change, fetched.lookup)
  parts.held.put(state)
  const { hash, bytes } = peek
  const { seq } = peek.header
  batch.accept({ actor, seq, hash, time, bytes, signature, judged, own: false }, state)
  return accept
}
