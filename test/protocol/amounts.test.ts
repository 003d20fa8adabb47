import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatMilli, fromMilli, integerMax, multiplyDown } from '../../protocol/index.ts'
import { multiplyUp, parseMilli, parseRatio } from '../../protocol/index.ts'
import { effort } from '../support/effort.ts'

const invalid = expect.objectContaining({ code: 'invalid-amount' })

describe('an amount that people give (R4, R6)', () => {
  test.each<[unknown, number]>([
    ['1', 1_000],
    ['0.001', 1],
    ['1.5', 1_500],
    ['1.50', 1_500],
    ['0.10', 100],
    [0.1, 100],
    [1.005, 1_005],
    [1e3, 1_000_000],
    ['9007199254740.99', integerMax],
    [9_007_199_254_740.99, integerMax],
  ])('%o is %d milli-units', (given, milliUnits) => {
    expect(parseMilli(given, 'amount')).toBe(milliUnits)
  })

  const texts = [
    '0|0.000|-1|1.0001|1e3|| 1|1 |+1|01|.5|1.|1,5|0x10|1_000|\u0661',
    '9007199254740.991|9007199254740991',
  ].join('|')
  const numbers = [0, -1, 0.0001, 0.1 + 0.2, 1e21, NaN, Infinity, -Infinity]
  const others = [null, undefined, true, {}, [1], 1n, '9'.repeat(400)]

  test.each([...texts.split('|'), ...numbers, ...others].map((given) => ({ given })))(
    '$given is none',
    ({ given }) => {
      expect(parseMilli(given, 'amount')).toEqual(invalid)
    },
  )

  test('is zero only where that is allowed', () => {
    expect(parseMilli(0, 'adp', true)).toBe(0)
    expect(parseMilli('0.000', 'adp', true)).toBe(0)
    expect(parseMilli(-0, 'adp', true)).toBe(0)
    expect(parseMilli('-0', 'adp', true)).toEqual(invalid)
  })

  test('comes out as it went in', () => {
    const amounts = fc.oneof(fc.nat(), fc.integer({ min: 1, max: integerMax })).filter(Boolean)
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(parseMilli(formatMilli(amount), 'amount')).toBe(amount)
        // Numbers keep a thousandth only up to 2^43.
        const number = parseMilli(fromMilli(amount), 'amount')
        expect(number === amount || amount > 2 ** 43 * 1_000).toBe(true)
        expect(formatMilli(-amount)).toBe(`-${formatMilli(amount)}`)
      }),
      effort.property(1_000),
    )
  })

  test.each([
    [0, '0'],
    [1, '0.001'],
    [-1, '-0.001'],
    [1_250, '1.25'],
    [100_000, '100'],
    [integerMax, '9007199254740.99'],
  ])('%d reads %s', (amount, text) => {
    expect(formatMilli(amount)).toBe(text)
  })
})

describe('a ratio (R4)', () => {
  test.each<[unknown, number | undefined]>([
    [0, 0],
    [1, 1_000_000],
    ['0.5', 500_000],
    [0.000001, 1],
    [1e-7, undefined],
    ['1.000000', 1_000_000],
    ['0.9999999', undefined],
    ['1.000001', undefined],
    [2, undefined],
    [-0.5, undefined],
    [NaN, undefined],
    [null, undefined],
    ['', undefined],
  ])('%o is %o millionths', (given, millionths) => {
    expect(parseRatio(given)).toBe(millionths)
  })
})

describe('products (R5)', () => {
  const factor = fc.integer({ min: 0, max: integerMax })
  const divisor = fc.oneof(fc.constantFrom(1, 1_000, 1_000_000), fc.integer({ min: 1, max: 1e9 }))

  test('are exact, rounded down or up', () => {
    const small = fc.oneof(factor, fc.integer({ min: 0, max: 2_000_000 }))
    fc.assert(
      fc.property(small, small, divisor, (a, b, c) => {
        const exact = BigInt(a) * BigInt(b)
        const down = exact / BigInt(c)
        expect(multiplyDown(a, b, c)).toBe(Number(down))
        const up = exact % BigInt(c) === 0n ? down : down + 1n
        expect(multiplyUp(a, b, c)).toBe(Number(up))
      }),
      effort.property(2_000),
    )
  })

  test('are exact at the edge of what floating point holds', () => {
    expect(multiplyDown(9_007_199_254_740_991, 1, 2)).toBe(4_503_599_627_370_495)
    expect(multiplyDown(94_906_267, 94_906_267, 94_906_267)).toBe(94_906_267)
    expect(multiplyDown(integerMax, 999_999, 1_000_000)).toBe(9_007_190_247_541_735)
    expect(multiplyUp(integerMax, 1, integerMax)).toBe(1)
  })
})
