import type { Actor, Chain } from '../change/types.ts'
import { contentPieces, isKept, parseContent, type CheckpointContent } from '../checkpoint.ts'
import type { KeptChange } from '../checkpoint.ts'
import { codes } from '../codes.ts'
import { documentName, ownerOfActor, type DocumentKind } from '../identity.ts'
import { recordKinds } from '../kinds/table.ts'
import { isOutcomeOf } from './outcome-shapes.ts'
import { addsUp } from './pool-adds-up.ts'
import { endsInTime } from './pool-ends.ts'
import { dictionary, hash, id, instant, listOf, oneOf, record } from './shape.ts'
import { text, whole, type Shape } from './shape.ts'
import { poolShape, trustShape } from './state-shapes.ts'

const place: Shape = (value) => typeof value === 'string' && /^(0|[1-9][0-9]{0,4})$/.test(value)

const keptShape = record<KeptChange>({
  hash,
  seq: whole,
  time: instant,
  kinds: listOf(text),
  voids: dictionary(place, oneOf(...Object.keys(codes))),
  outcomes: dictionary(place, () => true),
  ended: dictionary(place, listOf(id)),
  borrowedUntil: instant,
})

/** Whether what is said of a change's records may be true of such records. */
function canBe({ kinds, voids, outcomes, ended }: KeptChange, document: DocumentKind): boolean {
  const beyond = [voids, outcomes, ended].some((each) =>
    Object.keys(each).some((at) => Number(at) >= kinds.length),
  )
  if (beyond || kinds.length === 0) return false
  return kinds.every((kind, at) => {
    if (voids[at] !== undefined) return outcomes[at] === undefined && ended[at] === undefined
    return recordKinds.get(kind)?.document === document && isOutcomeOf(kind, outcomes[at])
  })
}

/** Whether changes are those that a content has of its chain, the newest last. */
function areKept(changes: readonly KeptChange[], { seq, head, time }: Chain): boolean {
  let before: Pick<KeptChange, 'seq' | 'time'> = { seq: 0, time: 0 }
  for (const change of changes) {
    const isLater = change.seq > before.seq && change.time >= before.time
    if (!isLater || !isKept(change, time)) return false
    before = change
  }
  const isAll = before.seq === seq && before.time === time && changes.at(-1)?.hash === head
  return isAll && new Set(changes.map((change) => change.hash)).size === changes.length
}

/** Bytes that looking at a change is as much work as reading. */
const lookedBytes = 512

function* isContent(value: unknown, actor: Actor): Generator<number, boolean> {
  const owner = ownerOfActor(actor)
  const isForm = record<CheckpointContent>({
    state: owner?.kind === 'pool' ? poolShape : trustShape,
    changes: Array.isArray,
  })
  if (owner === undefined || !isForm(value)) return false
  const { state, changes } = value as CheckpointContent
  const { chain } = state
  const isOfDocument =
    state.society === owner.key &&
    chain.actor === actor &&
    chain.document === documentName(owner.kind, owner.key)
  if (!isOfDocument || ('lots' in state && (!addsUp(state) || !endsInTime(state)))) return false
  for (const change of changes) {
    if (!keptShape(change) || !canBe(change, owner.kind)) return false
    yield lookedBytes
  }
  return chain.time === state.time && areKept(changes, chain)
}

/** Whether bytes are the one spelling of a content. */
function* isSpelled(content: CheckpointContent, bytes: Uint8Array): Generator<number, boolean> {
  const encoder = new TextEncoder()
  let at = 0
  for (const piece of contentPieces(content)) {
    const spelled = encoder.encode(piece)
    if (!spelled.every((byte, i) => byte === bytes[at + i])) return false
    at += spelled.length
    yield spelled.length
  }
  return at === bytes.length
}

/**
 * Reads the content of a checkpoint of a document that others made: undefined where it is not a
 * state and facts of that document, or not in their one spelling. Whether it is the true one is
 * for witnesses to say. Never throws. Yields how many bytes' work was done since.
 */
export function* readContent(
  bytes: Uint8Array,
  actor: Actor,
): Generator<number, CheckpointContent | undefined> {
  try {
    const content = yield* parseContent(bytes)
    const isRight = (yield* isContent(content, actor)) && (yield* isSpelled(content, bytes))
    return isRight ? content : undefined
  } catch {
    // No JSON, or nested deeper than anything of ours.
    return undefined
  }
}
