import type { SocietyKey } from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import { spanWithin, unionMs, type Span } from './spans.ts'
import type { Receipt } from './receipts.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** How far back receipts count, in ms: of older work nobody remembers the hours. */
export const receiptWindowMs: number = 7 * dayMs
/** Hours of one day that are credited at most, in ms: a working day. */
const creditedMsMax = 8 * hourMs
/** Hours within any 24 that somebody can work, in ms. */
const workedMsMax = 16 * hourMs
/** Others for whom one must have worked within the window. */
export const counterpartiesMin = 3
/** Least time that makes a measurement, in ms: a hundredth of an hour. */
const creditedMsMin = hourMs / 100

/** What a receipt says of hours: whose, for whom, when, in ms since 1970. */
export type Worked = Pick<Receipt, 'id' | 'worker' | 'beneficiary' | 'started' | 'finished'>

/** What decides about hours besides receipts. */
export type HoursContext = {
  /** Societies inside the worker's own: its citizens, and theirs. */
  readonly citizens: ReadonlySet<SocietyKey>
  /** Milliseconds since 1970. */
  readonly now: number
}

/** One for whom was worked, and what the work counts. */
export type Counterparty = {
  readonly society: SocietyKey
  /** Within the window. */
  readonly workedMs: number
  /**
   * 2 as it is; 1 by half, of those inside the own society; 0 not at all, of those who themselves
   * work mainly for this worker.
   */
  readonly halves: 0 | 1 | 2
}

/** Hours that others attest. */
export type AttestedHours = {
  /** What counts of the last 24 h, at most `creditedMsMax`. */
  readonly creditedMs: number
  /** What was worked in the last 24 h. */
  readonly workedMs: number
  /** In order of their ids. */
  readonly counterparties: readonly Counterparty[]
}

const spanOf = ({ started, finished }: Worked): Span => ({ start: started, end: finished })

const hours = (ms: number): string => `${Math.floor(ms / (hourMs / 100)) / 100} h`

const unverified = (message: string): Failure => new Failure('unverified-source', message)

/** Nobody is in two places: refuses work of one worker at two things at once. */
function refuseOverlap(own: readonly Worked[]): void {
  const inOrder = own.filter(({ started, finished }) => finished > started)
  inOrder.sort((a, b) => a.started - b.started || (a.id < b.id ? -1 : 1))
  for (const [index, later] of inOrder.entries()) {
    const earlier = inOrder[index - 1]
    if (earlier === undefined || earlier.finished <= later.started) continue
    throw new Failure(
      'implausible-proof',
      `The work of ${earlier.id} and of ${later.id} was done at the same time, and nobody can; ` +
        'sign only for hours that were worked.',
      { record: later.id },
    )
  }
}

/** Refuses more work within any 24 hours than somebody can do. */
function refuseSleepless(spans: readonly Span[]): void {
  // Of the busiest days one begins with some work: to begin in a pause wins nothing.
  for (const { start } of spans) {
    const worked = unionMs(spans.map((span) => spanWithin(span, start, start + dayMs)))
    if (worked <= workedMsMax) continue
    throw new Failure(
      'implausible-proof',
      `${hours(worked)} of work lie within 24 hours, and nobody can do more than ` +
        `${hours(workedMsMax)}; sign only for hours that were worked.`,
    )
  }
}

/**
 * Refuses hours that nobody can have worked beside others: at the same time, or more than a day
 * has. Throws `implausible-proof`.
 */
export function refuseBesides(asked: Span, others: readonly Span[]): void {
  const near = others.filter(
    ({ start, end }) => end > asked.start - dayMs && start < asked.end + dayMs,
  )
  const together = ({ start, end }: Span): boolean =>
    Math.min(end, asked.end) > Math.max(start, asked.start)
  if (near.some(together)) {
    throw new Failure(
      'implausible-proof',
      'this society has signed for other work at that time, and nobody is in two places',
    )
  }
  refuseSleepless([asked, ...near])
}

/** Whether one's own hours come mainly from the worker: then each pays the other's. */
function isReciprocal(
  society: SocietyKey,
  worker: SocietyKey,
  receipts: readonly Worked[],
): boolean {
  const theirs = receipts.filter((each) => each.worker === society && each.beneficiary !== society)
  const back = theirs.filter(({ beneficiary }) => beneficiary === worker)
  return 2 * unionMs(back.map(spanOf)) > unionMs(theirs.map(spanOf))
}

/** Refuses hours that too few others attest, or one of them mainly. */
function refuseFew(counting: readonly Counterparty[]): void {
  if (counting.length < counterpartiesMin) {
    throw unverified(
      `In the last 7 days ${counting.length} other societies attest work whose hours count, and ` +
        `${counterpartiesMin} are needed: have them sign completions that tell when the work was ` +
        'started and finished.',
    )
  }
  const weight = ({ workedMs, halves }: Counterparty): number => workedMs * halves
  const total = counting.reduce((sum, each) => sum + weight(each), 0)
  const most = Math.max(...counting.map(weight))
  if (2 * most > total) {
    throw unverified(
      `One society attests ${hours(most / 2)} of ${hours(total / 2)} in the last 7 days, and ` +
        'none may attest more than half; work for others as well.',
    )
  }
}

/**
 * Hours of a worker that others attest, by receipts of its own work and of that of those whom it
 * worked for. A pure function; who holds the same receipts comes to the same. Throws
 * `implausible-proof` for what nobody can have done, `unverified-source` where too few others, one
 * of them mainly, or nobody of the last 24 h attests it.
 */
export function attestedHours(
  worker: SocietyKey,
  receipts: readonly Worked[],
  { citizens, now }: HoursContext,
): AttestedHours {
  const since = now - receiptWindowMs
  const recent = receipts
    .filter(({ started, finished }) => finished > since && started < now)
    .map((each) => ({
      ...each,
      started: Math.max(each.started, since),
      finished: Math.min(each.finished, now),
    }))
  const own = recent.filter((each) => each.worker === worker && each.beneficiary !== worker)
  refuseOverlap(own)
  refuseSleepless(own.map(spanOf))
  const societies = [...new Set(own.map(({ beneficiary }) => beneficiary))].sort()
  const counterparties = societies.map((society): Counterparty => {
    const spans = own.filter(({ beneficiary }) => beneficiary === society).map(spanOf)
    const inside = citizens.has(society) ? 1 : 2
    const halves = isReciprocal(society, worker, recent) ? 0 : inside
    return { society, workedMs: unionMs(spans), halves }
  })
  refuseFew(counterparties.filter(({ workedMs, halves }) => workedMs > 0 && halves > 0))
  const today = (society?: SocietyKey): number =>
    unionMs(
      own
        .filter(({ beneficiary }) => society === undefined || beneficiary === society)
        .map((each) => spanWithin(spanOf(each), now - dayMs, now)),
    )
  const halfMs = counterparties.reduce(
    (sum, { society, halves }) => sum + halves * today(society),
    0,
  )
  const creditedMs = Math.min(Math.floor(halfMs / 2), creditedMsMax)
  if (creditedMs >= creditedMsMin) return { creditedMs, workedMs: today(), counterparties }
  throw unverified(
    `Of the last 24 hours others attest ${hours(creditedMs)} of work that counts; measure again ` +
      'after working for others.',
  )
}
