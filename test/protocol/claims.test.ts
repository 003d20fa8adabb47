import { describe, expect, it } from 'vitest'
import { attestedLevel, beats, claimStanding, doubtOf } from '../../protocol/index.ts'
import type { Claim, RecordId, SocietyKey } from '../../protocol/index.ts'

const day = 86_400_000

const claim = (society: string, given: Partial<Claim> = {}): Claim => {
  const since = given.since ?? 0
  const proof = `${society}:0` as RecordId
  const held = { level: 1, since, heldSince: since, retiredAt: null }
  return { society: society as SocietyKey, proof, ...held, ...given }
}
const stateOf = (own: Claim, ...others: readonly Claim[]): string =>
  claimStanding(own, [own, ...others]).state

describe('one source, one society (C2)', () => {
  const first = claim('first')

  it.each([
    [0, 'contested', 'contested'],
    [day, 'contested', 'contested'],
    [day + 1, 'holds', 'beaten'],
  ])('%i ms later the first %s it, the second is %s', (since, ofFirst, ofSecond) => {
    const second = claim('second', { since })
    expect([stateOf(first, second), stateOf(second, first)]).toEqual([ofFirst, ofSecond])
  })

  it('goes to the better witnessed, however late', () => {
    const late = claim('late', { since: 100 * day, level: 2 })
    expect([stateOf(first, late), stateOf(late, first)]).toEqual(['beaten', 'holds'])
    expect(beats(late, first)).toBe(true)
  })

  it('goes by the time a claim has been held, not by its first proof', () => {
    const broken = claim('broken', { since: 0, heldSince: 3 * day })
    expect(stateOf(broken, claim('second', { since: day }))).toBe('beaten')
  })

  it('is free of whoever has retired it', () => {
    expect(stateOf(claim('second', { since: 9 * day }), claim('gone', { retiredAt: 1 }))).toBe(
      'holds',
    )
  })

  it('names the rival that beats it before one that is level', () => {
    const level = claim('level', { since: 5 * day })
    const own = claim('own', { since: 5 * day })
    expect(claimStanding(own, [level, first, own]).rival).toBe(first)
    expect(claimStanding(own, [level, own]).rival).toBe(level)
  })
})

describe('what was charged meanwhile (C5)', () => {
  const a = claim('a', { since: 0 })
  const b = claim('b', { since: day })
  const rivalOf = (own: Claim, other: Claim, at: number) => doubtOf(own, [own, other], at)?.society

  it('is in doubt on both sides while both claim the source, and not before', () => {
    expect(rivalOf(a, b, day - 1)).toBeUndefined()
    expect(rivalOf(a, b, day)).toBe('b')
    expect(rivalOf(b, a, day)).toBe('a')
  })

  it('stands again once the other gives it up, and falls with who gives it up', () => {
    const gone = { ...b, retiredAt: 3 * day }
    expect(rivalOf(a, gone, 2 * day)).toBeUndefined()
    expect(rivalOf(gone, a, 2 * day)).toBe('a')
    const both = { ...a, retiredAt: 4 * day }
    expect(rivalOf(both, gone, 2 * day)).toBeUndefined()
    expect(rivalOf(gone, both, 2 * day)).toBe('a')
    // What was charged after the other was gone was never in doubt.
    expect(rivalOf(gone, { ...a, retiredAt: 2 * day }, 2 * day)).toBeUndefined()
  })

  it('was never in doubt where one took over what the other gave up', () => {
    const next = claim('next', { since: 2 * day })
    expect(rivalOf({ ...a, retiredAt: 2 * day }, next, 2 * day)).toBeUndefined()
    expect(rivalOf(next, { ...a, retiredAt: 2 * day }, 2 * day)).toBeUndefined()
  })

  it('stands for the better witnessed', () => {
    const witnessed = { ...b, level: 2 }
    expect(rivalOf(witnessed, a, 2 * day)).toBeUndefined()
    expect(rivalOf(a, witnessed, 2 * day)).toBe('b')
    // Giving it up later takes nothing back of what was rightly charged.
    expect(rivalOf({ ...witnessed, retiredAt: 3 * day }, a, 2 * day)).toBeUndefined()
    expect(rivalOf(a, { ...witnessed, retiredAt: 3 * day }, 2 * day)).toBe('b')
  })
})

describe('the level of a proof (C9)', () => {
  it.each([
    [1, [], 1],
    [1, [2], 1],
    [1, [2, 2], 2],
    [1, [4, 2], 2],
    [1, [4, 3, 2], 3],
    [1, [4, 4], 4],
    [0, [4, 4, 4], 0],
  ])('of its own %i and witnesses %j is %i', (own, witnesses, expected) => {
    expect(attestedLevel(own, witnesses)).toBe(expected)
  })
})
