const hourMs = 3_600_000
/** Hours ahead of UTC: S is summer time, W winter time, in the countries that have P1. */
const hoursAhead: Readonly<Record<string, number>> = { S: 2, W: 1 }

/**
 * The instant of a meter's `YYMMDDhhmmssX` in ms since 1970; undefined for what is none, such as
 * the 632525252525W of a register that was never written.
 */
export function telegramTime(text: string): number | undefined {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW])$/.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number)
  const local = Date.UTC(2000 + year, month - 1, day, hour, minute, second)
  const again = new Date(local).toISOString().replaceAll(/\D/g, '').slice(2, 14)
  // What is no date, such as the 31st of June, comes back as another one.
  if (again !== text.slice(0, 12)) return undefined
  return local - (hoursAhead[match[7] ?? ''] ?? 0) * hourMs
}
