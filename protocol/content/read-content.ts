import type { Actor } from '../change/types.ts'
import { decodeContent, encodeContent, type CheckpointContent } from '../checkpoint.ts'
import type { KeptChange } from '../checkpoint.ts'
import { codes } from '../codes.ts'
import { documentName, ownerOfActor, type DocumentKind } from '../identity.ts'
import { recordKinds } from '../kinds/table.ts'
import { isOutcomeOf } from './outcome-shapes.ts'
import { addsUp } from './pool-adds-up.ts'
import { dictionary, hash, listOf, oneOf, record, text, whole, type Shape } from './shape.ts'
import { poolShape, trustShape } from './state-shapes.ts'

const place: Shape = (value) => typeof value === 'string' && /^(0|[1-9][0-9]{0,4})$/.test(value)

const keptShape = record<KeptChange>({
  hash,
  seq: whole,
  time: whole,
  kinds: listOf(text),
  voids: dictionary(place, oneOf(...Object.keys(codes))),
  outcomes: dictionary(place, () => true),
  ended: dictionary(place, listOf(text)),
  borrowedUntil: whole,
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

function isInOrder(changes: readonly KeptChange[], upTo: number): boolean {
  let last = 0
  for (const { seq } of changes) {
    if (seq <= last || seq > upTo) return false
    last = seq
  }
  return new Set(changes.map((change) => change.hash)).size === changes.length
}

function isContent(value: unknown, actor: Actor): value is CheckpointContent {
  const owner = ownerOfActor(actor)
  const isForm = record<CheckpointContent>({
    state: owner?.kind === 'pool' ? poolShape : trustShape,
    changes: listOf(keptShape),
  })
  if (owner === undefined || !isForm(value)) return false
  const { state, changes } = value as CheckpointContent
  const { chain } = state
  const isOfDocument =
    state.society === owner.key &&
    chain.actor === actor &&
    chain.document === documentName(owner.kind, owner.key)
  return (
    isOfDocument &&
    (!('lots' in state) || addsUp(state)) &&
    isInOrder(changes, chain.seq) &&
    changes.every((change) => canBe(change, owner.kind))
  )
}

/**
 * Reads the content of a checkpoint of a document that others made: undefined where it is not a
 * state and facts of that document, or not in their one spelling. Whether it is the true one is
 * for witnesses to say. Never throws.
 */
export function readContent(bytes: Uint8Array, actor: Actor): CheckpointContent | undefined {
  let content: unknown
  try {
    content = decodeContent(bytes)
    if (!isContent(content, actor)) return undefined
  } catch {
    // No JSON, or nested deeper than anything of ours.
    return undefined
  }
  const spelled = encodeContent(content)
  const isSame = spelled.length === bytes.length && spelled.every((byte, at) => byte === bytes[at])
  return isSame ? content : undefined
}
