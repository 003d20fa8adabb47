import type { RecordId } from '../identity.ts'
import type { PoolState } from './pool-state.ts'

/**
 * Notes discharged packets of borrowed ATP that the lender gets back: by grant, by the record that
 * discharged them (or brought them back from further down), by index of the grant's slices.
 */
export function owe(
  state: PoolState,
  grant: RecordId,
  cause: RecordId,
  index: number,
  amount: number,
): void {
  const causes = new Map(state.owed.get(grant))
  const amounts = new Map(causes.get(cause))
  amounts.set(index, (amounts.get(index) ?? 0) + amount)
  causes.set(cause, amounts)
  state.owed.set(grant, causes)
}

/** What is owed to a grant's lender for a cause: amounts in mADP by slice index. */
export function owedFor(
  state: PoolState,
  grant: RecordId,
  cause: RecordId,
): ReadonlyMap<number, number> | undefined {
  return state.owed.get(grant)?.get(cause)
}

/** Forgets what was owed for a cause: it is on its way back. */
export function settleOwed(state: PoolState, grant: RecordId, cause: RecordId): void {
  const causes = new Map(state.owed.get(grant))
  causes.delete(cause)
  if (causes.size === 0) state.owed.delete(grant)
  else state.owed.set(grant, causes)
}
