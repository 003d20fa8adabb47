import { describe, expect, test } from 'vitest'
import type { Code } from '../../protocol/index.ts'
import { adopted, charged, codeOf, foundedWorld, headOf, lent } from '../support/ledger-society.ts'
import { keyNamed, type LedgerWorld } from '../support/ledger-world.ts'

const [anna, berta, carla] = [keyNamed('anna'), keyNamed('berta'), keyNamed('carla')]
const day = 86_400_000

const world = (): ReturnType<typeof foundedWorld> => foundedWorld([anna, berta, carla])

describe('citizenship.apply (R33)', () => {
  test('is open once at a time and never to oneself', () => {
    const w = world()
    expect(codeOf(w, berta, 'citizenship.apply', { parent: berta })).toBe('citizenship-cycle')
    w.valid(berta, 'citizenship.apply', { parent: anna })
    expect(codeOf(w, berta, 'citizenship.apply', { parent: carla })).toBe('already-citizen')
    expect(codeOf(w, berta, 'citizenship.apply', { parent: berta })).toBe('already-citizen')
  })
})

describe('citizenship.admit (R34)', () => {
  test('takes an applicant of its own, once for each application', () => {
    const w = world()
    const application = w.valid(berta, 'citizenship.apply', { parent: anna })
    const admit = (by: typeof anna, child: typeof anna): Code | null =>
      codeOf(w, by, 'citizenship.admit', { child, application })
    expect(admit(anna, carla)).toBe('unknown-reference')
    expect(admit(carla, berta)).toBe('not-authorised')
    w.valid(anna, 'citizenship.admit', { child: berta, application })
    expect(admit(anna, berta)).toBe('already-citizen')
    w.valid(berta, 'citizenship.leave', {})
    w.now += 90 * day
    const again = w.valid(berta, 'citizenship.apply', { parent: anna })
    expect(w.code(anna, 'citizenship.admit', { child: berta, application: again })).toBe(null)
  })
})

describe('citizenship.leave (R35)', () => {
  test('takes its notice, whose end is the first instant without citizenship', () => {
    const w = world()
    expect(codeOf(w, berta, 'citizenship.leave', {})).toBe('not-citizen')
    adopted(w, anna, berta)
    w.valid(berta, 'citizenship.leave', {})
    w.now += 90 * day - 1
    expect(codeOf(w, berta, 'citizenship.leave', {})).toBe('already-ended')
    expect(codeOf(w, berta, 'citizenship.apply', { parent: carla })).toBe('already-citizen')
    w.now += 1
    expect(codeOf(w, berta, 'citizenship.leave', {})).toBe('not-citizen')
    expect(codeOf(w, berta, 'citizenship.apply', { parent: carla })).toBe(null)
  })

  test('has the notice of its policy', () => {
    const w = world()
    w.valid(berta, 'society.amend', { witnesses: [], 'policy.leaveNoticeDays': 5 })
    adopted(w, anna, berta)
    w.valid(berta, 'citizenship.leave', {})
    expect(w.replica.trust(berta).application?.leftAt).toBe(w.now + 5)
  })

  /** How long a society stays after it leaves with a head. */
  const staysFor = (w: LedgerWorld, head?: Uint8Array): number => {
    const copy = w.copy()
    copy.valid(berta, 'citizenship.leave', { head })
    return (copy.replica.trust(berta).application?.leftAt ?? 0) - w.now
  }

  test('is at once where a head of the own pool shows that nothing is lent', () => {
    const w = world()
    charged(w, anna, 10_000, day)
    adopted(w, anna, berta)
    expect(staysFor(w, headOf(w, berta))).toBe(0)
    expect(staysFor(w)).toBe(90 * day)
    lent(w, anna, berta, 10_000)
    expect(staysFor(w, headOf(w, berta))).toBe(90 * day)
    w.now += day
    expect(staysFor(w, headOf(w, berta))).toBe(90 * day)
    w.now += 1
    expect(staysFor(w, headOf(w, berta))).toBe(0)
    w.valid(berta, 'work.request', { to: anna, amount: 1 })
    expect(staysFor(w, headOf(w, berta))).toBe(0)
  })

  test('is not at once by a head of before something was lent', () => {
    const w = world()
    charged(w, anna, 10_000, day)
    adopted(w, anna, berta)
    const old = headOf(w, berta)
    w.now += 120_000
    expect(staysFor(w, old)).toBe(0)
    w.now += 1
    expect(staysFor(w, old)).toBe(90 * day)
    lent(w, anna, berta, 10_000)
    expect(staysFor(w, old)).toBe(90 * day)
  })

  test('carries a head of the own pool that is signed and not from the future', () => {
    const w = world()
    adopted(w, anna, berta)
    const code = (head: Uint8Array): Code | null => codeOf(w, berta, 'citizenship.leave', { head })
    const own = headOf(w, berta)
    expect(code(own.slice(1))).toBe('malformed')
    expect(code(headOf(w, anna))).toBe('not-authorised')
    expect(code(headOf(w, berta, { document: 'trust' }))).toBe('not-authorised')
    expect(code(headOf(w, berta, { seq: 9 }))).toBe('not-authorised')
    expect(code(headOf(w, berta).fill(0, 100))).toBe('not-authorised')
    expect(code(headOf(w, berta, { time: w.now + 1 }))).toBe('clock-backwards')
    expect(code(own)).toBe(null)
  })
})

describe('trust.observe (T16)', () => {
  test.each<[object, Code | null]>([
    [{}, null],
    [{ subject: anna }, 'not-authorised'],
    [{ count: 0 }, 'malformed'],
    [{ count: 10_000 }, null],
    [{ count: 10_001 }, 'malformed'],
    [{ note: 'x'.repeat(1_025) }, 'malformed'],
  ])('with %o: %s', (fields, code) => {
    const value = { subject: berta, success: true, count: 1, ...fields }
    expect(codeOf(world(), anna, 'trust.observe', value)).toBe(code)
  })
})
