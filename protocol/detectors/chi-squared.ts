/** Thousandths: how finely critical values are known. */
const scale = 1_000n

/**
 * Critical values of the chi-squared distribution at p = 0.01, in thousandths, by the degrees of
 * freedom from 1 on. Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4.
 */
const criticalAt1Percent: readonly bigint[] = [
  6_635n,
  9_210n,
  11_345n,
  13_277n,
  15_086n,
  16_812n,
  18_475n,
  20_090n,
  21_666n,
  23_209n,
  24_725n,
  26_217n,
]

/** Most degrees of freedom that critical values are known for. */
export const degreesMax: number = criticalAt1Percent.length

/** An exact fraction; the denominator is above 0. */
export type Fraction = { readonly numerator: bigint; readonly denominator: bigint }

/** Events of one window: how many, and how many of them failed. */
export type Window = { readonly events: number; readonly failures: number }

/**
 * Pearson's statistic of whether windows share one rate of failure: N^2 / (F S) x (sum of f^2 / n
 * less F^2 / N). Undefined where all failed or none, or with an empty window: nothing is uneven.
 */
export function homogeneity(windows: readonly Window[]): Fraction | undefined {
  let total = 0n
  let failed = 0n
  let sum: Fraction = { numerator: 0n, denominator: 1n }
  for (const { events, failures } of windows) {
    if (events === 0) return undefined
    const n = BigInt(events)
    const f = BigInt(failures)
    total += n
    failed += f
    sum = {
      numerator: sum.numerator * n + f * f * sum.denominator,
      denominator: sum.denominator * n,
    }
  }
  const good = total - failed
  if (failed === 0n || good === 0n) return undefined
  const spread = sum.numerator * total - failed * failed * sum.denominator
  return { numerator: total * spread, denominator: failed * good * sum.denominator }
}

/** Whether a statistic is above the critical value at p = 0.01. */
export function isCritical({ numerator, denominator }: Fraction, degrees: number): boolean {
  const critical = criticalAt1Percent[degrees - 1]
  return critical !== undefined && numerator * scale > critical * denominator
}

/** A statistic over twice the critical value, in millionths and at most 1. */
export function excessOf({ numerator, denominator }: Fraction, degrees: number): number {
  const critical = criticalAt1Percent[degrees - 1] ?? 0n
  const one = 1_000_000n
  const exact = (numerator * scale * one) / (2n * critical * denominator)
  return Number(exact > one ? one : exact)
}
