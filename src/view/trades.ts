import {
  advancePool,
  copyPool,
  didOf,
  fromMilli,
  sumOf,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'

/** Offers that are open and acceptances that wait, over all pools held. */
export type TradesView = {
  readonly offers: readonly {
    readonly id: string
    readonly seller: string
    readonly amount: number
    readonly left: number
    /** ADP per ATP. */
    readonly price: number
    readonly to: string | null
    readonly service: string | null
    readonly expiresAt: string
    readonly mine: boolean
  }[]
  readonly acceptances: readonly {
    readonly id: string
    readonly offer: string
    readonly buyer: string
    readonly seller: string
    readonly amount: number
    readonly due: number
    readonly mine: boolean
  }[]
}

/** The market as this node knows it at an instant. */
export function viewTrades(held: DocumentsHeld, self: SocietyKey, now: number): TradesView {
  const offers: TradesView['offers'][number][] = []
  const acceptances: TradesView['acceptances'][number][] = []
  for (const state of held.pools()) {
    if (state.offers.size === 0 && state.acceptances.size === 0) continue
    const pool = copyPool(state)
    advancePool(pool, Math.max(now, pool.time))
    const party = didOf(pool.society)
    const mine = pool.society === self
    for (const offer of pool.offers.values()) {
      offers.push({
        id: offer.id,
        seller: party,
        amount: fromMilli(offer.amount),
        left: fromMilli(sumOf(offer.shares)),
        price: fromMilli(offer.price),
        to: offer.to === null ? null : didOf(offer.to),
        service: offer.service,
        expiresAt: new Date(offer.expiresAt).toISOString(),
        mine,
      })
    }
    for (const { id, offer, seller, amount, due } of pool.acceptances.values()) {
      const sums = { amount: fromMilli(amount), due: fromMilli(due) }
      acceptances.push({ id, offer, buyer: party, seller: didOf(seller), ...sums, mine })
    }
  }
  return { offers, acceptances }
}
