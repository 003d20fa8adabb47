import { fault, type Fault } from '../codes.ts'
import type { RecordId } from '../identity.ts'
import { takeFromLot } from '../ledger/lots.ts'
import type { ReturnedSlice, Slice } from '../ledger/outcomes.ts'
import { owedFor, settleOwed } from '../ledger/owed.ts'
import type { Lot, PoolState } from '../ledger/pool-state.ts'
import { named, poolKind, type Judging, type RecordKind } from './kind.ts'
import { optional, reference } from './schema.ts'

type Value = {
  readonly grant: RecordId
  readonly completion: RecordId | undefined
  readonly take: RecordId | undefined
  readonly revoke: RecordId | undefined
}

/** Lots of a grant with ATP that is not reserved, lent on or in escrow. */
function freeLots(state: PoolState, grant: RecordId): readonly Lot[] {
  return [...state.lots.values()].filter((lot) => lot.via?.grant === grant && lot.available > 0)
}

function revokeFault(state: PoolState, value: Value, judging: Judging): Fault | null {
  const revoke = named(judging, value.revoke as RecordId, 'revoke')
  if (revoke.outcome.grant !== value.grant) {
    return fault('unknown-reference', 'the revoke is of another grant', value.revoke)
  }
  const lots = freeLots(state, value.grant)
  return lots.length === 0
    ? fault('insufficient-atp', 'nothing of the grant is free to go back', value.grant)
    : slicesFault(
        lots.map((lot) => lot.via?.index ?? 0),
        value.grant,
        judging,
      )
}

/** A state or a grant that is known from a checkpoint alone may tell of slices there never were. */
function slicesFault(indices: Iterable<number>, grant: RecordId, judging: Judging): Fault | null {
  const { slices } = named(judging, grant, 'grant').outcome
  return [...indices].every((index) => index < slices.length)
    ? null
    : fault('unknown-reference', 'the grant has no such slice', grant)
}

function check(state: PoolState, value: Value, judging: Judging): Fault | null {
  const grant = named(judging, value.grant, 'grant').outcome
  if (grant.to !== judging.author) {
    return fault('not-authorised', 'the grant is to another society', value.grant)
  }
  if (value.revoke !== undefined) return revokeFault(state, value, judging)
  const cause = causesOf(value)[0] as RecordId
  const owed = owedFor(state, value.grant, cause)
  return owed === undefined
    ? fault('already-ended', 'nothing of this is owed to the grant’s lender', cause)
    : slicesFault(owed.keys(), value.grant, judging)
}

function causesOf(value: Value): readonly RecordId[] {
  return [value.completion, value.take, value.revoke].filter((id) => id !== undefined)
}

function returned(
  slices: readonly Slice[],
  index: number,
  amount: number,
  discharged: boolean,
): ReturnedSlice {
  const { lot, batch, via } = slices[index] as Slice
  return { index, amount, discharged, lot, batch, via }
}

/** `allocation.return`: discharged packets, or ATP that was asked back, on their way home. */
export const allocationReturn: RecordKind = poolKind(
  'allocation.return',
  {
    grant: reference('allocation.grant'),
    completion: optional(reference('work.complete')),
    take: optional(reference('allocation.take')),
    revoke: optional(reference('allocation.revoke')),
  },
  {
    shape(value) {
      return causesOf(value).length === 1
        ? null
        : fault('malformed', 'name one completion, take or revoke')
    },
    check,
    apply(state, value, judging) {
      const { grant } = value
      const { author: to, outcome } = named(judging, grant, 'grant')
      const because = causesOf(value)[0] as RecordId
      if (value.revoke !== undefined) {
        const lots = freeLots(state, grant)
        for (const lot of lots) takeFromLot(state, lot.key, 'available', lot.available)
        const slices = lots.map((lot) =>
          returned(outcome.slices, lot.via?.index ?? 0, lot.available, false),
        )
        return { type: 'return', to, grant, because, slices }
      }
      const owed = [...(owedFor(state, grant, because) ?? [])]
      settleOwed(state, grant, because)
      const slices = owed.map(([index, amount]) => returned(outcome.slices, index, amount, true))
      return { type: 'return', to, grant, because, slices }
    },
  },
)
