import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordId, SocietyKey } from '../../protocol/index.ts'
import { attestedHours, type Worked } from '../../src/work/attested-hours.ts'
import { unionMs } from '../../src/work/spans.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const now = Date.parse('2026-11-22T20:00:00Z')
const key = (name: string): SocietyKey => name as SocietyKey
const me = key('me')

let made = 0
/** Work for somebody that began some hours ago and took some. */
function job(beneficiary: string, hoursAgo: number, hoursLong: number, worker = 'me'): Worked {
  made += 1
  const started = now - hoursAgo * hour
  return {
    id: `job-${made}:0` as RecordId,
    worker: key(worker),
    beneficiary: key(beneficiary),
    started,
    finished: started + Math.round(hoursLong * hour),
  }
}

const attested = (receipts: readonly Worked[], citizens: readonly string[] = []) =>
  attestedHours(me, receipts, { citizens: new Set(citizens.map(key)), now })
const creditedHours = (...args: Parameters<typeof attested>) => attested(...args).creditedMs / hour

/** A day's work for three: 2 h each. */
const fair = [job('ada', 8, 2), job('bob', 6, 2), job('cid', 4, 2)]

function expectRefusal(receipts: readonly Worked[], code: string, words: string): void {
  expect(() => attested(receipts)).toThrow(expect.objectContaining({ name: 'Failure', code }))
  expect(() => attested(receipts)).toThrow(words)
}

describe('hours that others attest', () => {
  it('are those of the last 24, for whomever', () => {
    expect(attested(fair)).toEqual({
      creditedMs: 6 * hour,
      workedMs: 6 * hour,
      counterparties: ['ada', 'bob', 'cid'].map((society) => ({
        society,
        workedMs: 2 * hour,
        halves: 2,
      })),
    })
  })

  it('are eight at most', () => {
    const nine = [job('ada', 12, 3), job('bob', 9, 3), job('cid', 6, 3)]
    expect(creditedHours(nine)).toBe(8)
    expect(attested(nine).workedMs).toBe(9 * hour)
    expect(creditedHours([job('ada', 12, 3), job('bob', 9, 3), job('cid', 6, 2)])).toBe(8)
    expect(creditedHours([job('ada', 12, 3), job('bob', 9, 3), job('cid', 6, 1.5)])).toBe(7.5)
  })

  it('are cut at the ends of the day and of the week', () => {
    const cut = [job('ada', 25, 2), job('bob', 6, 2), job('cid', 1, 2)]
    expect(creditedHours(cut)).toBe(1 + 2 + 1)
    const old = [job('ada', 7 * 24 + 1, 2), job('bob', 6, 1), job('cid', 4, 1)]
    expect(attested(old).counterparties[0]).toMatchObject({ society: 'ada', workedMs: hour })
  })

  it('of older work count for nothing', () => {
    const old = job('ada', 7 * 24 + 2, 2)
    expectRefusal([old, job('bob', 6, 2), job('cid', 4, 2)], 'unverified-source', '2 other soc')
  })

  it('are none without a receipt', () => {
    expectRefusal([], 'unverified-source', '0 other societies attest work')
  })

  it('need one hundredth of an hour of today', () => {
    const yesterday = [job('ada', 40, 2), job('bob', 38, 2)]
    expect(creditedHours([...yesterday, job('cid', 1, 0.01)])).toBe(0.01)
    const less = job('cid', 1, 0.0099)
    expectRefusal([...yesterday, less], 'unverified-source', 'Of the last 24 hours')
    expectRefusal([...yesterday, job('cid', 36, 2)], 'unverified-source', 'attest 0 h of work')
  })

  it('of work for oneself count for nothing', () => {
    const self = [job('me', 8, 2), job('bob', 6, 2), job('cid', 4, 2)]
    expectRefusal(self, 'unverified-source', '2 other societies')
    expect(creditedHours([...fair, job('me', 8, 4)])).toBe(6)
  })
})

describe('work of one at one time', () => {
  it('may follow at once', () => {
    const one = fair[0] as Worked
    const next = { ...job('bob', 6, 2), started: one.finished }
    expect(() => attested([one, next, job('cid', 3, 2)])).not.toThrow()
  })

  it('may not overlap by a millisecond', () => {
    const [one, two, three] = fair as [Worked, Worked, Worked]
    const early = { ...two, started: one.finished - 1 }
    const words = `of ${one.id} and of ${two.id}`
    expectRefusal([three, early, one], 'implausible-proof', words)
  })

  it('may not lie within other work', () => {
    const within = [...fair, job('dan', 7.5, 0.5)]
    expectRefusal(within, 'implausible-proof', 'at the same time')
  })

  it('may be anybody else’s at that time', () => {
    const others = [job('ada', 8, 2, 'bob'), job('cid', 8, 2, 'ada')]
    expect(creditedHours([...fair, ...others])).toBe(6)
  })

  it('of no length is no work', () => {
    expect(creditedHours([...fair, job('ada', 7, 0)])).toBe(6)
  })
})

describe('work within 24 hours', () => {
  /** Work by turns for three, an hour each and at once, so many hours, the last ending long ago. */
  const turns = (hours: number, endedHoursAgo: number) =>
    Array.from({ length: Math.ceil(hours) }, (_, index) => {
      const long = Math.min(1, hours - index)
      return job(['ada', 'bob', 'cid'][index % 3] ?? '', endedHoursAgo + hours - index, long)
    })

  it('is 16 hours at most', () => {
    expect(creditedHours(turns(16, 1))).toBe(8)
    expectRefusal(turns(16 + 1 / 3600, 1), 'implausible-proof', 'lie within 24 hours')
  })

  it('is that on every day of the week', () => {
    const long = turns(17, 80)
    expectRefusal([...fair, ...long], 'implausible-proof', '17 h of work')
  })

  it('counts whatever day it lies across', () => {
    // 9 h, a night of 6 h, and 9 h more: 18 h within 24.
    expectRefusal([...turns(9, 60), ...turns(9, 45)], 'implausible-proof', '18 h of work')
    // With a night of 8 h the first 2 h and the last are never within the same 24.
    expect(() => attested([...fair, ...turns(9, 62), ...turns(8, 46)])).not.toThrow()
  })
})

describe('those for whom was worked', () => {
  it('are three at least', () => {
    expectRefusal(fair.slice(1), 'unverified-source', '2 other societies')
    const twice = [job('ada', 8, 2), job('ada', 6, 2), job('bob', 4, 2)]
    expectRefusal(twice, 'unverified-source', '2 other societies')
    expect(creditedHours(fair)).toBe(6)
  })

  it('attest no more than half each', () => {
    expect(creditedHours([job('ada', 9, 4), job('bob', 5, 2), job('cid', 3, 2)])).toBe(8)
    const more = [job('ada', 9.001, 4.001), job('bob', 5, 2), job('cid', 3, 2)]
    expectRefusal(more, 'unverified-source', 'One society attests 4 h of 8 h')
  })

  it('count half within the own society', () => {
    expect(creditedHours(fair, ['cid'])).toBe(5)
    expect(creditedHours(fair, ['ada', 'bob', 'cid'])).toBe(3)
    expect(attested(fair, ['cid']).counterparties[2]).toMatchObject({ halves: 1 })
  })

  it('count half of half as well', () => {
    // Ada's 2 h are half of what counts, of 4 h: just not too much.
    const receipts = [job('ada', 9, 2), job('bob', 5, 2), job('cid', 3, 2)]
    expect(creditedHours(receipts, ['bob', 'cid'])).toBe(4)
    const more = [job('ada', 9, 2.001), job('bob', 5, 2), job('cid', 3, 2)]
    expect(() => attested(more, ['bob', 'cid'])).toThrow('One society attests')
  })

  it('count nothing where they work mainly for the worker', () => {
    const four = [...fair, job('dan', 2, 1)]
    expect(creditedHours(four)).toBe(7)
    expect(creditedHours([...four, job('me', 30, 1, 'dan')])).toBe(6)
    // Half of their hours is not mainly; a millisecond more is.
    const back = job('me', 30, 1, 'dan')
    const other = job('ada', 40, 1, 'dan')
    expect(creditedHours([...four, back, other])).toBe(7)
    const less = { ...other, finished: other.finished - 1 }
    expect(creditedHours([...four, back, less])).toBe(6)
  })

  it('are not made honest by hours at the same time', () => {
    const four = [...fair, job('dan', 2, 1)]
    const back = job('me', 30, 3, 'dan')
    const alongside = [job('ada', 30, 3, 'dan'), job('bob', 30, 3, 'dan'), job('cid', 30, 3, 'dan')]
    expect(creditedHours([...four, back, ...alongside])).toBe(6)
  })

  it('are fewer by those who count nothing', () => {
    const receipts = [...fair, job('me', 30, 1, 'cid')]
    expectRefusal(receipts, 'unverified-source', '2 other societies')
  })

  it('who count nothing do not thin out the others', () => {
    const receipts = [
      job('ada', 12, 4),
      job('bob', 8, 1),
      job('cid', 7, 1),
      job('dan', 6, 4),
      job('me', 30, 1, 'dan'),
    ]
    expectRefusal(receipts, 'unverified-source', 'One society attests 4 h of 6 h')
  })
})

describe('attested hours', () => {
  it('are the same in whatever order receipts come, and never above what was worked', () => {
    const some = fc.record({
      who: fc.constantFrom('ada', 'bob', 'cid', 'dan'),
      long: fc.integer({ min: 1, max: 90 }),
      pause: fc.integer({ min: 0, max: 300 }),
    })
    fc.assert(
      fc.property(fc.array(some, { maxLength: 30 }), fc.nat(), (list, seed) => {
        let ago = 0
        const receipts = list.map(({ who, long, pause }) => {
          ago += pause + long
          return job(who, ago / 60, long / 60)
        })
        const outcome = (order: readonly Worked[]) => {
          try {
            return JSON.stringify(attested(order))
          } catch (error) {
            return (error as { code: string }).code
          }
        }
        const turned = receipts.toSorted(
          (a, b) => (a.started % (seed + 2)) - (b.started % (seed + 2)),
        )
        expect(outcome(turned)).toBe(outcome(receipts))
        if (!outcome(receipts).startsWith('{')) return
        const { creditedMs, workedMs } = attested(receipts)
        expect(creditedMs).toBeLessThanOrEqual(Math.min(workedMs, 8 * hour))
        expect(workedMs).toBeLessThanOrEqual(day)
      }),
    )
  })
})

describe('the union of spans', () => {
  it.each([
    [[], 0],
    [[[0, 5]], 5],
    [
      [
        [0, 5],
        [5, 9],
      ],
      9,
    ],
    [
      [
        [0, 5],
        [2, 3],
        [4, 8],
      ],
      8,
    ],
    [
      [
        [7, 3],
        [10, 12],
      ],
      2,
    ],
    [
      [
        [10, 12],
        [0, 1],
        [0, 1],
      ],
      3,
    ],
  ])('of %j is %i', (pairs, length) => {
    expect(unionMs(pairs.map(([start = 0, end = 0]) => ({ start, end })))).toBe(length)
  })
})
