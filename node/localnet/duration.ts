import { Failure } from '../../src/index.ts'

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Seconds of a span such as `90s`, `15m`, `2h`, `8d` or `1d12h`. Fails with `malformed`. */
export function secondsOf(text: string): number {
  const parts = [...text.matchAll(/(\d{1,9})([smhd])/g)]
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join('') === text
  const seconds = parts.reduce((sum, [, count, unit]) => {
    return sum + Number(count) * (unitSeconds[unit ?? ''] ?? 0)
  }, 0)
  if (isWhole && seconds > 0) return seconds
  const form = 'give a span such as 90s, 15m, 2h, 8d or 1d12h; clocks go forward alone'
  throw new Failure('malformed', `'${text}' is no time to come: ${form}`)
}
