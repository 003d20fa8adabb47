import { advancePool, copyPool, didOf, formatMilli } from '../../protocol/index.ts'
import { sumOf, type RecordId } from '../../protocol/index.ts'
import type { PoolState, SocietyKey } from '../../protocol/index.ts'
import type { AgendaItem } from './agenda.ts'
import type { Ranked } from '../queue/order.ts'
import { isImpossible } from '../queue/refusals.ts'
import { servable } from '../queue/serve.ts'
import { releaseOf, type ReleaseView } from './release.ts'

/** A record that a node writes by itself. */
export type Chore = {
  readonly kind: string
  readonly with: Readonly<Record<string, unknown>>
  /** Agenda item that is struck off where the record is refused. */
  readonly item?: RecordId
}

/** What deciding on chores needs. */
export type ChoreView = ReleaseView & {
  /** Grants of ATP that is less surely proven than this society accepts: they are left alone. */
  readonly unaccepted: ReadonlySet<RecordId>
  /** Whether a society signed two pasts. */
  readonly isLiar: (society: SocietyKey) => boolean
  /** The society's own queue, in the order in which it is served. */
  readonly queue: () => readonly Ranked[]
  /** mW of its valid sources. */
  readonly capacity: () => number
}

/**
 * When time alone next gives a node something to do; Infinity for never. While its free ATP is
 * waited for, in its queue or by a revoke, that is whenever something of its pool is over, and when
 * a request is next dropped: ATP may have been kept for it.
 */
export function nextChoreAt(
  own: PoolState,
  now: number,
  isWaitedFor: boolean,
  nextDrop: number,
): number {
  let next = Math.max(nextDrop, now + 1)
  for (const { at } of isWaitedFor ? own.due : []) {
    if (at > now) next = Math.min(next, at)
  }
  for (const { offerExpiresAt } of own.acceptances.values()) {
    const over = offerExpiresAt + 1
    if (over > now) next = Math.min(next, over)
  }
  return next
}

/** What a node does by itself now, in the order it should be written. Pure. */
export function choresOf(view: ChoreView): readonly Chore[] {
  const own = copyPool(view.own)
  advancePool(own, Math.max(view.now, own.time))
  const left = new Map([...own.offers].map(([id, { shares }]) => [id, sumOf(shares)]))
  return [
    ...view.agenda.flatMap((item) => answer(item, own, view, left)),
    ...returnsOf(own),
    ...releasesOf(own, view),
    ...servingsOf(own, view),
  ]
}

/** ATP on offer that is not promised yet, in mATP by offer. */
type Left = Map<RecordId, number>

function answer(item: AgendaItem, own: PoolState, view: ChoreView, left: Left): readonly Chore[] {
  const { id, author, outcome } = item
  switch (outcome.type) {
    case 'grant':
      return view.unaccepted.has(id)
        ? []
        : [{ kind: 'allocation.take', with: { grant: id }, item: id }]
    case 'return':
      return [{ kind: 'allocation.take', with: { return: id }, item: id }]
    case 'settlement':
      return view.lost.has(id) ? [] : [{ kind: 'trade.claim', with: { settlement: id }, item: id }]
    case 'revoke':
      return answerRevoke(id, outcome.grant, own)
    case 'acceptance':
      return view.isLiar(author)
        ? [{ kind: 'trade.decline', with: { acceptance: id }, item: id }]
        : [answerAcceptance(id, outcome.offer, outcome.amount, left)]
    case 'decline':
      // Where the acceptance has ended, the refusal strikes the item off.
      return [
        {
          kind: 'trade.cancel',
          with: { acceptance: outcome.acceptance, because: id },
          item: id,
        },
      ]
    default:
      return []
  }
}

function answerRevoke(revoke: RecordId, grant: RecordId, own: PoolState): readonly Chore[] {
  const lots = [...own.lots.values()].filter((lot) => lot.via?.grant === grant)
  return lots.some((lot) => lot.available > 0)
    ? [{ kind: 'allocation.return', with: { grant, revoke } }]
    : []
}

/**
 * What has been answered: revokes of which the grant was taken and nothing is held any more,
 * cancelled offers of which nothing that was accepted is in escrow any more.
 */
export function answered(view: ChoreView): readonly RecordId[] {
  const escrowed = new Set([...view.own.acceptances.values()].map(({ offer }) => offer))
  const held = new Set([...view.own.lots.values()].map((lot) => lot.via?.grant))
  const untaken = new Set(view.agenda.map(({ id }) => id))
  return view.agenda.flatMap(({ id, outcome }) => {
    const isReturned =
      outcome.type === 'revoke' && !held.has(outcome.grant) && !untaken.has(outcome.grant)
    const isReleased = outcome.type === 'cancel' && !escrowed.has(outcome.ended)
    return isReturned || isReleased ? [id] : []
  })
}

/** Settles what fits the offer beside those before it, declines the rest. */
function answerAcceptance(id: RecordId, offer: RecordId, amount: number, left: Left): Chore {
  const rest = (left.get(offer) ?? 0) - amount
  if (rest >= 0) left.set(offer, rest)
  const kind = rest >= 0 ? 'trade.settle' : 'trade.decline'
  return { kind, with: { acceptance: id }, item: id }
}

/** Returns what finished work discharged of borrowed ATP, or what came back from further down. */
function returnsOf(own: PoolState): readonly Chore[] {
  const chores: Chore[] = []
  for (const [grant, causes] of own.owed) {
    for (const cause of causes.keys()) {
      chores.push({ kind: 'allocation.return', with: { grant, cause } })
    }
  }
  return chores
}

/** Serves the queue with what is available. The requester is the worker. */
function servingsOf(own: PoolState, view: ChoreView): readonly Chore[] {
  if (own.available === 0) return []
  const { available: free, reserved, escrowed } = own
  const held = free + reserved + escrowed
  const isPossible = (amount: number): boolean => !isImpossible(amount, view.capacity(), held)
  return servable(view.queue(), { now: view.now, free, isPossible }).map((request) => ({
    kind: 'work.allocate',
    with: {
      request: request.id,
      amount: formatMilli(request.amount),
      worker: didOf(request.requester),
    },
  }))
}

/** Takes back the escrow of acceptances that will not be settled. Declined ones are answered. */
function releasesOf(own: PoolState, view: ChoreView): readonly Chore[] {
  const declined = new Set(
    view.agenda.flatMap(({ outcome }) => (outcome.type === 'decline' ? [outcome.acceptance] : [])),
  )
  return [...own.acceptances.keys()].flatMap((acceptance) => {
    const release = declined.has(acceptance) ? undefined : releaseOf(acceptance, { ...view, own })
    return release === undefined ? [] : [{ kind: 'trade.cancel', with: { acceptance, ...release } }]
  })
}
