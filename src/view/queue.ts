import { didOf, fromMilli, millionths } from '../../protocol/index.ts'
import type { Ranked } from '../queue/order.ts'

/** A request in the queue, in the order in which it will be served. */
export type QueueView = {
  readonly id: string
  readonly requester: string
  /** ATP. */
  readonly amount: number
  /** 1, 3, 5, 7 or 10 by trust and age; 0 for what is critical. */
  readonly class: number
  /** 0 to 1. */
  readonly urgency: number
  readonly submittedAt: string
}

/** What waits for a society. */
export function viewQueue(queue: readonly Ranked[]): readonly QueueView[] {
  return queue.map(({ id, requester, amount, class: rank, urgency, submittedAt }) => ({
    id,
    requester: didOf(requester),
    amount: fromMilli(amount),
    class: rank,
    urgency: urgency / millionths,
    submittedAt: new Date(submittedAt).toISOString(),
  }))
}
