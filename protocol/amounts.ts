import { fault, type Fault } from './codes.ts'
import { integerMax } from './limits.ts'

/** One unit (ATP, ADP, W) in milli-units, the integers of wire and state. */
export const milli = 1_000
/** One in the millionths that ratios are counted in. */
export const millionths = 1_000_000

const decimal = /^(0|[1-9]\d{0,15})(?:\.(\d{1,3}))?$/

/**
 * Reads a decimal of ATP, ADP or W with at most three places into milli-units. Numbers are taken by
 * their shortest decimal form, so 0.1 is exactly 100. Zero only where `zero` says so.
 */
export function parseMilli(input: unknown, name: string, zero = false): number | Fault {
  const text = typeof input === 'number' ? String(input) : input
  const match = typeof text === 'string' ? decimal.exec(text) : null
  if (match === null) {
    const given = typeof text === 'string' ? `'${text}'` : 'what was given'
    return fault(
      'invalid-amount',
      `${name} must be a decimal with at most three places, not ${given}`,
    )
  }
  const value = Number(match[1]) * milli + Number((match[2] ?? '').padEnd(3, '0'))
  if (value > integerMax) return fault('invalid-amount', `${name} is too large`)
  if (value === 0 && !zero) return fault('invalid-amount', `${name} must be more than zero`)
  return value
}

/** Milli-units as the decimal people read: 1250 is 1.25. Exact to the thousandth below 2^43. */
export function fromMilli(amountMilli: number): number {
  return amountMilli / milli
}

/** Milli-units as text with at most three places, exact for every legal amount. */
export function formatMilli(amountMilli: number): string {
  const whole = Math.trunc(amountMilli / milli)
  const rest = String(Math.abs(amountMilli % milli)).padStart(3, '0')
  const text = `${whole}.${rest}`.replace(/\.?0+$/, '')
  return amountMilli < 0 && whole === 0 ? `-${text}` : text
}

/** a x b / c on exact integers, rounded down. c > 0. */
export function multiplyDown(a: number, b: number, c: number): number {
  const product = a * b
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / c)
  return Number((BigInt(a) * BigInt(b)) / BigInt(c))
}

/** a x b / c on exact integers, rounded up. c > 0. */
export function multiplyUp(a: number, b: number, c: number): number {
  const numerator = BigInt(a) * BigInt(b)
  const divisor = BigInt(c)
  return Number((numerator + divisor - 1n) / divisor)
}

/** Reads a ratio 0..1 with at most six places into millionths; undefined where it is none. */
export function parseRatio(input: unknown): number | undefined {
  const text = typeof input === 'number' ? String(input) : input
  if (typeof text !== 'string') return undefined
  const match = /^(0|1)(?:\.(\d{1,6}))?$/.exec(text)
  if (match === null) return undefined
  const value = Number(match[1]) * millionths + Number((match[2] ?? '').padEnd(6, '0'))
  return value <= millionths ? value : undefined
}
