import {
  fault,
  lotTotal,
  millionths,
  type Fault,
  type PoolState,
  type SocietyKey,
} from '../../protocol/index.ts'
import {
  queuedMax,
  rateWindowMs,
  requestsAtFullTrust,
  requestsWithoutBondMax,
  requestsMin,
} from '../limits.ts'
import type { Asked } from './request.ts'

/** A request that was queued lately, whatever became of it since. */
export type Recent = { readonly requester: SocietyKey; readonly at: number }

/** What refusing a request depends on. */
export type Receiver = {
  /** mW of its valid sources: mWh that they give in an hour. */
  readonly capacity: number
  /** mATP that it holds, own and borrowed, whatever they are doing. */
  readonly held: number
  /** Requests that wait. */
  readonly queued: number
  /** Those that were queued within an hour before or after. */
  readonly recent: readonly Recent[]
  /** Its trust in a requester, in millionths. */
  readonly trustOf: (requester: SocietyKey) => number
  readonly hasActiveBond: (requester: SocietyKey) => boolean
}

/** Whether no hour of its sources and no ATP it holds could serve an amount in mATP. */
export function isImpossible(amount: number, capacity: number, held: number): boolean {
  return amount > capacity && amount > held
}

/** `impossible-request` where it is one. */
export function impossibleFault(asked: Asked, receiver: Receiver): Fault | null {
  return isImpossible(asked.amount, receiver.capacity, receiver.held)
    ? fault('impossible-request', 'more than an hour of its sources gives and than it holds')
    : null
}

/** Requests that trust in millionths allows in any hour: 10 x trust, at least one. */
export function requestsAllowed(trust: number): number {
  return Math.max(requestsMin, Math.floor((requestsAtFullTrust * trust) / millionths))
}

function rateFault(asked: Asked, receiver: Receiver): Fault | null {
  const { requester, to, submittedAt } = asked
  // A society's own requests burden nobody else.
  if (requester === to) return null
  const lately = receiver.recent.filter(({ at }) => at > submittedAt - rateWindowMs)
  const own = lately.filter((recent) => recent.requester === requester).length
  if (own >= requestsMin) {
    const allowed = requestsAllowed(receiver.trustOf(requester))
    if (own >= allowed) {
      return fault('rate-limited', `its trust allows no more than ${allowed} in 60 minutes`)
    }
  }
  if (receiver.hasActiveBond(requester)) return null
  const unbonded = lately.filter(
    (recent) => recent.requester !== to && !receiver.hasActiveBond(recent.requester),
  )
  return unbonded.length >= requestsWithoutBondMax
    ? fault('rate-limited', `requesters without a bond share ${requestsWithoutBondMax} an hour`)
    : null
}

/** Why a request is not queued by how many there are: `rate-limited`, then `queue-full`. */
export function countFault(asked: Asked, receiver: Receiver): Fault | null {
  const limited = rateFault(asked, receiver)
  if (limited !== null) return limited
  return receiver.queued >= queuedMax
    ? fault('queue-full', `${queuedMax} requests wait already`)
    : null
}

/** mATP that a pool holds at an instant, own and borrowed, but for what it has lent. */
export function heldAt(pool: PoolState, now: number): number {
  let held = 0
  for (const lot of pool.lots.values()) if (lot.expiresAt >= now) held += lotTotal(lot) - lot.lent
  return held
}
