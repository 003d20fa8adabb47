import { fault } from '../codes.ts'
import { noteWaste } from '../ledger/advance.ts'
import { branchFault, noteClaim } from '../ledger/branches.ts'
import { addLots, isBeyondCount, lotOfSlice, sumOf } from '../ledger/lots.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { reference } from './schema.ts'

/** `trade.claim`: the buyer takes what was settled; what has expired arrives as ADP and waste. */
export const tradeClaim: RecordKind = poolKind(
  'trade.claim',
  { settlement: reference('trade.settle') },
  {
    check(state, value, judging) {
      const settlement = named(judging, value.settlement, 'settlement')
      const { buyer, acceptance, amount, due, slices } = settlement.outcome
      if (buyer !== judging.author) {
        return fault('not-authorised', 'the settlement is another buyer’s', value.settlement)
      }
      if (judging.ended(value.settlement)) {
        return fault('already-claimed', 'the settlement was claimed before', value.settlement)
      }
      const accepted = state.acceptances.get(acceptance)
      if (accepted === undefined) {
        return fault('already-ended', 'the acceptance has ended', acceptance)
      }
      const isOfIt =
        settlement.author === accepted.seller &&
        amount === accepted.amount &&
        due === accepted.due &&
        amount === sumOf(slices)
      if (!isOfIt) {
        return fault('unknown-reference', 'what was settled is not what was accepted', acceptance)
      }
      const divided = branchFault(state, settlement, judging)
      if (divided !== null) return divided
      return isBeyondCount(state, amount)
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
      const lots = slices.flatMap((slice, index) => {
        if (slice.expiresAt < time) return []
        const brought = { by: id, at: time, index }
        return [lotOfSlice(slice, brought, { owner, path: [], via: null })]
      })
      addLots(state, lots)
      for (const { batch, source, expiresAt, chargedAt, amount: wasted } of slices) {
        if (expiresAt >= time) continue
        state.pool += wasted
        noteWaste(state, { batch, source, amount: wasted, ageMs: expiresAt - chargedAt, at: time })
      }
      noteClaim(state, settlement)
      judging.end(value.settlement)
      judging.end(acceptance)
      return { type: 'claim', settlement: value.settlement }
    },
  },
)
