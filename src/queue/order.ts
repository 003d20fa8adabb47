import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import type { Asked, Entry } from './request.ts'

/** Classes of the queue, best first; critical requests go before them, in class 0. */
const classes: readonly number[] = [1, 3, 5, 7, 10]
/** Least trust in millionths for each class but the last. */
const trustFor: readonly number[] = [900_000, 700_000, 500_000, 300_000]
/** Class of a society's own critical requests. */
const criticalClass = 0

/** How a request stands among others at an instant. */
export type Rank = {
  readonly class: number
  /** Has aged a full period past the top of the table: only who came earlier goes first. */
  readonly overdue: boolean
}

/** A request that waits, with its rank. */
export type Ranked = Entry & Rank

/** What ranking depends on besides the requests. */
export type Ranking = {
  readonly now: number
  /** Time after which a request goes up one class, in ms. */
  readonly ageingMs: number
  /** The receiver's trust in a requester, in millionths. */
  readonly trustOf: (requester: SocietyKey) => number
}

/** How often a request has gone up a class by an instant. */
export function stepsAged(asked: Asked, at: number, ageingMs: number): number {
  return Math.max(0, Math.floor((at - asked.submittedAt) / ageingMs))
}

/** Place in the table of classes that trust in millionths gives, 0 for the best. */
export function tierOf(trust: number): number {
  const tier = trustFor.findIndex((least) => trust >= least)
  return tier < 0 ? classes.length - 1 : tier
}

/** Place in the table of a class that a record tells; the last for any other number. */
export function tierOfClass(told: number | null): number {
  const tier = told === null ? -1 : classes.indexOf(told)
  return tier < 0 ? classes.length - 1 : tier
}

/** Class that a tier of the table stands for. */
export function classOfTier(tier: number): number {
  return classes[Math.min(Math.max(0, tier), classes.length - 1)] as number
}

/** Rank of a request whose requester has a tier and which has gone up so many steps. */
export function rankOf(asked: Asked, tier: number, steps: number): Rank {
  if (asked.critical) return { class: criticalClass, overdue: false }
  return { class: classOfTier(tier - steps), overdue: steps >= classes.length }
}

type Placed = Pick<Ranked, 'class' | 'overdue' | 'urgency' | 'efficiency' | 'submittedAt'> & {
  readonly id: RecordId
}

/**
 * Order of the queue: class; then, so that nobody waits for ever, who has aged a full period past
 * the top of the table; urgency x efficiency; submission; id. Negative where `a` goes first.
 */
export function comparePlaces(a: Placed, b: Placed): number {
  if (a.class !== b.class) return a.class - b.class
  if (a.overdue !== b.overdue) return a.overdue ? -1 : 1
  const weight = b.urgency * b.efficiency - a.urgency * a.efficiency
  if (!a.overdue && weight !== 0) return weight
  if (a.submittedAt !== b.submittedAt) return a.submittedAt - b.submittedAt
  return a.id < b.id ? -1 : 1
}

/** Requests in the order in which they will be served. Asks for each requester's trust once. */
export function orderQueue(open: Iterable<Entry>, ranking: Ranking): readonly Ranked[] {
  const tiers = new Map<SocietyKey, number>()
  const ranked: Ranked[] = []
  for (const entry of open) {
    const tier = tiers.get(entry.requester) ?? tierOf(ranking.trustOf(entry.requester))
    tiers.set(entry.requester, tier)
    const steps = stepsAged(entry, ranking.now, ranking.ageingMs)
    ranked.push({ ...entry, ...rankOf(entry, tier, steps) })
  }
  return ranked.sort(comparePlaces)
}
