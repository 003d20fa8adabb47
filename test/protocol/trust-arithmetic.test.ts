import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  complement,
  decay,
  half,
  halfLifeSteps,
  one,
  product,
  times,
  toMillionths,
} from '../../protocol/trust/fixed-point.ts'
import { combined } from '../../protocol/trust/paths.ts'

const day = 86_400_000
const halfLife = 90 * day
const fraction = fc.nat(one)

describe('fixed-point arithmetic (T2)', () => {
  test('a product is exact and rounded down', () => {
    fc.assert(
      fc.property(fraction, fraction, (a, b) => {
        expect(BigInt(times(a, b))).toBe((BigInt(a) * BigInt(b)) / BigInt(one))
      }),
    )
    expect(times(one, one)).toBe(one)
    expect(product(800_000_000, 800_000_000)).toBe(640_000_000)
  })

  test('no factor up, no product down', () => {
    fc.assert(
      fc.property(fraction, fraction, fraction, (a, b, c) => {
        expect(times(Math.max(a, b), c)).toBeGreaterThanOrEqual(times(Math.min(a, b), c))
      }),
    )
  })

  test('the nearest millionth, halves up', () => {
    expect([0, 499, 500, 1_499, one].map(toMillionths)).toEqual([0, 0, 1, 1, 1_000_000])
  })

  test('paths together: 1 - the product of what each lacks', () => {
    const paths = [half, half, 200_000_000].map((strength) => ({ through: [], strength }))
    expect(combined(paths)).toBe(800_000_000)
    expect(combined([])).toBe(0)
    expect(complement(0)).toBe(one)
  })
})

describe('decay (T3)', () => {
  const ages = fc.nat(100 * halfLife)

  test('half after each half-life, to the bit', () => {
    for (let halves = 0; halves < 30; halves++) {
      expect(decay(halves * halfLife, halfLife)).toBe(Math.floor(one / 2 ** halves))
    }
    expect(decay(30 * halfLife, halfLife)).toBe(0)
  })

  test('within a millionth of the real thing', () => {
    fc.assert(
      fc.property(ages, (age) => {
        expect(Math.abs(decay(age, halfLife) / one - 0.5 ** (age / halfLife))).toBeLessThan(1e-6)
      }),
    )
  })

  test('never rises with age, not by a bit', () => {
    const step = halfLife / halfLifeSteps
    fc.assert(
      fc.property(ages, fc.nat(3), fc.nat(2), (age, steps, ms) => {
        const later = age + Math.floor(steps * step) + ms
        expect(decay(later, halfLife)).toBeLessThanOrEqual(decay(age, halfLife))
      }),
    )
    // Across every boundary of the coarse table, where two rounded entries meet.
    for (let i = 1; i < 1_024; i++) {
      const boundary = Math.ceil((i * halfLife) / 1_024)
      expect(decay(boundary, halfLife)).toBeLessThan(decay(boundary - 8_000, halfLife))
    }
  })

  test('the same bits everywhere', () => {
    const samples = [0, 1, 7_416, 60_000, day, 8 * day, 45 * day, 89 * day, 365 * day]
    expect(samples.map((age) => decay(age, halfLife))).toMatchInlineSnapshot(`
      [
        1000000000,
        1000000000,
        999999338,
        999994711,
        992328499,
        940247082,
        707106781,
        503865736,
        60138998,
      ]
    `)
  })
})
