import { describe, expect, test } from 'vitest'
import type { Code, RecordId } from '../../protocol/index.ts'
import { adopted, charged, codeOf, foundedWorld, lent } from '../support/ledger-society.ts'
import { keyNamed } from '../support/ledger-world.ts'

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

  test('is at once where the named change of the own pool shows that nothing is lent', () => {
    const w = world()
    charged(w, anna, 10_000, day)
    adopted(w, anna, berta)
    const { take } = lent(w, anna, berta, 10_000)
    const leftAt = (pool: RecordId): number | undefined => {
      const copy = w.copy()
      copy.valid(berta, 'citizenship.leave', { pool })
      return (copy.replica.trust(berta).application?.leftAt ?? 0) - w.now
    }
    expect(leftAt(take)).toBe(90 * day)
    w.now += day
    expect(leftAt(take)).toBe(90 * day)
    w.now += 1
    expect(leftAt(take)).toBe(0)
    const later = w.valid(berta, 'work.request', { to: anna, amount: 1 })
    expect(leftAt(later)).toBe(0)
  })

  test('names no other pool and no trust document', () => {
    const w = world()
    adopted(w, anna, berta)
    const hers = w.valid(anna, 'work.request', { to: berta, amount: 1 })
    const own = w.replica.trust(berta).founding?.id
    expect(codeOf(w, berta, 'citizenship.leave', { pool: hers })).toBe('not-authorised')
    expect(codeOf(w, berta, 'citizenship.leave', { pool: own })).toBe('not-authorised')
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
