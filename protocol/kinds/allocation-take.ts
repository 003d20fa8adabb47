import { fault, type Fault } from '../codes.ts'
import type { RecordId, SocietyKey } from '../identity.ts'
import { branchFault, noteClaim } from '../ledger/branches.ts'
import { addLots, isBeyondCount, lotOfSlice, moveLot, sumOf, takeFromLot } from '../ledger/lots.ts'
import { dischargeOccupation } from '../ledger/occupation.ts'
import { noteDealing } from '../ledger/interactions.ts'
import type { OutcomeOf, Recorded, ReturnedSlice } from '../ledger/outcomes.ts'
import { owe } from '../ledger/owed.ts'
import type { PoolState } from '../ledger/pool-state.ts'
import { named, poolKind, type Judging, type RecordKind } from './kind.ts'
import { optional, reference } from './schema.ts'

type Return = Recorded & { readonly outcome: OutcomeOf<'return'> }

function grantFault(state: PoolState, id: RecordId, judging: Judging): Fault | null {
  const grant = named(judging, id, 'grant')
  const { to, slices } = grant.outcome
  if (to !== judging.author) return fault('not-authorised', 'the grant is to another society', id)
  if (judging.ended(id)) return fault('already-claimed', 'the grant was taken before', id)
  const expired = slices.every((slice) => slice.expiresAt < judging.time)
  if (expired) return fault('expired', 'everything in the grant has expired', id)
  const divided = branchFault(state, grant, judging)
  if (divided !== null) return divided
  return isBeyondCount(state, sumOf(slices))
    ? fault('invalid-amount', 'more than a pool can count', id)
    : null
}

function returnFault(state: PoolState, id: RecordId, judging: Judging): Fault | null {
  const given = named(judging, id, 'return')
  const { to, grant, slices } = given.outcome
  if (to !== judging.author) return fault('not-authorised', 'the return is to another society', id)
  if (judging.ended(id)) return fault('already-claimed', 'the return was taken before', id)
  const divided = branchFault(state, given, judging)
  if (divided !== null) return divided
  if (!slices.every((slice) => isOfGrant(state, given, slice))) {
    return fault('unknown-reference', 'what comes back is not what was lent', id)
  }
  const amounts = state.grants.get(grant)?.amounts
  const back = new Map<number, number>()
  for (const { index, amount } of slices) back.set(index, (back.get(index) ?? 0) + amount)
  return amounts !== undefined && [...back].some(([i, amount]) => amount > (amounts[i] ?? 0))
    ? fault('invalid-amount', 'more comes back than is still lent', id)
    : null
}

/**
 * Whether a slice that comes back was lent by its grant: of a grant that is over no lot is alive.
 * A return that is known from a checkpoint alone may be one that nobody could have written.
 */
function isOfGrant(state: PoolState, given: Return, slice: ReturnedSlice): boolean {
  const grant = state.grants.get(given.outcome.grant)
  const lot = state.lots.get(slice.lot)
  if (grant === undefined) return lot === undefined
  const isLent = grant.to === given.author && grant.lots[slice.index] === slice.lot
  const isSame = lot === undefined || (lot.batch === slice.batch && isSameVia(lot.via, slice.via))
  return isLent && isSame
}

function isSameVia(a: ReturnedSlice['via'], b: ReturnedSlice['via']): boolean {
  return a?.grant === b?.grant && a?.index === b?.index
}

function takeGrant(state: PoolState, id: RecordId, judging: Judging): void {
  const { slices } = named(judging, id, 'grant').outcome
  const lots = slices.flatMap((slice, index) => {
    if (slice.expiresAt < judging.time) return []
    const via = { grant: id, index }
    const { owner, path } = slice
    const brought = { by: judging.id, at: judging.time, index }
    return [lotOfSlice(slice, brought, { owner, path, via })]
  })
  addLots(state, lots)
}

/** Packets that were discharged: home to the pool, or on to the lender they were borrowed from. */
function takeDischarged(state: PoolState, slice: ReturnedSlice, judging: Judging): void {
  const alive = state.lots.has(slice.lot)
  if (alive) takeFromLot(state, slice.lot, 'lent', slice.amount)
  if (slice.via !== null) {
    owe(state, slice.via.grant, judging.id, slice.via.index, slice.amount)
    return
  }
  if (alive) {
    state.pool += slice.amount
    dischargeOccupation(state, slice.batch, slice.amount)
  } else {
    // Expired meanwhile: the packets are home already as waste, but they were used after all.
    state.wasted -= Math.min(slice.amount, state.wasted)
  }
}

/** Answers the child whose grant is back whole by this return; null where something is out. */
function takeReturn(state: PoolState, id: RecordId, judging: Judging): SocietyKey | null {
  const { grant, slices } = named(judging, id, 'return').outcome
  let whole: SocietyKey | null = null
  const lent = state.grants.get(grant)
  if (lent !== undefined) {
    const amounts = [...lent.amounts]
    for (const { index, amount } of slices) amounts[index] = (amounts[index] ?? 0) - amount
    // Kept until it expires even with nothing lent, lest a forged return pass unmeasured.
    state.grants.set(grant, { ...lent, amounts })
    if (amounts.every((amount) => amount === 0)) {
      noteDealing(state, lent.to, judging)
      whole = lent.to
    }
  }
  for (const slice of slices) {
    if (slice.discharged) takeDischarged(state, slice, judging)
    else moveLot(state, slice.lot, 'lent', 'available', slice.amount)
  }
  return whole
}

/** `allocation.take`: claims a grant from a parent, or a return from a child. Each once. */
export const allocationTake: RecordKind = poolKind(
  'allocation.take',
  {
    grant: optional(reference('allocation.grant')),
    return: optional(reference('allocation.return')),
  },
  {
    shape(value) {
      return (value.grant === undefined) === (value.return === undefined)
        ? fault('malformed', 'name one grant or one return')
        : null
    },
    check(state, value, judging) {
      if (value.grant !== undefined) return grantFault(state, value.grant, judging)
      return returnFault(state, value.return as RecordId, judging)
    },
    apply(state, value, judging) {
      const handover = (value.grant ?? value.return) as RecordId
      judging.end(handover)
      noteClaim(state, judging.lookup.record(handover) as Recorded)
      if (value.grant === undefined) {
        return { type: 'take', handover, whole: takeReturn(state, handover, judging) }
      }
      takeGrant(state, handover, judging)
      return { type: 'take', handover, whole: null }
    },
  },
)
