import { multiplyDown } from '../amounts.ts'

/*
 * The arithmetic of trust: fractions are integers of billionths, every product is rounded down and
 * every node gets the same bits. Nothing here ever leaves the exact integers.
 */

/** One in billionths. */
export const one = 1_000_000_000
/** One half in billionths. */
export const half = 500_000_000

// A factor is split at this, so that no product of a part leaves the exact integers (2^53).
const lowPart = 100_000
const highPart: number = one / lowPart

/** a x b of two fractions 0..1 in billionths, exact and rounded down. */
export function times(a: number, b: number): number {
  const high = Math.floor(a / lowPart)
  const low = a % lowPart
  return Math.floor((high * b + Math.floor((low * b) / lowPart)) / highPart)
}

/** The product of fractions in billionths, from the left, rounded down at each step. */
export function product(...fractions: readonly number[]): number {
  return fractions.reduce(times, one)
}

/** The complement 1 - x of a fraction in billionths. */
export function complement(fraction: number): number {
  return one - fraction
}

// Bits after the point while the table of roots is made: far more than a billionth needs.
const tableBits = 120n
const stepBits = 10
const stepsPerPart: number = 1 << stepBits

/** Steps in which a half-life is counted; one of 90 days has steps of about 7.4 s. */
export const halfLifeSteps: number = stepsPerPart * stepsPerPart

/** The integer square root, rounded down, by Newton's method from above. */
function squareRoot(square: bigint): bigint {
  const bits = square.toString(2).length
  let root = 1n << BigInt((bits + 1) >> 1)
  for (;;) {
    const next = (root + square / root) / 2n
    if (next >= root) return root
    root = next
  }
}

/** 0.5^(i / 2^depth) for i below 2^10, in billionths. */
function powersOfHalf(depth: number): readonly number[] {
  let root = 1n << (tableBits - 1n)
  for (let i = 0; i < depth; i++) root = squareRoot(root << tableBits)
  const powers: number[] = []
  let power = 1n << tableBits
  for (let i = 0; i < stepsPerPart; i++) {
    powers.push(Number((power * BigInt(one)) >> tableBits))
    power = (power * root) >> tableBits
  }
  return powers
}

const coarse = powersOfHalf(stepBits)
const fine = powersOfHalf(2 * stepBits)

/**
 * 0.5^(age / half-life) in billionths; both in ms, the age not negative. The age counts in whole
 * steps of 2^-20 of a half-life. The halves are exact, the rest is the product of two entries of
 * tables (0.5^(i/2^10) and 0.5^(j/2^20)) made of integer square roots. It never rises with age:
 * a step changes it by far more than the rounding does.
 */
export function decay(ageMs: number, halfLifeMs: number): number {
  const halves = Math.floor(ageMs / halfLifeMs)
  if (halves >= 30) return 0
  const step = multiplyDown(ageMs % halfLifeMs, halfLifeSteps, halfLifeMs)
  const rest = times(
    coarse[Math.floor(step / stepsPerPart)] as number,
    fine[step % stepsPerPart] as number,
  )
  return Math.floor(rest / (1 << halves))
}

/** A fraction in billionths as millionths, rounded to the nearest: what decisions are made on. */
export function toMillionths(fraction: number): number {
  return Math.floor((fraction + 500) / 1_000)
}
