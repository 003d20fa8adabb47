import { nodeNow } from './node-clock.ts'

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 3 })
const hour = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const second = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** A number with its unit: `1,285 W`. */
export function amount(value: number, unit: string): string {
  return `${number.format(value)}\u00a0${unit}`
}

/** A number without one: counts, levels. */
export function count(value: number): string {
  return number.format(value)
}

/** A number and what it counts: `1 peer`, `3 peers`. */
export function counted(value: number, noun: string): string {
  return `${number.format(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** Trust and other fractions as they are written: two decimals. */
export function fraction(value: number): string {
  return value.toFixed(2)
}

/** An instant in this place's time: `21 Jun 2026, 14:00`. */
export function moment(iso: string, precise = false): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  return (precise ? second : hour).format(time)
}

const spans: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
]

/** A length of time in its largest unit: `5 d`. */
export function span(ms: number): string {
  const [unitMs, name] = spans.find(([one]) => ms >= one) ?? [1_000, 's']
  return `${Math.floor(ms / unitMs)}\u00a0${name}`
}

/** How far an instant is from now, by the node's clock: `in 5 d`, `3 min ago`. */
export function away(iso: string, now: number = nodeNow()): string {
  const ms = new Date(iso).getTime() - now
  if (Number.isNaN(ms)) return iso
  return ms >= 0 ? `in ${span(ms)}` : `${span(-ms)} ago`
}

/** An id as people compare it and as every command takes it. */
export function short(id: string): string {
  return id.startsWith('did:key:') ? id.slice(8, 20) : id.slice(0, 12)
}

/** Longest end of a serial number that names a source, in characters. */
const serialMax = 12

/** A source by its type, how it is asked, and the end of its name: `solar sunspec …sim-0001`. */
export function sourceName(id: string): string {
  const [type = '', scheme = '', ...rest] = id.split(':')
  const name = rest.join(':')
  let end = name
  while (end.length > serialMax && end.includes('-')) end = end.slice(end.indexOf('-') + 1)
  end = end.slice(-serialMax)
  return `${type} ${scheme} ${end === name ? '' : '…'}${end}`
}

const levels: readonly string[] = [
  'claimed, not measured',
  'measured by its own society',
  'seen by two witnesses too',
  'witnessed, with a week of readings',
  'witnessed, with a key from its maker',
]

/** What a level of assurance means. */
export function assurance(level: number): string {
  return levels[level] ?? `level ${level}`
}

const failureWords: readonly (readonly [sign: RegExp, words: string])[] = [
  [/ECONNREFUSED/, 'Nobody listened at its address: its node was not running.'],
  [/ETIMEDOUT|timed? ?out|aborted/i, 'It did not answer in time.'],
  [/EHOSTUNREACH|ENETUNREACH|ENOTFOUND/, 'No way leads to its address from here.'],
  [/ECONNRESET|EPIPE|closed|reset/i, 'It broke the connection off.'],
]

/** What went wrong with a connection, as people say it; a text of its own is left as it is. */
export function connectionFailure(text: string): string {
  const words = failureWords.find(([sign]) => sign.test(text))?.[1]
  return words ?? text.charAt(0).toUpperCase() + text.slice(1)
}
