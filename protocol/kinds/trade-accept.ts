import { formatMilli, multiplyUp } from '../amounts.ts'
import { fault } from '../codes.ts'
import { integerMax } from '../limits.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { amount, reference } from './schema.ts'

/** What a buyer owes for an amount at a price in thousandths, rounded up, in mADP. */
export function dueFor(amountMilli: number, price: number): number {
  return multiplyUp(amountMilli, price, 1_000)
}

/** `trade.accept`: puts the ADP for (part of) an offer in escrow. */
export const tradeAccept: RecordKind = poolKind(
  'trade.accept',
  { offer: reference('trade.offer'), amount },
  {
    check(state, value, judging) {
      const { author: seller, outcome: offer } = named(judging, value.offer, 'offer')
      if (seller === judging.author || (offer.to !== null && offer.to !== judging.author)) {
        return fault('not-authorised', 'the offer is not for this society', value.offer)
      }
      if (judging.time > offer.expiresAt) {
        return fault('offer-closed', 'the offer is over', value.offer)
      }
      if (value.amount > offer.amount) {
        return fault(
          'invalid-amount',
          `the offer is of ${formatMilli(offer.amount)} ATP`,
          value.offer,
        )
      }
      const due = dueFor(value.amount, offer.price)
      return due > state.pool || due > integerMax
        ? fault(
            'insufficient-adp',
            `${formatMilli(due)} ADP are due, the pool holds ${formatMilli(state.pool)}`,
          )
        : null
    },
    apply(state, value, judging) {
      const { author: seller, outcome } = named(judging, value.offer, 'offer')
      const due = dueFor(value.amount, outcome.price)
      const terms = { offer: value.offer, seller, amount: value.amount, due }
      const acceptance = { ...terms, offerExpiresAt: outcome.expiresAt }
      state.pool -= due
      state.adpEscrowed += due
      state.acceptances.set(judging.id, { id: judging.id, ...acceptance })
      return { type: 'acceptance', ...acceptance }
    },
  },
)
