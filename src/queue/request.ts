import { namedMsMax, type Code, type RecordId, type SocietyKey } from '../../protocol/index.ts'

/** A request for work as its record has it. Amounts in mATP, ratios in millionths, times in ms. */
export type Asked = {
  readonly requester: SocietyKey
  readonly to: SocietyKey
  readonly amount: number
  readonly urgency: number
  readonly efficiency: number
  readonly submittedAt: number
  /** Last instant at which it is served. */
  readonly deadline: number
  readonly critical: boolean
}

/** How a request was served. */
export type Served = {
  readonly ticket: RecordId
  readonly at: number
  /** Class that the ticket's record tells; null where it tells none. */
  readonly class: number | null
}

/** A request and what became of it, as a node keeps it. Plain data. */
export type Entry = Asked & {
  readonly id: RecordId
  /** When it came to be known here, in ms since 1970. */
  readonly arrivedAt: number
  /** Why it was never queued. */
  readonly refused: Code | null
  readonly served: Served | null
  /** Whether it was dropped, past its deadline. */
  readonly dropped: boolean
}

/** Last instant at which a request is served, in ms: a ticket names nothing older (H1). */
export function lastInstantOf({ deadline, submittedAt }: Asked): number {
  return Math.min(deadline, submittedAt + namedMsMax)
}

/** Whether a request waits at an instant, for all that is kept of it. */
export function isOpen(entry: Entry, now: number): boolean {
  const { refused, served, dropped } = entry
  return refused === null && served === null && !dropped && now <= lastInstantOf(entry)
}

/** Whether a request waited at an earlier instant, for all that is known of it now. */
export function wasOpen(entry: Entry, at: number): boolean {
  const { refused, served, submittedAt } = entry
  if (refused !== null || submittedAt > at || at > lastInstantOf(entry)) return false
  return served === null || served.at > at
}
