/** Years from which on a duration stands for ever, as OpenADR has agreed: P9999Y. */
const foreverYears = 9_999
const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const date = '(?:(\\d+)Y)?(?:(\\d+)M)?(?:(\\d+)W)?(?:(\\d+)D)?'
const time = '(?:T(?:(\\d+)H)?(?:(\\d+)M)?(?:(\\d+(?:\\.\\d+)?)S)?)?'
const form = new RegExp(`^P(?=\\d|T\\d)${date}${time}$`)

/**
 * The end of an ISO 8601 duration that begins at an instant, both in ms since 1970: years and
 * months by the calendar, in UTC. Infinity for ever; undefined for what is none, or is negative.
 */
export function endOfDuration(start: number, duration: string): number | undefined {
  const match = form.exec(duration)
  if (match === null) return undefined
  const [years, months, weeks, days, hours, minutes, seconds] = Array.from(match.slice(1), (part) =>
    Number(part ?? 0),
  ) as [number, number, number, number, number, number, number]
  if (years >= foreverYears) return Number.POSITIVE_INFINITY
  // What began nobody knows when has long ended.
  if (!Number.isFinite(start)) return start
  const day = new Date(start)
  day.setUTCFullYear(day.getUTCFullYear() + years, day.getUTCMonth() + months)
  const rest = (weeks * 7 + days) * dayMs + hours * hourMs + minutes * minuteMs + seconds * secondMs
  const end = day.getTime() + Math.round(rest)
  return Number.isNaN(end) ? Number.POSITIVE_INFINITY : end
}
