import { peekChange, type Actor, type Chain, type DocumentState } from '../../protocol/index.ts'
import { milestoneOperations, milestonesMax } from '../limits.ts'
import type { Store, StoreWrite } from '../ports.ts'
import type { Breathe } from '../turns.ts'
import { allOf, keys } from './layout.ts'
import { placeOfSnapshot, snapshotOf } from './snapshots.ts'

/**
 * States kept on the way, so that a question about the past folds no more than what lies between
 * two of them. A milestone has a number: so many times `milestoneOperations` its document had when
 * it was folded there. All that is known of where milestones are follows from that, so that nobody
 * has to look what there is:
 *
 * 1. Of a document that has reached number n there are those that are multiples of `stepAt(n)`,
 *    at most `milestonesMax`; each new one beyond these takes one of the others away.
 * 2. A milestone is made of the changes before it alone, which never change but where a document
 *    ends or begins elsewhere: then those that are past that are dropped.
 * 3. None is ever missed: where one is not there or is not fit to be used, folding goes on from an
 *    earlier one, and writes those that it passes.
 */

const numberAt = (operations: number): number => Math.floor(operations / milestoneOperations)

/** Every how many numbers there is a milestone, once a number has been reached. */
export function stepAt(reached: number): number {
  let step = 1
  while (Math.floor(reached / step) > milestonesMax) step *= 2
  return step
}

/**
 * Number of the milestone that a state is, which the newest change has taken from a count of
 * operations to its own; undefined for none. `upTo` is the state that its document has by now.
 */
export function milestoneAt(before: number, chain: Chain, upTo: Chain = chain): number | undefined {
  const step = stepAt(numberAt(upTo.nextOperation))
  const number = numberAt(chain.nextOperation)
  const last = number - (number % step)
  return last > numberAt(before) ? last : undefined
}

/** Number of the milestone that makes room for one that is written; undefined where there is. */
export function crowdedOut(number: number): number | undefined {
  const step = stepAt(number)
  const nth = number / step - milestonesMax / 2
  return step === 1 || nth < 1 ? undefined : (2 * nth - 1) * (step / 2)
}

/** Keeps a state as a milestone. */
export async function milestoneWrite(
  number: number,
  state: DocumentState,
  breathe: Breathe,
): Promise<StoreWrite> {
  const key = keys.milestone(state.chain.actor, number)
  return { key, value: await snapshotOf(state, breathe) }
}

/** Drops the milestones that a document has between two counts of operations. */
export function noMilestones(actor: Actor, after: number, upTo: number): readonly StoreWrite[] {
  const writes: StoreWrite[] = []
  for (let number = numberAt(after) + 1; number <= numberAt(upTo); number++) {
    writes.push({ key: keys.milestone(actor, number) })
  }
  return writes
}

/** A milestone on disk. */
export type Milestone = { readonly key: string; readonly seq: number; readonly bytes: Uint8Array }

/**
 * The newest milestone between two places of a document, the second among them; below the key of
 * one that did not do, if that is given. Whether it holds what it should is for the reader to see.
 */
export async function newestMilestone(
  store: Store,
  actor: Actor,
  { after, upTo }: { readonly after: number; readonly upTo: number },
  below?: string,
): Promise<Milestone | undefined> {
  const last = await store.get(keys.change(actor, upTo))
  const peeked = last === undefined ? undefined : peekChange(last)
  if (peeked?.ok !== true) return undefined
  const bound = keys.milestone(actor, numberAt(peeked.value.header.startOperation) + 1)
  const lt = below === undefined || bound < below ? bound : below
  const range = { ...allOf('milestone', actor), lt, reverse: true, limit: 1 }
  for await (const [key, bytes] of store.range(range)) {
    const seq = placeOfSnapshot(bytes) ?? 0
    // What is of another format tells no place: an older one may do.
    if (seq === 0) return newestMilestone(store, actor, { after, upTo }, key)
    return seq > after && seq <= upTo ? { key, seq, bytes } : undefined
  }
  return undefined
}

/** Whether a state is of the chain that a store has: of a document's own past. */
export async function isOfChain(store: Store, { actor, seq, head }: Chain): Promise<boolean> {
  const bytes = await store.get(keys.change(actor, seq))
  const peeked = bytes === undefined ? undefined : peekChange(bytes)
  return peeked?.ok === true && peeked.value.hash === head
}
