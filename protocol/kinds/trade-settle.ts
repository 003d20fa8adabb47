import { formatMilli } from '../amounts.ts'
import { fault } from '../codes.ts'
import { branchFault, noteClaim } from '../ledger/branches.ts'
import {
  aliveShares,
  isBeyondCount,
  slicesOf,
  splitShares,
  sumOf,
  takeFromLot,
  tooManySlices,
} from '../ledger/lots.ts'
import { noteDealing } from '../ledger/interactions.ts'
import type { Offer } from '../ledger/pool-state.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { reference } from './schema.ts'
import { dueFor } from './trade-accept.ts'

/** `trade.settle`: the seller's deciding record. ATP is the buyer's from here, ADP the seller's. */
export const tradeSettle: RecordKind = poolKind(
  'trade.settle',
  { acceptance: reference('trade.accept') },
  {
    check(state, value, judging) {
      const acceptance = named(judging, value.acceptance, 'acceptance')
      const { seller, offer: id, amount, due } = acceptance.outcome
      if (seller !== judging.author) {
        return fault('not-authorised', 'the acceptance is of another’s offer', value.acceptance)
      }
      if (judging.ended(value.acceptance)) {
        return fault('already-ended', 'the acceptance was decided before', value.acceptance)
      }
      const divided = branchFault(state, acceptance, judging)
      if (divided !== null) return divided
      const offer = state.offers.get(id)
      if (offer === undefined) return fault('offer-closed', 'the offer is closed', id)
      if (due !== dueFor(amount, offer.price)) {
        return fault('unknown-reference', 'what is in escrow is not what is due', value.acceptance)
      }
      const left = sumOf(aliveShares(state, offer.shares))
      if (amount > left)
        return fault('invalid-amount', `${formatMilli(left)} ATP are left on offer`, id)
      if (tooManySlices(splitShares(state, offer.shares, amount).first)) {
        return fault('too-many-batches', 'the amount is spread over more than 64 slices', id)
      }
      return isBeyondCount(state, due)
        ? fault('invalid-amount', 'more than a pool can count', value.acceptance)
        : null
    },
    apply(state, value, judging) {
      const acceptance = named(judging, value.acceptance, 'acceptance')
      const { author: buyer, outcome } = acceptance
      const { amount, due } = outcome
      const offer = state.offers.get(outcome.offer) as Offer
      const { first, rest } = splitShares(state, offer.shares, amount)
      const slices = slicesOf(state, first, null)
      for (const share of first) takeFromLot(state, share.lot, 'escrowed', share.amount)
      if (rest.length === 0) state.offers.delete(offer.id)
      else state.offers.set(offer.id, { ...offer, shares: rest })
      state.pool += due
      state.supply += due - amount
      judging.end(value.acceptance)
      noteDealing(state, buyer, judging)
      noteClaim(state, acceptance)
      return { type: 'settlement', acceptance: value.acceptance, buyer, amount, due, slices }
    },
  },
)
