import { beforeEach, describe, expect, test } from 'vitest'
import { brokenBondsOf, carriesBroken } from '../../protocol/index.ts'
import { bondNow, day, foundedWorld, gridProof, prove } from '../support/bond-world.ts'
import { keyNamed, worldStart, type LedgerWorld } from '../support/ledger-world.ts'

const sage = keyNamed('sage')
const leaf = keyNamed('leaf')
const lock = 30 * day
const meter = 'grid:test:m1'

let world: LedgerWorld

beforeEach(() => {
  world = foundedWorld([sage, leaf])
  prove(world, sage, 'm1', 300)
})

const commit = (sources: readonly string[], lockMs = lock): string | null =>
  world.code(sage, 'bond.commit', { sources, lock: lockMs })
const state = (): string | undefined => bondNow(world, sage)?.state
const at = (days: number, ms = 0): void => {
  world.now = worldStart + days * day + ms
}

describe('a commitment (B1, B2)', () => {
  test('has at least one source, each once, and a lock of 7 to 365 days', () => {
    expect(commit([])).toBe('malformed')
    expect(commit([meter, meter])).toBe('malformed')
    expect(commit([meter], 7 * day - 1)).toBe('malformed')
    expect(commit([meter], 365 * day + 1)).toBe('malformed')
    expect(commit([meter], 365 * day)).toBe(null)
  })

  test('takes the shortest lock', () => {
    expect(commit([meter], 7 * day)).toBe(null)
    expect(bondNow(world, sage)?.bond.until).toBe(worldStart + 7 * day)
  })

  test('is over sources that are known, fresh, measured and not retired', () => {
    expect(commit(['grid:test:m9'])).toBe('unknown-reference')
    world.valid(sage, 'energy.prove', {
      ...gridProof('m2', 1_000, world.now),
      assurance: 0,
      evidence: undefined,
    })
    expect(commit(['grid:test:m2'])).toBe('unverified-source')
    prove(world, sage, 'm3', 1)
    world.valid(sage, 'energy.retire', { source: 'grid:test:m3' })
    expect(commit(['grid:test:m3'])).toBe('already-ended')
    at(7, -1)
    expect(world.copy().code(sage, 'bond.commit', { sources: [meter], lock })).toBe(null)
    at(7)
    expect(commit([meter])).toBe('proof-stale')
  })

  test('commits something: what another source powers does not count', () => {
    world.valid(sage, 'energy.prove', { ...gridProof('m2', 5_000, world.now), peakFactor: 0 })
    expect(commit(['grid:test:m2'])).toBe('insufficient-capacity')
    world.valid(sage, 'energy.prove', { ...gridProof('m3', 5_000, world.now), poweredBy: meter })
    expect(commit(['grid:test:m3'])).toBe('insufficient-capacity')
    prove(world, sage, 'm4', 50)
    expect(commit([meter, 'grid:test:m3', 'grid:test:m4'])).toBe(null)
    expect(bondNow(world, sage)?.bond.capacity).toBe(350_000)
  })

  test('is one at a time', () => {
    prove(world, sage, 'm2', 100)
    expect(commit([meter])).toBe(null)
    expect(commit(['grid:test:m2'])).toBe('bond-exists')
    world.valid(sage, 'bond.abandon', {})
    expect(commit(['grid:test:m2'])).toBe(null)
  })
})

describe('a violation (B3, B4)', () => {
  test('is there 24 h after the capacity went, no sooner, and no record takes it back', () => {
    commit([meter])
    at(7)
    expect([state(), bondNow(world, sage)?.proven]).toEqual(['active', false])
    at(8, -1)
    expect(state()).toBe('active')
    at(8)
    expect([state(), bondNow(world, sage)?.endedAt]).toEqual(['violated', worldStart + 8 * day])
    prove(world, sage, 'm1', 300)
    at(9)
    expect([state(), bondNow(world, sage)?.proven]).toEqual(['violated', true])
    expect(brokenBondsOf(world.replica.trust(sage), world.now)).toHaveLength(1)
  })

  test('is averted by proving again within the grace, to the millisecond', () => {
    commit([meter])
    at(8, -1)
    prove(world, sage, 'm1', 300)
    at(14)
    expect(state()).toBe('active')
    at(16, -1)
    expect(state()).toBe('violated')
  })

  test('begins with a proof of less, or a retirement, and counts no other source', () => {
    for (const less of ['proof', 'retirement'] as const) {
      world = foundedWorld([sage])
      prove(world, sage, 'm1', 300)
      prove(world, sage, 'm2', 900)
      commit([meter])
      at(1)
      if (less === 'proof') prove(world, sage, 'm1', 299)
      else world.valid(sage, 'energy.retire', { source: meter })
      at(2, -1)
      expect(state()).toBe('active')
      at(2)
      expect(state()).toBe('violated')
      at(0)
    }
  })

  test('does not count a gap that is not over by the end of the lock', () => {
    commit([meter], 8 * day - 1)
    at(8)
    expect(state()).toBe('active')
    expect(bondNow(world, sage)?.proven).toBe(false)
    prove(world, sage, 'm1', 300)
    expect([state(), bondNow(world, sage)?.endedAt]).toEqual(['fulfilled', worldStart + 8 * day])
  })

  test('counts a gap that is over just with the lock', () => {
    commit([meter], 8 * day)
    at(8)
    expect(state()).toBe('violated')
  })

  test('has the grace of the policy at the time of the commitment (B2)', () => {
    world.valid(sage, 'society.amend', { witnesses: [], 'policy.bondGraceHours': 3_600_000 })
    commit([meter])
    world.valid(sage, 'society.amend', { witnesses: [], 'policy.bondGraceHours': 30 * day })
    at(7, 3_600_000 - 1)
    expect(state()).toBe('active')
    at(7, 3_600_000)
    expect(state()).toBe('violated')
  })

  test('without grace is there at once', () => {
    world.valid(sage, 'society.amend', { witnesses: [], 'policy.bondGraceHours': 0 })
    commit([meter])
    at(7, -1)
    expect(state()).toBe('active')
    at(7)
    expect(state()).toBe('violated')
  })

  test('is none where the capacity goes just with the lock, even without grace', () => {
    world.valid(sage, 'society.amend', { witnesses: [], 'policy.bondGraceHours': 0 })
    commit([meter], 7 * day)
    at(7)
    expect([state(), bondNow(world, sage)?.proven]).toEqual(['active', false])
  })

  test('is not put off by proofs that are still too little', () => {
    commit([meter])
    at(7, day / 2)
    prove(world, sage, 'm1', 299)
    at(8, -1)
    expect(state()).toBe('active')
    at(8)
    expect(state()).toBe('violated')
  })

  test('is the same whatever the moment it is looked at', () => {
    commit([meter])
    at(5)
    prove(world, sage, 'm2', 1)
    at(40)
    expect(bondNow(world, sage)?.endedAt).toBe(worldStart + 8 * day)
    prove(world, sage, 'm1', 300)
    expect(bondNow(world, sage)?.endedAt).toBe(worldStart + 8 * day)
  })
})

describe('the end of a bond', () => {
  const keep = (days: number): void => {
    for (let from = 6; from < days; from += 6) {
      at(from)
      prove(world, sage, 'm1', 300)
    }
  }

  test('fulfilled once the lock is over and the capacity there, by record or not (B5, B6)', () => {
    commit([meter], 7 * day)
    expect(world.code(sage, 'bond.fulfil', {})).toBe('not-eligible')
    at(6)
    prove(world, sage, 'm1', 300)
    at(7, -1)
    expect([state(), world.code(sage, 'bond.fulfil', {})]).toEqual(['active', 'not-eligible'])
    at(7)
    expect(state()).toBe('fulfilled')
    expect(world.code(sage, 'bond.abandon', {})).toBe('already-ended')
    expect(world.code(sage, 'bond.fulfil', {})).toBe(null)
    expect(world.code(sage, 'bond.fulfil', {})).toBe('already-ended')
    at(30)
    expect([state(), bondNow(world, sage)?.proven]).toEqual(['fulfilled', false])
  })

  test('not stated while what was committed is not proven (B6)', () => {
    commit([meter], 7 * day)
    at(7)
    expect(world.code(sage, 'bond.fulfil', {})).toBe('insufficient-capacity')
  })

  test('there is none without a bond, and none twice (B6, B7)', () => {
    expect(world.code(sage, 'bond.fulfil', {})).toBe('unknown-reference')
    expect(world.code(sage, 'bond.abandon', {})).toBe('unknown-reference')
    commit([meter])
    expect(world.code(sage, 'bond.abandon', {})).toBe(null)
    expect(world.code(sage, 'bond.abandon', {})).toBe('already-ended')
    expect(world.code(sage, 'bond.fulfil', {})).toBe('already-ended')
    expect(state()).toBe('abandoned')
  })

  test('abandoned within the lock it is broken, after it is not (B7)', () => {
    commit([meter], 7 * day)
    at(7)
    const late = world.copy()
    expect(late.code(sage, 'bond.abandon', {})).toBe(null)
    expect(brokenBondsOf(late.replica.trust(sage), world.now)).toEqual([])
    at(7, -1)
    expect(world.code(sage, 'bond.abandon', {})).toBe(null)
    expect(brokenBondsOf(world.replica.trust(sage), world.now)).toMatchObject([
      { how: 'abandoned', brokenAt: world.now },
    ])
  })

  test('a new bond erases no old outcome (B8)', () => {
    commit([meter])
    at(9)
    prove(world, sage, 'm1', 300)
    expect(commit([meter], 7 * day)).toBe(null)
    world.valid(sage, 'bond.abandon', {})
    prove(world, sage, 'm1', 200)
    expect(commit([meter])).toBe(null)
    expect(brokenBondsOf(world.replica.trust(sage), world.now).map(({ how }) => how)).toEqual([
      'violated',
      'abandoned',
    ])
    expect(state()).toBe('active')
  })

  test('a long bond that is renewed in time is fulfilled (B5)', () => {
    commit([meter], 60 * day)
    keep(60)
    at(60)
    expect(state()).toBe('fulfilled')
  })
})

describe('a source of a broken bond (T14)', () => {
  const carries = (): boolean => {
    const [broken] = brokenBondsOf(world.replica.trust(sage), world.now)
    return broken !== undefined && carriesBroken(world.replica.trust(leaf), broken)
  }

  test('carries its penalty to whoever takes it over', () => {
    commit([meter])
    world.now += 1
    world.valid(sage, 'energy.retire', { source: meter })
    world.now += 1
    prove(world, leaf, 'm1', 300)
    expect(carries()).toBe(false)
    at(3)
    expect([state(), carries()]).toEqual(['violated', false])
    prove(world, leaf, 'm1', 300)
    expect(carries()).toBe(true)
  })

  test('is nothing to who had claimed it before, or proves it no more', () => {
    prove(world, leaf, 'm1', 300)
    world.now += 1
    commit([meter])
    world.valid(sage, 'bond.abandon', {})
    world.now += 1
    prove(world, leaf, 'm1', 300)
    expect(carries()).toBe(false)
    world.valid(leaf, 'energy.retire', { source: meter })
    world.now += 1
    prove(world, leaf, 'm1', 300)
    expect(carries()).toBe(true)
  })
})
