import { formatMilli } from '../amounts.ts'
import { fault, type Fault } from '../codes.ts'
import type { RecordId, SocietyKey } from '../identity.ts'
import { grantDepthMax } from '../limits.ts'
import { pushDue } from '../ledger/due.ts'
import { moveShares, pickAvailable, slicesOf, tooManySlices } from '../ledger/lots.ts'
import type { Lot, PoolState } from '../ledger/pool-state.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { amount, key, reference } from './schema.ts'

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

/** `allocation.grant`: lends slices of available ATP to a child. */
export const allocationGrant: RecordKind = poolKind(
  'allocation.grant',
  { to: key, amount, admission: reference('citizenship.admit') },
  {
    check(state, value, judging) {
      const { author, outcome } = named(judging, value.admission, 'admission')
      if (author !== judging.author) {
        return fault('not-authorised', 'the admission is another parent’s', value.admission)
      }
      if (outcome.child !== value.to) {
        return fault('not-citizen', 'the admission is another child’s', value.admission)
      }
      return amountFault(state, value.amount, value.to)
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
      state.grants.set(id, { id, to, amounts, lots, expiresAt })
      pushDue(state.due, { at: expiresAt + 1, type: 'grant', id: id satisfies RecordId })
      return { type: 'grant', to, slices }
    },
  },
)
