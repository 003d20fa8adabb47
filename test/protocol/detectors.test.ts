import { describe, expect, it } from 'vitest'
import { findingsOf, type DetectorName, type Finding } from '../../protocol/index.ts'
import { keyOf, ToldHistory, told } from '../support/detector-history.ts'
import { innocentHistories } from '../support/innocent-histories.ts'

const found = (history: ToldHistory, society: string): readonly Finding[] =>
  findingsOf(history, keyOf(society), told)
const namesOf = (history: ToldHistory, society: string): readonly DetectorName[] =>
  found(history, society).map(({ name }) => name)

describe('nothing is found (D1, D2)', () => {
  it.each(Object.entries(innocentHistories))('of %s', (_story, tell) => {
    const history = tell()
    expect(history.names.size).toBeGreaterThan(5)
    for (const name of history.names) {
      expect({ name, found: found(history, name) }).toEqual({ name, found: [] })
    }
  })
})

describe('uneven honesty (D3)', () => {
  /** Ten jobs a week for five weeks, with so many failures in each. */
  const weeks = (failures: readonly number[], each = 10): ToldHistory => {
    const history = new ToldHistory()
    const perPartner = each / 5
    failures.forEach((bad, week) => {
      for (let i = 0; i < 5; i++) {
        const here = Math.min(perPartner, Math.max(0, bad - i * perPartner))
        history.jobs('ada', `judge${i}`, 34 - 7 * week, perPartner, here)
      }
    })
    return history
  }

  it('is a week of cheating among honest ones', () => {
    const [only, ...others] = found(weeks([0, 0, 8, 0, 0]), 'ada')
    expect(only).toMatchObject({ name: 'uneven-honesty', severity: 1_000_000 })
    expect(only?.evidence).toHaveLength(8)
    expect(others).toEqual([])
  })

  it('is no steady carelessness, and not the work of those who judged', () => {
    const history = weeks([2, 2, 2, 2, 2])
    expect(namesOf(history, 'ada')).toEqual([])
    expect(namesOf(weeks([0, 0, 8, 0, 0]), 'judge0')).toEqual([])
    expect(namesOf(weeks([10, 10, 10, 10, 10]), 'ada')).toEqual([])
  })

  it('takes 20 jobs and 3 failures', () => {
    // 5 of 10 and none of 10: 6.667, above the 6.635 of one degree of freedom.
    expect(namesOf(weeks([5, 0]), 'ada')).toEqual(['uneven-honesty'])
    expect(namesOf(weeks([4, 0]), 'ada')).toEqual([])
    const nineteen = new ToldHistory()
    nineteen.jobs('ada', 'judge', 10, 9, 9)
    nineteen.jobs('ada', 'judge', 3, 10)
    expect(namesOf(nineteen, 'ada')).toEqual([])
    nineteen.jobs('ada', 'judge', 3, 1)
    expect(namesOf(nineteen, 'ada')).toEqual(['uneven-honesty'])
    const two = new ToldHistory()
    two.jobs('ada', 'judge', 10, 2, 2)
    two.jobs('ada', 'judge', 3, 400)
    expect(namesOf(two, 'ada')).toEqual([])
  })

  it('is measured by what was done, not by the week', () => {
    // Forty of the jobs and forty per cent of the failures in one week.
    const history = new ToldHistory()
    history.jobs('ada', 'judge', 20, 40, 4)
    history.jobs('ada', 'judge', 13, 30, 3)
    history.jobs('ada', 'judge', 6, 30, 3)
    expect(namesOf(history, 'ada')).toEqual([])
  })

  it('makes nothing of one bad job in a quiet week after a busy one', () => {
    const history = new ToldHistory()
    history.jobs('ada', 'judge', 20, 150, 4)
    history.jobs('ada', 'judge', 13, 1, 1)
    history.jobs('ada', 'judge', 6, 10)
    expect(namesOf(history, 'ada')).toEqual([])
  })

  it('is over after thirteen weeks', () => {
    const history = new ToldHistory()
    history.jobs('ada', 'judge', 90, 10, 10)
    history.jobs('ada', 'judge', 60, 30)
    expect(namesOf(history, 'ada')).toEqual(['uneven-honesty'])
    expect(findingsOf(history, keyOf('ada'), told + 86_400_000)).toEqual([])
  })
})

describe('collusion (D4)', () => {
  /** A society that deals with three all the time and with so many others once. */
  const threeAnd = (others: number, weekly: number, age = 400): ToldHistory => {
    const history = new ToldHistory()
    history.society('ada', age)
    for (let week = 0; week < 6; week++) {
      for (let i = 0; i < 3; i++) history.jobs('ada', `friend${i}`, 7 * week, weekly)
    }
    for (let i = 0; i < others; i++) history.jobs('ada', `other${i}`, i, 1)
    return history
  }

  it('is the share of three that the number of partners does not explain', () => {
    const [only] = found(threeAnd(7, 5), 'ada')
    expect(only?.name).toBe('collusion')
    expect(only?.severity).toBeGreaterThan(500_000)
    expect(only?.evidence).toHaveLength(12)
    expect(namesOf(threeAnd(7, 1), 'ada')).toEqual([])
  })

  it('is more than chance', () => {
    // 26 of 33 where 0.626 is predicted: 3.6 of the 6.635 that it takes.
    const history = new ToldHistory()
    for (let week = 0; week < 2; week++) {
      for (let i = 0; i < 3; i++) history.jobs('ada', `friend${i}`, 7 * week, i + week > 2 ? 3 : 4)
    }
    history.jobs('ada', 'friend0', 14, 1)
    history.jobs('ada', 'friend1', 14, 1)
    history.jobs('ada', 'friend2', 14, 1)
    for (let i = 0; i < 7; i++) history.jobs('ada', `other${i}`, i, 1)
    expect(namesOf(history, 'ada')).toEqual([])
  })

  it('is no small circle, however close', () => {
    expect(namesOf(threeAnd(0, 5), 'ada')).toEqual([])
    expect(namesOf(threeAnd(1, 5), 'ada')).toEqual([])
  })

  it('does not grow with how busy a week was', () => {
    const calm = found(threeAnd(7, 5), 'ada')[0]?.severity
    expect(found(threeAnd(7, 500), 'ada')[0]?.severity).toBe(calm)
  })

  it('lets a newcomer have five partners', () => {
    const closeTo = (age: number): ToldHistory => {
      const history = threeAnd(2, 5, age)
      for (let week = 0; week < 6; week++) {
        for (let i = 0; i < 3; i++) history.jobs(`friend${i}`, 'ada', 7 * week + 1, 5)
      }
      return history
    }
    expect(namesOf(closeTo(30), 'ada')).toEqual(['collusion'])
    expect(namesOf(closeTo(29), 'ada')).toEqual([])
  })
})

describe('wash trading (D5)', () => {
  it.each([2, 3, 4])('goes round through %i societies', (size) => {
    const history = new ToldHistory()
    const ring = Array.from({ length: size }, (_, at) => `trader${at}`)
    const batch = history.id()
    ring.forEach((seller, at) => {
      history.trade(seller, ring[(at + 1) % size] as string, 10 - at, 1_000, batch)
    })
    for (const member of ring) {
      expect(found(history, member)).toMatchObject([{ name: 'wash-trading', severity: 1_000_000 }])
    }
    expect(found(history, 'trader0')[0]?.evidence).toHaveLength(size)
  })

  it('is nothing beyond four societies, after seven days, or the other way round', () => {
    const five = new ToldHistory()
    const batch = five.id()
    for (let at = 0; at < 5; at++) {
      five.trade(`trader${at}`, `trader${(at + 1) % 5}`, 10 - at, 1_000, batch)
    }
    expect(namesOf(five, 'trader0')).toEqual([])
    const late = new ToldHistory()
    const old = late.trade('ada', 'bo', 10)
    late.trade('bo', 'ada', 2.99, 1_000, old)
    expect(namesOf(late, 'ada')).toEqual([])
    const just = new ToldHistory()
    just.trade('bo', 'ada', 3, 1_000, just.trade('ada', 'bo', 10))
    expect(namesOf(just, 'ada')).toEqual(['wash-trading'])
  })

  it('is measured by what was sold: other batches that are bought are none of it', () => {
    const history = new ToldHistory()
    for (let day = 0; day < 20; day++) {
      history.trade('ada', 'bo', day)
      history.trade('bo', 'ada', day)
    }
    expect(namesOf(history, 'ada')).toEqual([])
    const batch = history.trade('ada', 'bo', 5, 5_000)
    history.trade('bo', 'ada', 4, 4_999, batch)
    expect(namesOf(history, 'ada')).toEqual([])
    history.trade('bo', 'ada', 3, 4_000, history.trade('ada', 'bo', 5, 4_000))
    expect(found(history, 'ada')).toMatchObject([{ name: 'wash-trading' }])
  })
})

describe('reputation washing (D6)', () => {
  const young = (age: number, jobs: number): ToldHistory => {
    const history = new ToldHistory()
    history.society('ada', age)
    for (let i = 0; i < jobs; i++) history.jobs('ada', `judge${i % 5}`, 0, 1)
    return history
  }

  it('is an identity of less than 7 days with more than 20 jobs', () => {
    expect(namesOf(young(6.99, 21), 'ada')).toEqual(['reputation-washing'])
    expect(namesOf(young(7, 21), 'ada')).toEqual([])
    expect(namesOf(young(6.99, 20), 'ada')).toEqual([])
    expect(found(young(1, 40), 'ada')[0]?.severity).toBe(1_000_000)
  })
})

describe('cyclic vouching (D7)', () => {
  it('is any knot of vouches, not a chain', () => {
    const history = new ToldHistory()
    history.vouch('ada', 'bo', 50)
    history.vouch('bo', 'cy', 40)
    expect(namesOf(history, 'bo')).toEqual([])
    history.vouch('cy', 'ada', 20)
    history.vouch('ada', 'dee', 20)
    for (const member of ['ada', 'bo', 'cy']) {
      const [only] = found(history, member)
      expect(only).toMatchObject({ name: 'cyclic-vouching', severity: 1_000_000 })
      expect(only?.evidence).toHaveLength(6)
    }
    expect(namesOf(history, 'dee')).toEqual([])
  })

  it('is the plain return of a favour, and forgotten after thirteen weeks', () => {
    const history = new ToldHistory()
    history.vouch('ada', 'bo', 90.9)
    history.vouch('bo', 'ada', 10)
    expect(namesOf(history, 'ada')).toEqual(['cyclic-vouching'])
    expect(findingsOf(history, keyOf('ada'), told + 0.1 * 86_400_000)).toEqual([])
  })
})

describe('an isolated cluster (D8)', () => {
  /** A clique in a federation of others, with so many edges out. */
  const clique = (size: number, out: number, others = 20): ToldHistory => {
    const history = new ToldHistory()
    for (let i = 0; i < others; i++) {
      for (const step of [1, 2]) history.trade(`other${i}`, `other${(i + step) % others}`, i)
    }
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++) {
        history.trade(`sybil${i}`, `sybil${j}`, i + j)
      }
    }
    for (let i = 0; i < out; i++) history.trade(`sybil${i}`, `other${i}`, 1)
    return history
  }

  it('has five members, and one edge out for two of them', () => {
    expect(found(clique(5, 0), 'sybil4')).toMatchObject([
      { name: 'isolated-cluster', severity: 1_000_000 },
    ])
    expect(found(clique(5, 2), 'sybil0')).toMatchObject([{ severity: 600_000 }])
    expect(namesOf(clique(5, 3), 'sybil4')).toEqual([])
    expect(namesOf(clique(4, 0), 'sybil0')).toEqual([])
    expect(namesOf(clique(5, 2), 'other0')).toEqual([])
  })

  it('is dense: eight pairs in ten', () => {
    const without = (size: number, pairs: readonly string[]): ToldHistory => {
      const history = clique(0, 0)
      for (let i = 0; i < size; i++) {
        for (let j = i + 1; j < size; j++) {
          if (!pairs.includes(`${i}${j}`)) history.trade(`sybil${i}`, `sybil${j}`, i + j)
        }
      }
      return history
    }
    const [sparse] = found(without(6, ['01', '23', '45']), 'sybil5')
    expect(sparse).toMatchObject({ name: 'isolated-cluster', severity: 800_000 })
    for (const member of ['sybil0', 'sybil4']) {
      expect(namesOf(without(5, ['01', '23']), member)).toEqual(['isolated-cluster'])
    }
    expect(namesOf(without(5, ['01', '23', '04']), 'sybil4')).toEqual([])
  })

  it('has somebody else that it could deal with', () => {
    const beside = (others: number): ToldHistory => {
      const history = clique(5, 0, 0)
      for (let i = 1; i < others; i++) history.trade('other0', `other${i}`, i)
      return history
    }
    expect(namesOf(beside(2), 'sybil0')).toEqual(['isolated-cluster'])
    expect(namesOf(beside(2), 'other0')).toEqual([])
    expect(namesOf(beside(0), 'sybil0')).toEqual([])
    const newcomer = beside(0)
    newcomer.trade('sybil0', 'newcomer', 1)
    expect(namesOf(newcomer, 'sybil0')).toEqual([])
  })

  it('does not hide behind one popular friend', () => {
    const history = clique(10, 1)
    for (let i = 5; i < 15; i++) history.trade('other0', `other${i}`, i)
    expect(namesOf(history, 'sybil0')).toEqual(['isolated-cluster'])
    expect(namesOf(history, 'sybil9')).toEqual(['isolated-cluster'])
  })
})

describe('capacity splitting (D9)', () => {
  const source = 'solar:test:x1'

  it('is a claim that stands beside an earlier one, after a day to take it back', () => {
    const history = new ToldHistory()
    history.claim('ada', source, 30)
    history.claim('bo', source, 1.01)
    expect(namesOf(history, 'ada')).toEqual([])
    expect(found(history, 'bo')).toMatchObject([{ name: 'capacity-splitting', severity: 500_000 }])
    const young = new ToldHistory()
    young.claim('ada', source, 30)
    young.claim('bo', source, 1)
    expect(namesOf(young, 'bo')).toEqual([])
  })

  it('is no change of hands, no mere claim, and no quarrel of two', () => {
    const history = new ToldHistory()
    history.claim('ada', source, 30, { retired: 20 })
    history.claim('bo', source, 20)
    history.claim('cy', source, 10, { level: 0 })
    history.claim('dee', 'grid:test:m1', 10.5)
    history.claim('eve', 'grid:test:m1', 10)
    for (const name of history.names) expect(namesOf(history, name)).toEqual([])
    history.claim('fay', 'grid:test:m1', 10)
    expect(namesOf(history, 'dee')).toEqual([])
    expect(found(history, 'fay')).toMatchObject([{ severity: 750_000 }])
  })

  it('is one transcript under several names', () => {
    const history = new ToldHistory()
    history.claim('ada', 'solar:test:a', 30, { transcript: 'same' })
    history.claim('bo', 'solar:test:b', 29, { transcript: 'same' })
    history.claim('cy', 'solar:test:c', 28, { transcript: 'same' })
    history.claim('cy', 'solar:test:d', 28)
    expect(namesOf(history, 'ada')).toEqual([])
    expect(found(history, 'cy')).toMatchObject([{ name: 'capacity-splitting', severity: 750_000 }])
  })
})

describe('identity recycling (D10)', () => {
  const source = 'solar:test:x1'

  const line = (gaps: readonly number[], violator?: string): ToldHistory => {
    const history = new ToldHistory()
    gaps.forEach((daysAgo, at) => {
      const retired = gaps[at + 1]
      history.claim(`name${at}`, source, daysAgo, retired === undefined ? {} : { retired })
    })
    if (violator !== undefined) history.violation(violator)
    return history
  }

  it('is a third name over a source of which one broke its word', () => {
    const history = line([300, 200, 100], 'name0')
    const [only] = found(history, 'name2')
    expect(only).toMatchObject({ name: 'identity-recycling', severity: 666_666 })
    expect(only?.evidence).toHaveLength(4)
    expect(namesOf(history, 'name1')).toEqual([])
    expect(namesOf(line([300, 200, 100]), 'name2')).toEqual([])
    expect(namesOf(line([300, 200, 100], 'name2'), 'name2')).toEqual([])
    expect(namesOf(line([300, 200], 'name0'), 'name1')).toEqual([])
  })

  it('is three names within thirty days', () => {
    expect(found(line([40, 30, 10.01]), 'name2')).toMatchObject([{ severity: 500_000 }])
    expect(namesOf(line([40, 30, 10]), 'name2')).toEqual([])
    // Mere claims are no identities over a source.
    const claimed = (level: number): ToldHistory => {
      const history = new ToldHistory()
      history.claim('name0', source, 40, { retired: 30 })
      history.claim('name1', source, 30, { retired: 20 })
      history.claim('name2', source, 20, { level })
      return history
    }
    expect(namesOf(claimed(0), 'name2')).toEqual([])
    expect(namesOf(claimed(1), 'name2')).toEqual(['identity-recycling'])
  })
})
