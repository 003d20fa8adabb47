import { describe, expect, it } from 'vitest'
import { dayMs, findingsOf, type DetectorName, type Finding } from '../../protocol/index.ts'
import { keyOf, ToldHistory, told } from '../support/detector-history.ts'

const found = (history: ToldHistory, society: string): readonly Finding[] =>
  findingsOf(history, keyOf(society), told)
const namesOf = (history: ToldHistory, society: string): readonly DetectorName[] =>
  found(history, society).map(({ name }) => name)

/** One millisecond, in days. */
const ms = 1 / dayMs

describe('a finding (D1)', () => {
  it('names sixteen records', () => {
    const goneRound = (times: number): readonly Finding[] => {
      const history = new ToldHistory()
      for (let day = 0; day < times; day++) {
        history.trade('bo', 'ada', day, 1_000, history.trade('ada', 'bo', day + 1))
      }
      return found(history, 'ada')
    }
    expect(goneRound(7)[0]?.evidence).toHaveLength(14)
    expect(goneRound(8)[0]?.evidence).toHaveLength(16)
    expect(goneRound(9)[0]?.evidence).toHaveLength(16)
  })
})

describe('the minute that is looked at (D1)', () => {
  it('has what is dated in it, and nothing of the next', () => {
    const backAfter = (ahead: number): ToldHistory => {
      const history = new ToldHistory()
      history.trade('bo', 'ada', -ahead * ms, 1_000, history.trade('ada', 'bo', 1))
      return history
    }
    expect(namesOf(backAfter(59_999), 'ada')).toEqual(['wash-trading'])
    expect(namesOf(backAfter(60_000), 'ada')).toEqual([])
    const ring = (ahead: number): ToldHistory => {
      const history = new ToldHistory()
      history.vouch('ada', 'bo', 1)
      history.vouch('bo', 'ada', -ahead * ms)
      return history
    }
    expect(namesOf(ring(59_999), 'ada')).toEqual(['cyclic-vouching'])
    expect(namesOf(ring(60_000), 'ada')).toEqual([])
  })
})

describe('windows and failures of uneven honesty (D3)', () => {
  it('are of seven days from the first job on', () => {
    const daysApart = (days: number): ToldHistory => {
      const history = new ToldHistory()
      history.jobs('ada', 'judge', 30, 10)
      history.jobs('ada', 'judge', 30 - days, 10, 10)
      return history
    }
    expect(namesOf(daysApart(6), 'ada')).toEqual([])
    expect(namesOf(daysApart(7), 'ada')).toEqual(['uneven-honesty'])
  })

  it('are three, where they say most', () => {
    // Three of 7 and none of 14: 7; none of 13: 6.555, under the 6.635 that it takes.
    const threeAnd = (honest: number): ToldHistory => {
      const history = new ToldHistory()
      history.jobs('ada', 'judge', 30, 7, 3)
      history.jobs('ada', 'judge', 20, honest)
      return history
    }
    expect(namesOf(threeAnd(14), 'ada')).toEqual(['uneven-honesty'])
    expect(namesOf(threeAnd(13), 'ada')).toEqual([])
  })
})

describe('the weeks and newcomers of collusion (D4)', () => {
  /** Dealings with each of three friends by week, and with each of the others. */
  const circle = (weeks: readonly number[], others: readonly number[]): ToldHistory => {
    const history = new ToldHistory()
    weeks.forEach((count, week) => {
      for (let i = 0; i < 3; i++) history.jobs('ada', `friend${i}`, 7 * week, count)
    })
    others.forEach((count, i) => history.jobs('ada', `other${i}`, 0, count))
    return history
  }

  it('count five dealings with one partner', () => {
    expect(namesOf(circle([5, 5, 5], [1, 1]), 'ada')).toEqual(['collusion'])
    expect(namesOf(circle([4, 4, 4], [1, 1]), 'ada')).toEqual([])
    // Six would be enough in two weeks.
    expect(namesOf(circle([5, 5], [1, 1, 1, 1]), 'ada')).toEqual([])
    expect(namesOf(circle([500, 500], [1, 1, 1, 1]), 'ada')).toEqual([])
    expect(namesOf(circle([5, 5, 2], [1, 1, 1, 1]), 'ada')).toEqual(['collusion'])
  })

  it('begin on the days that weeks since 1970 do, Thursdays', () => {
    // The story ends on a Sunday: its last week began three days before.
    const onDays = (days: readonly number[]): ToldHistory => {
      const history = circle([0, 5, 0, 5], [1, 1])
      for (const day of days) {
        for (let i = 0; i < 3; i++) history.jobs('ada', `friend${i}`, day, 5)
      }
      return history
    }
    expect(namesOf(onDays([]), 'ada')).toEqual([])
    expect(namesOf(onDays([4, 10]), 'ada')).toEqual([])
    expect(namesOf(onDays([3, 4]), 'ada')).toEqual(['collusion'])
    expect(namesOf(onDays([10, 11]), 'ada')).toEqual(['collusion'])
  })

  it('are told from a severity of 0.3 on', () => {
    const just = circle([5, 5, 5, 3], [3, 2, 2, 2, 2])
    expect(found(just, 'ada')).toMatchObject([{ name: 'collusion', severity: 300_005 }])
    // 0.299836, however sure.
    const under = circle([5, 5, 5, 5, 2], [3, 3, 3, 2, 2, 2, 2, 2, 2, 2])
    expect(namesOf(under, 'ada')).toEqual([])
  })

  it('are new for thirty days, and have five partners', () => {
    const aged = (days: number, others: readonly number[]): ToldHistory => {
      const history = new ToldHistory()
      history.society('ada', days)
      for (const [name, count] of Object.entries({ a: 5, b: 5, c: 5 })) {
        for (let week = 0; week < 5; week++) history.jobs('ada', name, 7 * week, count)
      }
      others.forEach((count, i) => history.jobs('ada', `other${i}`, 0, count))
      return history
    }
    expect(namesOf(aged(30, [1, 1]), 'ada')).toEqual(['collusion'])
    expect(namesOf(aged(30 - ms, [1, 1]), 'ada')).toEqual([])
    expect(namesOf(aged(30 - ms, [1, 1, 1]), 'ada')).toEqual(['collusion'])
  })
})

describe('the sales of wash trading (D5)', () => {
  const back = (sold: number, bought: number): ToldHistory => {
    const history = new ToldHistory()
    history.trade('bo', 'ada', bought, 1_000, history.trade('ada', 'bo', sold))
    return history
  }

  it('return within seven days', () => {
    expect(namesOf(back(17, 10), 'ada')).toEqual(['wash-trading'])
    expect(namesOf(back(17 + ms, 10), 'ada')).toEqual([])
  })

  it('are those of 28 days', () => {
    expect(namesOf(back(28 - ms, 25), 'ada')).toEqual(['wash-trading'])
    expect(namesOf(back(28, 25), 'ada')).toEqual([])
  })

  it('return by a fifth', () => {
    const fifth = (returned: number): ToldHistory => {
      const history = back(0, 0)
      const batch = history.trade('eve', 'fay', 5, returned)
      history.trade('fay', 'eve', 4, returned, batch)
      history.trade('eve', 'gus', 4, 1_000_000 - returned)
      return history
    }
    expect(found(fifth(200_000), 'eve')).toMatchObject([{ severity: 200_000 }])
    expect(namesOf(fifth(199_999), 'eve')).toEqual([])
  })

  it('are followed through 64 trades of a batch', () => {
    const cutUp = (trades: number): ToldHistory => {
      const history = new ToldHistory()
      const batch = history.trade('ada', 'bo', 5)
      history.trade('bo', 'ada', 4, 1_000, batch)
      for (let i = 2; i < trades; i++) history.trade('gus', `buyer${i}`, 4, 1, batch)
      return history
    }
    expect(namesOf(cutUp(64), 'ada')).toEqual(['wash-trading'])
    expect(namesOf(cutUp(65), 'ada')).toEqual([])
  })
})

describe('the youth of reputation washing (D6)', () => {
  it('lasts seven days to the millisecond', () => {
    const aged = (days: number): ToldHistory => {
      const history = new ToldHistory()
      history.society('ada', days)
      for (let i = 0; i < 21; i++) history.jobs('ada', `judge${i % 5}`, 0, 1)
      return history
    }
    expect(namesOf(aged(7 - ms), 'ada')).toEqual(['reputation-washing'])
    expect(namesOf(aged(7), 'ada')).toEqual([])
  })
})

describe('the reach of cyclic vouching (D7)', () => {
  it('is 1024 societies either way', () => {
    const ring = (size: number): ToldHistory => {
      const history = new ToldHistory()
      for (let i = 0; i < size; i++) history.vouch(`v${i}`, `v${(i + 1) % size}`, 10)
      return history
    }
    // Half of a ring is reached by those that are vouched for, half by sponsors.
    expect(namesOf(ring(2 * 1_023), 'v0')).toEqual(['cyclic-vouching'])
    expect(namesOf(ring(2 * 1_023 + 1), 'v0')).toEqual([])
  })
})

describe('the core and the hubs of an isolated cluster (D8)', () => {
  const federation = (): ToldHistory => {
    const history = new ToldHistory()
    for (let i = 0; i < 20; i++) history.trade(`other${i}`, `other${(i + 1) % 20}`, i)
    return history
  }
  const clique = (history: ToldHistory, size: number, but: readonly string[] = []): void => {
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++) {
        if (!but.includes(`${i}${j}`)) history.trade(`sybil${i}`, `sybil${j}`, 1)
      }
    }
  }

  it('is grown from four who have dealt', () => {
    const history = federation()
    clique(history, 5, ['04', '14'])
    expect(namesOf(history, 'sybil0')).toEqual(['isolated-cluster'])
    // Its own circle is of three.
    expect(namesOf(history, 'sybil4')).toEqual([])
  })

  it('does not hide behind a hub, which has more than 256 partners', () => {
    const around = (partners: number): ToldHistory => {
      const history = federation()
      clique(history, 6)
      for (let i = 0; i < 3; i++) history.trade('hub', `sybil${i}`, 1)
      for (let i = 3; i < partners; i++) history.trade('hub', `customer${i}`, 1)
      return history
    }
    for (const member of ['sybil0', 'sybil5']) {
      expect(namesOf(around(257), member)).toEqual(['isolated-cluster'])
      expect(namesOf(around(256), member)).toEqual([])
    }
  })
})

describe('the grace of capacity splitting (D9)', () => {
  it('is a day to the millisecond', () => {
    const beside = (daysAgo: number): ToldHistory => {
      const history = new ToldHistory()
      history.claim('ada', 'solar:test:x1', 30)
      history.claim('bo', 'solar:test:x1', daysAgo)
      return history
    }
    expect(namesOf(beside(1), 'bo')).toEqual([])
    expect(namesOf(beside(1 + ms), 'bo')).toEqual(['capacity-splitting'])
  })
})

describe('the rush of identity recycling (D10)', () => {
  it('is thirty days to the millisecond', () => {
    const line = (first: number): ToldHistory => {
      const history = new ToldHistory()
      history.claim('a', 'solar:test:x1', first, { retired: 30 })
      history.claim('b', 'solar:test:x1', 30, { retired: 10 })
      history.claim('c', 'solar:test:x1', 10)
      return history
    }
    expect(namesOf(line(40 - ms), 'c')).toEqual(['identity-recycling'])
    expect(namesOf(line(40), 'c')).toEqual([])
  })
})
