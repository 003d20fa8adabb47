import { reservedAfterMs } from '../limits.ts'
import type { Ranked } from './order.ts'

/** What a society has to serve its queue with. */
export type Means = {
  readonly now: number
  /** mATP that are available. */
  readonly free: number
  /** Whether an amount in mATP could be had within an hour or is held already. */
  readonly isPossible: (amount: number) => boolean
}

/** Whether a request has waited so long that free ATP is kept for it until it fits. */
export function hasWaitedLong(request: { readonly submittedAt: number }, at: number): boolean {
  return at - request.submittedAt >= reservedAfterMs
}

/**
 * The requests that can be served now, in order. What fits may pass a head that does not fit, but
 * for one that has waited long: the free ATP is kept for it. A head that nothing the society has at
 * present could ever serve keeps nothing from the others.
 */
export function servable(queue: readonly Ranked[], means: Means): readonly Ranked[] {
  const chosen: Ranked[] = []
  let { free } = means
  let isPassed = false
  for (const request of queue) {
    if (request.amount <= free) {
      chosen.push(request)
      free -= request.amount
      continue
    }
    const isHead = !isPassed
    isPassed = true
    if (isHead && hasWaitedLong(request, means.now) && means.isPossible(request.amount)) break
  }
  return chosen
}
