import { describe, expect, test } from 'vitest'
import { explainTrust } from '../../protocol/index.ts'
import { keyNumbered, trustStart, TrustWorld } from '../support/trust-world.ts'

const day = 86_400_000
const ada = keyNumbered(1)
const bo = keyNumbered(2)
const cy = keyNumbered(3)
const dee = keyNumbered(4)
const eve = keyNumbered(5)
const good = 800_000

/** Trust by the formula on real numbers, from terms. */
const formula = (
  terms: { direct?: number; transitive?: number; bond?: number; reputation?: number },
  left = 0.7,
): number => {
  const { direct = 0.5, transitive = 0, bond = 0, reputation = 0 } = terms
  return Math.round((0.4 * direct + 0.2 * (transitive + bond + reputation)) * left * 1e6)
}

const direct = (successes: number, failures: number, days = 0): number => {
  const count = successes + failures
  const mean = (0.5 + successes) / (1 + count)
  const recency = mean > 0.5 ? 0.5 ** (days / 90) : 1
  return 0.5 + Math.min(1, count / 50) * recency * (mean - 0.5)
}

describe('direct trust (T4, T6)', () => {
  test('a newcomer is at 0.14, one success is above it, one failure below', () => {
    const world = new TrustWorld()
    expect(world.trust(ada, bo)).toBe(140_000)
    world.observe(ada, bo, true)
    world.observe(ada, cy, false)
    expect(world.trust(ada, bo)).toBe(formula({ direct: direct(1, 0) }))
    expect(world.trust(ada, bo)).toBeGreaterThan(140_000)
    expect(world.trust(ada, cy)).toBe(formula({ direct: direct(0, 1) }))
    expect(world.trust(ada, cy)).toBeLessThan(140_000)
  })

  test.each([
    [1, 1],
    [20, 5],
    [49, 0],
    [50, 0],
    [51, 0],
    [30, 29],
    [5, 60],
    [10_000, 0],
    [9_000, 1_000],
  ])('%i successes and %i failures, fresh and 45 days old', (successes, failures) => {
    const world = new TrustWorld()
    world.observe(ada, bo, true, successes)
    world.observe(ada, bo, false, failures)
    expect(world.trust(ada, bo)).toBe(formula({ direct: direct(successes, failures) }))
    world.now += 45 * day
    const faded = formula({ direct: direct(successes, failures, 45) })
    expect(Math.abs(world.trust(ada, bo) - faded)).toBeLessThanOrEqual(1)
  })

  test('a vouch counts as ten successes, dated at its acceptance (T7)', () => {
    const world = new TrustWorld()
    world.observe(ada, bo, true, 2)
    world.observe(ada, bo, false, 4)
    world.now += 5 * day
    world.vouch(ada, bo)
    expect(world.trust(ada, bo)).toBe(formula({ direct: direct(12, 4) }))
    world.observe(cy, ada, true, 50)
    const edge = (2 * direct(50, 0) - 1) * (2 * direct(12, 4) - 1) * 0.8
    expect(world.trust(cy, bo)).toBe(formula({ transitive: edge }))
  })
})

describe('reputation and experience (T10, T12)', () => {
  test('each good job less for the same counterparty, a bad one takes a tenth', () => {
    const world = new TrustWorld()
    let reputation = 0
    for (let nth = 1; nth <= 14; nth++) {
      world.job(ada, bo, good)
      reputation += 0.03 * (1 - reputation) * Math.max(0.8 ** (nth - 1), 0.1)
      const left = 1 - Math.max(0, 0.3 - 0.05 * nth)
      expect(world.trust(ada, bo)).toBe(formula({ direct: direct(nth, 0), reputation }, left))
    }
    world.job(ada, bo, good - 1)
    reputation *= 0.9
    expect(world.trust(ada, bo)).toBe(formula({ direct: direct(14, 1), reputation }, 1))
  })

  test('the weight is whole again once seven days have passed, and not before', () => {
    const gain = (pause: number): number => {
      const world = new TrustWorld()
      world.job(ada, bo, good)
      world.now += pause
      world.job(ada, bo, good)
      const { reputation } = explainTrust(world, ada, bo, world.now).terms
      return reputation.value
    }
    expect(gain(7 * day)).toBe(59_100)
    expect(gain(7 * day - 1)).toBe(53_280)
  })

  test('jobs of one pair in two pools count each other (T11)', () => {
    const world = new TrustWorld()
    world.job(ada, bo, good, 'one')
    world.now += 1
    world.job(ada, bo, good, 'other')
    expect(explainTrust(world, ada, bo, world.now).terms.reputation.value).toBe(53_280)
  })

  test('jobs that others judged are nothing to the observer but their edge', () => {
    const world = new TrustWorld()
    for (let i = 0; i < 20; i++) world.job(eve, bo, good)
    expect(world.trust(ada, bo)).toBe(140_000)
  })

  test('older jobs than are kept one by one are not forgotten (T11)', () => {
    const world = new TrustWorld()
    let reputation = 0
    for (let i = 0; i < 40; i++) {
      world.now += 8 * day
      const isGood = i % 5 !== 4
      world.job(ada, bo, isGood ? good : 0)
      reputation = isGood ? reputation + 0.03 * (1 - reputation) : reputation * 0.9
    }
    const { value, jobs } = explainTrust(world, ada, bo, world.now).terms.reputation
    expect(jobs).toBe(40)
    expect(value).toBe(Math.round(reputation * 1e6))
  })
})

describe('paths (T8)', () => {
  const crowd = (heads: number): TrustWorld => {
    const world = new TrustWorld()
    world.observe(ada, bo, true, 30)
    for (let i = 0; i < heads; i++) {
      const head = keyNumbered(100 + i)
      world.observe(bo, head, true, 10_000)
      world.observe(head, eve, true, 10_000)
    }
    return world
  }

  test('a crowd behind one edge is one path', () => {
    const alone = crowd(1).trust(ada, eve)
    expect(crowd(50).trust(ada, eve)).toBe(alone)
    const edge = 2 * direct(30, 0) - 1
    expect(alone).toBeLessThanOrEqual(formula({ transitive: edge }))
    expect(alone).toBeGreaterThan(140_000)
  })

  test('at most five, the strongest', () => {
    const world = new TrustWorld()
    const strengths: number[] = []
    for (let i = 0; i < 7; i++) {
      const middle = keyNumbered(10 + i)
      world.observe(ada, middle, true, 5 + i)
      world.observe(middle, eve, true, 50)
      strengths.push((2 * direct(5 + i, 0) - 1) * (2 * direct(50, 0) - 1) * 0.8)
    }
    const { paths, trust } = explainTrust(world, ada, eve, world.now)
    expect(paths.map(({ through }) => through[0])).toEqual([16, 15, 14, 13, 12].map(keyNumbered))
    const missing = strengths.slice(2).reduce((product, p) => product * (1 - p), 1)
    expect(trust).toBe(formula({ transitive: 1 - missing }))
  })

  test('ties go by ids', () => {
    const world = new TrustWorld()
    for (const number of [15, 11, 19, 12, 17, 13]) {
      world.observe(ada, keyNumbered(number), true, 9)
      world.observe(keyNumbered(number), eve, true, 9)
    }
    const { paths } = explainTrust(world, ada, eve, world.now)
    expect(paths.map(({ through }) => through[0])).toEqual([11, 12, 13, 15, 17].map(keyNumbered))
  })

  test('strongest first, even where it stands in the way of two others', () => {
    const world = new TrustWorld()
    world.observe(ada, bo, true, 50)
    world.observe(ada, cy, true, 5)
    world.observe(bo, cy, true, 50)
    world.observe(bo, eve, true, 5)
    world.observe(cy, eve, true, 50)
    const { paths } = explainTrust(world, ada, eve, world.now)
    expect(paths.map(({ through }) => through)).toEqual([[bo, cy]])
  })

  test('neither one hop, nor four, nor a way back, nor an edge that carries nothing', () => {
    const world = new TrustWorld()
    world.observe(ada, eve, true, 50)
    world.observe(ada, bo, true, 50)
    world.observe(bo, cy, true, 50)
    world.observe(cy, dee, true, 50)
    world.observe(dee, eve, true, 50)
    world.observe(bo, ada, true, 50)
    world.observe(bo, eve, true, 3)
    world.observe(bo, eve, false, 3)
    expect(explainTrust(world, ada, eve, world.now).paths).toEqual([])
    expect(explainTrust(world, ada, dee, world.now).paths).toHaveLength(1)
  })

  test('every hop names the records behind it (T15)', () => {
    const world = new TrustWorld()
    const first = world.observe(ada, bo, true, 50)
    const second = world.observe(bo, eve, true, 50)
    const { paths, records, terms } = explainTrust(world, ada, eve, world.now)
    expect(paths[0]?.hops.map((hop) => [hop.from, hop.to, hop.records])).toEqual([
      [ada, bo, [first]],
      [bo, eve, [second]],
    ])
    expect(paths[0]?.hops[0]?.weight).toBe(Math.round((2 * direct(50, 0) - 1) * 1e6))
    expect(terms.transitive.records).toEqual([first, second])
    expect(records).toEqual([first, second])
  })
})

describe('bond, anomaly and penalties (T4, T9)', () => {
  test('an active bond rises from a half to one over the lock', () => {
    const world = new TrustWorld()
    world.commit(bo, 30)
    const worth = (): number => explainTrust(world, ada, bo, world.now).terms.bond.value
    expect(worth()).toBe(500_000)
    world.now = trustStart + 15 * day
    expect(worth()).toBe(750_000)
    world.now = trustStart + 30 * day - 1
    expect(worth()).toBe(1_000_000)
    expect(world.trust(ada, bo)).toBe(280_000)
  })

  test('after the lock the capacity decides', () => {
    const world = new TrustWorld()
    world.commit(bo, 30)
    world.now = trustStart + 30 * day
    expect(world.trust(ada, bo)).toBe(280_000)
    const standing = world.bonds.get(bo)
    if (standing !== undefined) world.bonds.set(bo, { ...standing, proven: false })
    expect(world.trust(ada, bo)).toBe(140_000)
  })

  test('penalties multiply, equivocation ends all, anomaly takes up to half (T13, T14)', () => {
    const world = new TrustWorld()
    const id = world.observe(cy, dee, true)
    const broken = { id, society: bo, sources: [], committedAt: 0, brokenAt: 1, record: null }
    world.broken.set(bo, [
      { ...broken, how: 'violated' },
      { ...broken, how: 'abandoned' },
    ])
    world.failedVouches.set(bo, [{ newcomer: eve, records: [id] }])
    expect(world.trust(ada, bo)).toBe(140_000 * 0.5 * 0.5 * 0.7)
    world.anomalies.set(bo, 1_000_000)
    expect(world.trust(ada, bo)).toBe(140_000 * 0.5 * 0.5 * 0.5 * 0.7)
    const { penalties, anomaly } = explainTrust(world, ada, bo, world.now).terms
    expect(anomaly.value).toBe(500_000)
    expect(penalties.items.map(({ reason, factor }) => [reason, factor])).toEqual([
      ['bond-violated', 500_000],
      ['bond-abandoned', 500_000],
      ['vouch-failed', 700_000],
    ])
    world.liars.add(bo)
    expect(world.trust(ada, bo)).toBe(0)
  })
})

test('one good job a day, with a bond: past 0.5 in about a month, past 0.7 in about three', () => {
  const world = new TrustWorld()
  world.commit(bo, 30)
  const passed = new Map<number, number>()
  for (let days = 1; days <= 120; days++) {
    world.now += day
    world.job(ada, bo, good)
    for (const level of [500_000, 700_000, 900_000]) {
      if (world.trust(ada, bo) >= level && !passed.has(level)) passed.set(level, days)
    }
  }
  expect(passed.get(500_000)).toBeGreaterThan(20)
  expect(passed.get(500_000)).toBeLessThan(35)
  expect(passed.get(700_000)).toBeGreaterThan(75)
  expect(passed.get(700_000)).toBeLessThan(105)
  // The top class needs others' word too.
  expect(passed.has(900_000)).toBe(false)
})
