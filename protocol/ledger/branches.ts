import { fault, type Fault } from '../codes.ts'
import { partsOfRecordId } from '../identity.ts'
import type { Judging } from '../kinds/kind.ts'
import type { Recorded } from './outcomes.ts'
import type { PoolState } from './pool-state.ts'

/**
 * What forbids to claim what another society handed over, for the sake of its chain alone: of one
 * that signed two pasts only what is on one of them may be claimed, the one claimed from first.
 */
export function branchFault(state: PoolState, from: Recorded, judging: Judging): Fault | null {
  const before = state.claimedFrom.get(from.author)
  const { hash } = partsOfRecordId(from.id)
  return before !== undefined && judging.lookup.divided(before.hash, hash)
    ? fault('equivocation', 'claimed from another past of that society before', from.id)
    : null
}

/** Notes the change that something was claimed from. */
export function noteClaim(state: PoolState, from: Recorded): void {
  const before = state.claimedFrom.get(from.author)
  if (before !== undefined && before.seq >= from.seq) return
  const { hash } = partsOfRecordId(from.id)
  state.claimedFrom.set(from.author, { hash, seq: from.seq })
}
