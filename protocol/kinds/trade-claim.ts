import { fault } from '../codes.ts'
import { noteWaste } from '../ledger/advance.ts'
import { branchFault, noteClaim } from '../ledger/branches.ts'
import { addLot, isBeyondCount, lotOfSlice } from '../ledger/lots.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { reference } from './schema.ts'

/** `trade.claim`: the buyer takes what was settled; what has expired arrives as ADP and waste. */
export const tradeClaim: RecordKind = poolKind(
  'trade.claim',
  { settlement: reference('trade.settle') },
  {
    check(state, value, judging) {
      const settlement = named(judging, value.settlement, 'settlement')
      const { buyer, acceptance } = settlement.outcome
      if (buyer !== judging.author) {
        return fault('not-authorised', 'the settlement is another buyer’s', value.settlement)
      }
      if (judging.ended(value.settlement)) {
        return fault('already-claimed', 'the settlement was claimed before', value.settlement)
      }
      if (!state.acceptances.has(acceptance)) {
        return fault('already-ended', 'the acceptance has ended', acceptance)
      }
      const divided = branchFault(state, settlement, judging)
      if (divided !== null) return divided
      return isBeyondCount(state, settlement.outcome.amount)
        ? fault('invalid-amount', 'more than a pool can count', value.settlement)
        : null
    },
    apply(state, value, judging) {
      const { id, author: owner, time } = judging
      const settlement = named(judging, value.settlement, 'settlement')
      const { acceptance, amount, due, slices } = settlement.outcome
      state.acceptances.delete(acceptance)
      state.adpEscrowed -= due
      state.supply += amount - due
      slices.forEach((slice, index) => {
        if (slice.expiresAt >= time) {
          const brought = { by: id, at: time, index }
          addLot(state, lotOfSlice(slice, brought, { owner, path: [], via: null }))
          return
        }
        state.pool += slice.amount
        const { batch, source, expiresAt, chargedAt } = slice
        const ageMs = expiresAt - chargedAt
        noteWaste(state, { batch, source, amount: slice.amount, ageMs, at: time })
      })
      noteClaim(state, settlement)
      judging.end(value.settlement)
      judging.end(acceptance)
      return { type: 'claim', settlement: value.settlement }
    },
  },
)
