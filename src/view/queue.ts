import { didOf, fromMilli, millionths } from '../../protocol/index.ts'
import type { PlaceAudit } from '../queue/audit.ts'
import type { Explained } from '../queue/explain.ts'
import type { Ranked } from '../queue/order.ts'
import type { Entry } from '../queue/request.ts'

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

/** The same with its place in the queue, and why it stands there. */
export type QueuePlaceView = QueueView & {
  /** 1 for who goes first. */
  readonly place: number
  /** 0 to 1. */
  readonly efficiency: number
  readonly critical: boolean
  /** Last instant at which it is served. */
  readonly deadline: string
  readonly waitedMs: number
  /** The receiver's trust in the requester, 0 to 1. */
  readonly trust: number
  /** When waiting lifts it to a better class; null where it does not any more. */
  readonly nextClassAt: string | null
  /** Whether free ATP would serve it now. */
  readonly fits: boolean
  /** Why it stands here and what it waits for, in words. */
  readonly why: string
}

/** A request and what became of it, with the audit of its place. */
export type RequestView = {
  readonly id: string
  readonly requester: string
  readonly to: string
  readonly amount: number
  readonly urgency: number
  readonly efficiency: number
  readonly critical: boolean
  readonly submittedAt: string
  readonly deadline: string
  readonly state: 'waiting' | 'served' | 'refused' | 'dropped'
  /** Why it was never queued; null where it was. */
  readonly code: string | null
  /** Its place while it waits, and why. */
  readonly place: number | null
  readonly why: string | null
  /** Class now while it waits, else that at which it was served. */
  readonly class: number | null
  readonly ticket: string | null
  readonly servedAt: string | null
  /** Whether its place was honoured, from records alone; null where it was never queued. */
  readonly audit: Pick<PlaceAudit, 'verdict' | 'problems'> | null
}

const iso = (time: number): string => new Date(time).toISOString()
const isoOrNull = (time: number | null): string | null => (time === null ? null : iso(time))

/** What waits for a society. */
export function viewQueue(queue: readonly Ranked[]): readonly QueueView[] {
  return queue.map(({ id, requester, amount, class: rank, urgency, submittedAt }) => ({
    id,
    requester: didOf(requester),
    amount: fromMilli(amount),
    class: rank,
    urgency: urgency / millionths,
    submittedAt: iso(submittedAt),
  }))
}

/** What waits for a society at an instant, and why each stands where it does. */
export function viewPlaces(queue: readonly Explained[], now: number): readonly QueuePlaceView[] {
  const short = viewQueue(queue)
  return queue.map((request, index) => ({
    ...(short[index] as QueueView),
    place: request.place,
    efficiency: request.efficiency / millionths,
    critical: request.critical,
    deadline: iso(request.deadline),
    waitedMs: Math.max(0, now - request.submittedAt),
    trust: request.trust / millionths,
    nextClassAt: isoOrNull(request.nextClassAt),
    fits: request.fits,
    why: request.why,
  }))
}

function stateOf({ refused, served }: Entry, isWaiting: boolean): RequestView['state'] {
  if (refused !== null) return 'refused'
  if (served !== null) return 'served'
  return isWaiting ? 'waiting' : 'dropped'
}

/** A request as it is kept, with its place while it waits, and the audit of that. */
export function viewRequest(
  entry: Entry,
  place: Explained | undefined,
  audit: PlaceAudit,
): RequestView {
  const { served, refused } = entry
  return {
    id: entry.id,
    requester: didOf(entry.requester),
    to: didOf(entry.to),
    amount: fromMilli(entry.amount),
    urgency: entry.urgency / millionths,
    efficiency: entry.efficiency / millionths,
    critical: entry.critical,
    submittedAt: iso(entry.submittedAt),
    deadline: iso(entry.deadline),
    state: stateOf(entry, place !== undefined),
    code: refused,
    place: place?.place ?? null,
    why: place?.why ?? null,
    class: place?.class ?? served?.class ?? null,
    ticket: served?.ticket ?? null,
    servedAt: isoOrNull(served?.at ?? null),
    audit: refused === null ? { verdict: audit.verdict, problems: audit.problems } : null,
  }
}
