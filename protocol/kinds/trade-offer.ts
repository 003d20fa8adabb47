import { formatMilli } from '../amounts.ts'
import { fault } from '../codes.ts'
import { offerMsMax, priceMax } from '../limits.ts'
import { pushDue } from '../ledger/due.ts'
import { moveShares, pickAvailable, tooManySlices } from '../ledger/lots.ts'
import type { Lot, PoolState, Share } from '../ledger/pool-state.ts'
import { poolKind, type RecordKind } from './kind.ts'
import { amount, digest, integer, key, optional, text } from './schema.ts'

const own = (lot: Lot): boolean => lot.via === null

/** An offer ends with its first batch. */
function endOf(state: PoolState, shares: readonly Share[], wanted: number): number {
  return Math.min(wanted, ...shares.map(({ lot }) => state.lots.get(lot)?.expiresAt ?? wanted))
}

/** `trade.offer`: puts own ATP in escrow at a price in thousandths of an ADP per ATP. */
export const tradeOffer: RecordKind = poolKind(
  'trade.offer',
  {
    amount,
    price: integer(0, priceMax),
    to: optional(key),
    service: optional(text()),
    serviceDigest: optional(digest),
    expires: integer(1, offerMsMax),
  },
  {
    check(state, value, judging) {
      if (value.to === judging.author) {
        return fault('not-authorised', 'an offer to oneself is none')
      }
      const { shares, missing } = pickAvailable(state, value.amount, own)
      if (missing > 0) {
        return fault(
          'insufficient-atp',
          `${formatMilli(value.amount - missing)} ATP of its own are available`,
        )
      }
      return tooManySlices(shares)
        ? fault('too-many-batches', 'the amount is spread over more than 64 slices')
        : null
    },
    apply(state, value, judging) {
      const { id, time } = judging
      const { shares } = pickAvailable(state, value.amount, own)
      const expiresAt = endOf(state, shares, time + value.expires)
      const { price } = value
      const to = value.to ?? null
      moveShares(state, shares, 'available', 'escrowed')
      state.offers.set(id, {
        id,
        amount: value.amount,
        price,
        to,
        service: value.service ?? null,
        expiresAt,
        shares,
      })
      pushDue(state.due, { at: expiresAt + 1, type: 'offer', id })
      return { type: 'offer', amount: value.amount, price, to, expiresAt }
    },
  },
)
