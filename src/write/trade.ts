import { dueFor, sumOf, type Lot, type Offer, type PoolState } from '../../protocol/index.ts'
import { refuseBelowAccepted } from './accepted-level.ts'
import { factors, refuse, type Input } from './input.ts'
import { liveIds, type Resolver, type Resolving } from './resolver.ts'

/** What an open offer has left, in mATP: nothing where it is closed in this node's eyes. */
function leftOf(open: Offer | undefined, now: number): number {
  return open !== undefined && now <= open.expiresAt ? sumOf(open.shares) : 0
}

/** The lots that an offer still holds in escrow: any of them may be what is settled. */
function lotsOf({ lots }: PoolState, open: Offer | undefined): readonly Lot[] {
  return (open?.shares ?? []).flatMap(({ lot }) => lots.get(lot) ?? [])
}

async function accept(input: Input, resolving: Resolving): Promise<object> {
  const given = input.optionalAmount('amount')
  const offer = input.record('offer', liveIds(resolving))
  const { author, outcome } = (await resolving.index.record(offer)) ?? {}
  if (author === undefined || outcome?.type !== 'offer')
    return refuse('unknown-reference', 'no such offer is known here')
  const { self } = resolving
  if (outcome.to !== null && outcome.to !== self) {
    return refuse('not-authorised', 'the offer names another buyer')
  }
  const seller = resolving.held.pool(author)
  const open = seller.offers.get(offer)
  const left = leftOf(open, resolving.now)
  if (left === 0) return refuse('offer-closed', 'the offer is settled, cancelled or over')
  const amount = given ?? left
  if (amount > left) return refuse('invalid-amount', `${left / factors.thousand} ATP are left`)
  const { pool } = resolving.held.pool(self)
  const due = dueFor(amount, outcome.price)
  if (due > pool) return refuse('insufficient-adp', `${due / factors.thousand} ADP are due`)
  await refuseBelowAccepted(lotsOf(seller, open), resolving)
  return { offer, amount }
}

const acceptanceOf = (input: Input, resolving: Resolving): object => ({
  acceptance: input.record('acceptance', liveIds(resolving)),
})

/** How trades are written. */
export const tradeResolvers: Readonly<Record<string, Resolver>> = {
  'trade.offer': {
    document: 'pool',
    resolve: (input, { find }) => ({
      amount: input.amount('amount'),
      price: input.optionalAmount('price', true) ?? factors.thousand,
      expires: input.optionalScaled('expiresHours', factors.hour) ?? factors.day,
      service: input.optionalText('service'),
      serviceDigest: input.optionalDigest('serviceDigest'),
      to: input.has('to') ? input.party('to', find) : undefined,
    }),
  },
  'trade.accept': { document: 'pool', resolve: accept },
  'trade.settle': { document: 'pool', resolve: acceptanceOf },
  'trade.decline': { document: 'pool', resolve: acceptanceOf },
  'trade.cancel': {
    document: 'pool',
    resolve: (input, resolving) => {
      const ids = [...liveIds(resolving)]
      return {
        offer: input.optionalRecord('offer', ids),
        acceptance: input.optionalRecord('acceptance', ids),
        because: input.optionalRecord('because', ids),
        head: input.raw('head'),
      }
    },
  },
  'trade.claim': {
    document: 'pool',
    resolve: (input, resolving) => ({
      settlement: input.record('settlement', liveIds(resolving)),
    }),
  },
}
