import { formatMilli } from '../amounts.ts'
import { fault, type Fault } from '../codes.ts'
import type { RecordId, SocietyKey } from '../identity.ts'
import { grantDepthMax } from '../limits.ts'
import { pushDue } from '../ledger/due.ts'
import { moveShares, pickAvailable, slicesOf, tooManySlices } from '../ledger/lots.ts'
import type { Lot, PoolState } from '../ledger/pool-state.ts'
import { named, poolKind, type Judging, type RecordKind } from './kind.ts'
import { amount, key, optional, reference } from './schema.ts'

const tooDeep = (lot: Lot): boolean => lot.path.length >= grantDepthMax
const visited = (lot: Lot, to: SocietyKey): boolean => lot.path.includes(to)
const grantable = (lot: Lot, to: SocietyKey): boolean => !tooDeep(lot) && !visited(lot, to)

function amountFault(state: PoolState, wanted: number, to: SocietyKey): Fault | null {
  const { shares, missing } = pickAvailable(state, wanted, (lot) => grantable(lot, to))
  if (missing === 0) {
    return tooManySlices(shares)
      ? fault('too-many-batches', 'the amount is spread over more than 64 slices')
      : null
  }
  if (wanted > state.available) {
    return fault('insufficient-atp', `${formatMilli(state.available)} ATP are available`)
  }
  if (pickAvailable(state, wanted, (lot) => !visited(lot, to)).missing === 0) {
    return fault('not-authorised', `lent ATP is granted on at most ${grantDepthMax} levels deep`)
  }
  return fault('citizenship-cycle', 'a grant never visits a society twice')
}

function admissionFault(id: RecordId, to: SocietyKey, judging: Judging): Fault | null {
  const { author, outcome } = named(judging, id, 'admission')
  if (author !== judging.author) {
    return fault('not-authorised', 'the admission is another parent’s', id)
  }
  return outcome.child === to ? null : fault('not-citizen', 'the admission is another child’s', id)
}

/** mATP granted under an accepted vouch that the newcomer still has. */
function lentUnder(state: PoolState, vouch: RecordId): number {
  let lent = 0
  for (const grant of state.grants.values()) {
    if (grant.vouch !== vouch) continue
    grant.amounts.forEach((part, i) => {
      if (state.lots.has(grant.lots[i] ?? '')) lent += part
    })
  }
  return lent
}

function vouchFault(
  state: PoolState,
  id: RecordId,
  value: { readonly to: SocietyKey; readonly amount: number },
  judging: Judging,
): Fault | null {
  const { author, outcome } = named(judging, id, 'vouched')
  if (outcome.sponsor !== judging.author) {
    return fault('not-authorised', 'the vouch is another sponsor’s', id)
  }
  if (author !== value.to) return fault('not-citizen', 'the vouch is for another society', id)
  if (judging.time > outcome.until) return fault('expired', 'the vouch is over', id)
  const left = outcome.watts - lentUnder(state, id)
  return value.amount > left
    ? fault('invalid-amount', `the vouch leaves ${Math.max(0, left)} mATP to be granted`, id)
    : null
}

/** `allocation.grant`: lends slices of available ATP to a child, or to a newcomer vouched for. */
export const allocationGrant: RecordKind = poolKind(
  'allocation.grant',
  {
    to: key,
    amount,
    admission: optional(reference('citizenship.admit')),
    vouch: optional(reference('vouch.accept')),
  },
  {
    shape(value) {
      return (value.admission === undefined) === (value.vouch === undefined)
        ? fault('malformed', 'name one admission or one accepted vouch')
        : null
    },
    check(state, value, judging) {
      const wrong =
        value.vouch === undefined
          ? admissionFault(value.admission as RecordId, value.to, judging)
          : vouchFault(state, value.vouch, value, judging)
      return wrong ?? amountFault(state, value.amount, value.to)
    },
    apply(state, value, judging) {
      const { id, author } = judging
      const { to } = value
      const { shares } = pickAvailable(state, value.amount, (lot) => grantable(lot, to))
      const slices = slicesOf(state, shares, author)
      moveShares(state, shares, 'available', 'lent')
      const expiresAt = Math.max(...slices.map((slice) => slice.expiresAt))
      const amounts = slices.map((slice) => slice.amount)
      const lots = slices.map((slice) => slice.lot)
      const vouch = value.vouch ?? null
      state.grants.set(id, { id, to, amounts, lots, expiresAt, vouch })
      pushDue(state.due, { at: expiresAt + 1, type: 'grant', id: id satisfies RecordId })
      return { type: 'grant', to, slices }
    },
  },
)
