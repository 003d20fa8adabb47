import { datedAheadMsMax, type RecordId } from '../../protocol/index.ts'
import { comparePlaces, rankOf, stepsAged, tierOfClass, type Ranked } from './order.ts'
import { isOpen, type Entry, type Served } from './request.ts'
import { hasWaitedLong } from './serve.ts'

/** What speaks against the place that a request was given. */
export type PlaceProblem = {
  readonly kind: 'passed-over' | 'class-not-aged'
  readonly message: string
  /** The ticket that shows it. */
  readonly record: RecordId
}

/** Whether a request's place in the queue was honoured, as far as records tell. */
export type PlaceAudit = {
  readonly verdict: 'honoured' | 'not-honoured' | 'waiting'
  /** Class at which it was served; null while it waits or where the ticket tells none. */
  readonly class: number | null
  readonly problems: readonly PlaceProblem[]
}

/** Tier of a requester whom nobody trusts. */
const lastTier = tierOfClass(null)

/** Time in which a request may be under way to its receiver. */
const underwayMs = datedAheadMsMax

/**
 * Rank of a request at an earlier instant by the receiver's own word: the class at which it served
 * it, with the steps taken back that it has gone up since. A request that waits still is taken to
 * have a tier that is given, of the least trust if none is. So it is never better than what it
 * truly was while trust stayed the same.
 */
export function rankAt(
  entry: Entry,
  at: number,
  ageingMs: number,
  tierOfWaiting: number = lastTier,
): Ranked {
  const steps = stepsAged(entry, at, ageingMs)
  if (entry.served === null) return { ...entry, ...rankOf(entry, tierOfWaiting, steps) }
  // Nobody began below the last place of the table, however long it waited at the top of it.
  const taken = tierOfClass(entry.served.class) + stepsAged(entry, entry.served.at, ageingMs)
  const tier = Math.min(taken, lastTier)
  return { ...entry, ...rankOf(entry, tier, steps) }
}

const placeInChange = (id: RecordId): number => Number(id.slice(id.lastIndexOf(':') + 1))

function servedBefore(a: Served, b: Served): boolean {
  return a.at === b.at ? placeInChange(a.ticket) < placeInChange(b.ticket) : a.at < b.at
}

/** Whether a request surely was the head at an instant: every other that waited is known. */
function wasHead(entry: Entry, at: number, entries: readonly Entry[], ageingMs: number): boolean {
  const rank = rankAt(entry, at, ageingMs)
  return entries.every((other) => {
    if (other.id === entry.id || other.refused !== null || other.submittedAt > at) return true
    if (other.deadline < at) return true
    if (other.served === null) return false
    return other.served.at < at || comparePlaces(rank, rankAt(other, at, ageingMs)) < 0
  })
}

function passedBy(
  asked: Entry,
  other: Entry,
  entries: readonly Entry[],
  ageingMs: number,
): PlaceProblem | undefined {
  const { served } = other
  if (served === null || other.id === asked.id) return undefined
  if (served.at <= asked.submittedAt + underwayMs) return undefined
  if (served.at > asked.deadline) return undefined
  if (asked.served !== null && !servedBefore(served, asked.served)) return undefined
  const own = rankAt(asked, served.at, ageingMs)
  if (comparePlaces(own, rankAt(other, served.at, ageingMs)) > 0) return undefined
  const record = served.ticket
  if (asked.amount <= other.amount) {
    return {
      kind: 'passed-over',
      message: 'what came after it and is no smaller was served',
      record,
    }
  }
  return hasWaitedLong(asked, served.at) && wasHead(asked, served.at, entries, ageingMs)
    ? { kind: 'passed-over', message: 'free ATP was not kept for it after a day', record }
    : undefined
}

/** A class worse than what the wait alone gives is none that the rules know. */
function agedProblem(asked: Entry, served: Served, ageingMs: number): PlaceProblem | undefined {
  const least = rankOf(asked, lastTier, stepsAged(asked, served.at, ageingMs)).class
  return served.class !== null && served.class <= least
    ? undefined
    : {
        kind: 'class-not-aged',
        message: `by its wait alone it was of class ${least}`,
        record: served.ticket,
      }
}

/**
 * Audits the place of a request from records alone: its own, its ticket, and all requests to the
 * same society with the tickets that serve them. A receiver that did not know of a request looks
 * no different from one that passed it over, beyond the time a message may be under way.
 */
export function auditPlace(
  asked: Entry,
  entries: readonly Entry[],
  ageingMs: number,
  now: number,
): PlaceAudit {
  const passed = entries.flatMap((other) => passedBy(asked, other, entries, ageingMs) ?? [])
  const { served } = asked
  const aged = served === null ? undefined : agedProblem(asked, served, ageingMs)
  const problems = asked.refused !== null ? [] : [...passed, ...(aged === undefined ? [] : [aged])]
  const waits = isOpen(asked, now) ? 'waiting' : 'honoured'
  const verdict = problems.length > 0 ? 'not-honoured' : waits
  return { verdict, class: served?.class ?? null, problems }
}
