import {
  formatMilli,
  sumOf,
  type Lot,
  type Offer,
  type OutcomeOf,
  type PoolState,
  type RecordId,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { belowAccepted } from './accepted-level.ts'
import { factors, refuse, type Input } from './input.ts'
import { liveIds, type Refusal, type Resolver, type Resolving } from './resolver.ts'

/** What an open offer has left, in mATP: nothing where it is closed in this node's eyes. */
function leftOf(open: Offer | undefined, now: number): number {
  return open !== undefined && now <= open.expiresAt ? sumOf(open.shares) : 0
}

/** The lots that an offer still holds in escrow: any of them may be what is settled. */
function lotsOf({ lots }: PoolState, open: Offer | undefined): readonly Lot[] {
  return (open?.shares ?? []).flatMap(({ lot }) => lots.get(lot) ?? [])
}

/** The pool that an offer is in, and what it tells of it; undefined where it is closed there. */
async function offerOf(
  id: RecordId,
  { index, held }: Resolving,
): Promise<
  | { readonly outcome: OutcomeOf<'offer'>; readonly pool: PoolState; readonly open?: Offer }
  | undefined
> {
  const { author, outcome } = (await index.record(id)) ?? {}
  if (author === undefined || outcome?.type !== 'offer') return undefined
  const pool = held.pool(author)
  const open = pool.offers.get(id)
  return open === undefined ? { outcome, pool } : { outcome, pool, open }
}

type Acceptance = { readonly offer: RecordId; readonly amount: number }

/** The whole of what is left is accepted where no amount is given. */
async function accept(input: Input, resolving: Resolving): Promise<Acceptance> {
  const given = input.optionalAmount('amount')
  const offer = input.record('offer', liveIds(resolving))
  const known = await offerOf(offer, resolving)
  if (known === undefined) return refuse('unknown-reference', 'no such offer is known here')
  const left = leftOf(known.open, resolving.now)
  return { offer, amount: given ?? (left === 0 ? known.outcome.amount : left) }
}

async function acceptanceRefusal(value: object, resolving: Resolving): Promise<Refusal> {
  const { offer, amount } = value as Acceptance
  const known = await offerOf(offer, resolving)
  if (known === undefined) return undefined
  const left = leftOf(known.open, resolving.now)
  if (left === 0) return new Failure('offer-closed', 'the offer is settled, cancelled or over')
  const below = await belowAccepted(lotsOf(known.pool, known.open), resolving)
  if (below !== undefined || amount <= left) return below
  return new Failure('invalid-amount', `${formatMilli(left)} ATP are left on offer`)
}

const acceptanceOf = (input: Input, resolving: Resolving): object => ({
  acceptance: input.record('acceptance', liveIds(resolving)),
})

/** How trades are written. */
export const tradeResolvers: Readonly<Record<string, Resolver>> = {
  'trade.offer': {
    document: 'pool',
    fields: ['amount', 'price', 'to', 'service', 'serviceDigest', 'expiresHours'],
    resolve: (input, { find }) => ({
      amount: input.amount('amount'),
      price: input.optionalAmount('price', true) ?? factors.thousand,
      expires: input.optionalScaled('expiresHours', factors.hour) ?? factors.day,
      service: input.optionalText('service'),
      serviceDigest: input.optionalDigest('serviceDigest'),
      to: input.has('to') ? input.party('to', find) : undefined,
    }),
  },
  'trade.accept': {
    document: 'pool',
    fields: ['offer', 'amount'],
    resolve: accept,
    refusal: acceptanceRefusal,
  },
  'trade.settle': { document: 'pool', fields: ['acceptance'], resolve: acceptanceOf },
  'trade.decline': { document: 'pool', fields: ['acceptance'], resolve: acceptanceOf },
  'trade.cancel': {
    document: 'pool',
    fields: ['offer', 'acceptance', 'because', 'head'],
    resolve: async (input, resolving) => {
      const ids = [...liveIds(resolving)]
      const acceptance = input.optionalRecord('acceptance', ids)
      const isNamed = input.has('because') || input.has('head')
      return {
        offer: input.optionalRecord('offer', ids),
        acceptance,
        because: input.optionalRecord('because', ids),
        head: input.raw('head'),
        ...(acceptance !== undefined && !isNamed && (await resolving.releaseOf(acceptance))),
      }
    },
  },
  'trade.claim': {
    document: 'pool',
    fields: ['settlement'],
    resolve: (input, resolving) => ({
      settlement: input.record('settlement', liveIds(resolving)),
    }),
  },
}
