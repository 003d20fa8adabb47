import { Failure } from '../../src/index.ts'

const form = /^(\d{4})-(\d\d)-(\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/**
 * An instant of ISO 8601 text as milliseconds since 1970: a date, which begins at midnight UTC, or
 * date and time with `Z` or an offset. Fails with `malformed`, for days that there are not too.
 */
export function parseInstant(name: string, text: string): number {
  const [, year, month, day] = form.exec(text) ?? []
  const time = Date.parse(text)
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (Number.isFinite(time) && date.getUTCDate() === Number(day)) return time
  throw new Failure('malformed', `${name} must be a time, such as 2026-06-21T12:00:00Z`)
}
