import { Failure } from '../../../src/index.ts'
import { endOfDuration } from './iso-duration.ts'
import { intervalsMax } from './limits.ts'
import type { Event, Interval } from './objects.ts'

/** `0001-01-01`, however it is written: now, or right after what came before. */
const beginning = /^0001-01-01(?:T00:00:00(?:\.0+)?(?:Z|[+-]00:00)?)?$/
/** A date and time of RFC 3339. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i

/** An interval of an event with its instants in ms since 1970, the end not included. */
export type Span = { readonly start: number; readonly end: number; readonly interval: Interval }

const nonsense = ({ id }: Event, what: string): Failure =>
  new Failure('source-nonsense', `The event ${id} ${what}; tell the operator of the server.`)

/** An instant in ms; undefined for none or the beginning of time. */
function startOf(text: string | null | undefined, event: Event): number | undefined {
  if (text === undefined || text === null || beginning.test(text)) return undefined
  const time = instant.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw nonsense(event, `begins at '${text.slice(0, 40)}', which is no time`)
}

function endOf(start: number, duration: string | null | undefined, event: Event): number {
  // Nothing is said of its length: OpenADR's default is none.
  const end = endOfDuration(start, duration ?? 'PT0S')
  if (end !== undefined) return end
  throw nonsense(event, `lasts '${String(duration).slice(0, 40)}', which is no duration`)
}

/** Every interval of an event, one after the other where they do not say when they begin. */
function spansOf(event: Event): readonly Span[] {
  const { intervalPeriod: period, intervals } = event
  const spans: Span[] = []
  for (const interval of (intervals ?? []).slice(0, intervalsMax)) {
    const before = spans.at(-1)
    const own = startOf(interval.intervalPeriod?.start, event)
    // "Now" is when the event was made.
    const first = startOf(period?.start, event) ?? startOf(event.createdDateTime, event)
    const start = own ?? before?.end ?? first ?? Number.NEGATIVE_INFINITY
    const duration = interval.intervalPeriod?.duration ?? period?.duration
    spans.push({ start, end: endOf(start, duration, event), interval })
  }
  return spans
}

/**
 * The intervals of an event that an instant is within, in ms since 1970. An event with a duration
 * of its own ends by it, and until then its intervals begin anew. Throws `source-nonsense` for
 * times and durations that are none.
 */
export function spansInForce(event: Event, now: number): readonly Span[] {
  const spans = spansOf(event)
  const [first] = spans
  if (first === undefined) return []
  const lastEnd = Math.max(...spans.map(({ end }) => end))
  const lifeEnd = endOf(first.start, event.duration, event)
  const hasLife = lifeEnd > first.start
  if (hasLife && now >= lifeEnd) return []
  const length = lastEnd - first.start
  const repeats = hasLife && now >= lastEnd && length > 0
  const at = repeats ? first.start + ((now - first.start) % length) : now
  return spans.filter(({ start, end }) => start <= at && at < end)
}
