import { describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { silentLog } from '../../node/silent-log.ts'
import { SeededRandom } from '../../node/simulate/random.ts'
import { World } from '../../node/simulate/world.ts'
import { didOf, type SocietyKey } from '../../protocol/index.ts'
import { keptOf, leavingOf, type Crowd, type Guest } from '../../src/membership/guests.ts'
import { guestAwayMs, guestPlacesFree, guestsMax, guestStayMs } from '../../src/limits.ts'
import { digestsAt, holds, show, Stranger } from '../support/guest-crowd.ts'

const startMs = Date.parse('2026-06-21T12:00:00Z')
const founding = { federation: 'test-x', adp: 0, policy: {}, witnesses: [] }

async function worldOf(...names: readonly string[]): Promise<World> {
  const parts = { startMs, seed: 1, verifier: createVerifier(), log: silentLog }
  const world = new World({ ...parts, localSigners: new Map() })
  for (const name of names) {
    await world.add(name, { name, ...founding }, true)
    await world.quiet()
    if (name === names[0]) continue
    const society = didOf(world.resident(name).key)
    await world.settled(world.replica(names[0] ?? '').write('federation.admit', { society }))
  }
  return world
}

const crowd = (count: number, from = 0): readonly Stranger[] =>
  Array.from({ length: count }, (_, n) => new Stranger(`stranger ${from + n}`, startMs))

/** Restarts a node: what it holds is what it comes to from its store. */
async function restart(world: World, name: string): Promise<void> {
  await world.stop(name)
  await world.start(name)
}

describe('guests of a full node (R72)', () => {
  test('make room, the longest silent first, once they have been seen for a while', async () => {
    const world = await worldOf('sage')
    const guests = crowd(guestsMax)
    await show(world, 'sage', ...guests)
    const late = new Stranger('late', startMs)
    await show(world, 'sage', late)
    expect(holds(world, 'sage', late.key)).toBe(false)
    await world.advance(guestStayMs)
    const [first, second] = guests as [Stranger, Stranger]
    first.write('trust.observe', { subject: first.key, success: true, count: 1 }, startMs)
    await show(world, 'sage', first)
    await show(world, 'sage', late)
    expect(holds(world, 'sage', late.key)).toBe(true)
    expect(holds(world, 'sage', first.key)).toBe(true)
    const left = guests.filter(({ key }) => !holds(world, 'sage', key))
    expect([left.length, left.includes(first)]).toEqual([guestPlacesFree + 1, false])
    // Who made room is not brought back by others at once, and may come later.
    const [gone = second] = left
    await show(world, 'sage', gone)
    expect(holds(world, 'sage', gone.key)).toBe(false)
    await world.advance(guestAwayMs)
    await show(world, 'sage', gone)
    expect(holds(world, 'sage', gone.key)).toBe(true)
  })

  test('stay where a member names them, or needs whom they name', async () => {
    const world = await worldOf('sage')
    const guests = crowd(guestsMax)
    const [named, needed, naming] = guests as [Stranger, Stranger, Stranger]
    named.write('federation.admit', { society: needed.key, join: needed.join }, startMs)
    naming.write('federation.admit', { society: named.key, join: named.join }, startMs)
    await show(world, 'sage', ...guests.toSpliced(0, 1))
    await show(world, 'sage', named)
    // It names what came later: only now can it be judged.
    await show(world, 'sage', naming)
    const observed = { subject: didOf(named.key), success: true }
    await world.settled(world.replica('sage').write('trust.observe', observed))
    await world.advance(guestStayMs)
    const late = crowd(guestsMax, guestsMax)
    for (let n = 0; n < late.length; n += guestPlacesFree) {
      const some = late.slice(n, n + guestPlacesFree)
      // Those for whom there was no place find one the second time.
      await show(world, 'sage', ...some)
      await show(world, 'sage', ...some)
    }
    expect(late.every(({ key }) => holds(world, 'sage', key))).toBe(true)
    const stayed = [named, needed, naming].map(({ key }) => holds(world, 'sage', key))
    expect(stayed).toEqual([true, true, false])
    const before = digestsAt(world, 'sage')
    await restart(world, 'sage')
    expect(digestsAt(world, 'sage')).toEqual(before)
  })
})

describe('what is held of guests', () => {
  test.each([1, 2])('is judged alike whoever made room where, order %i', async (seed) => {
    const random = new SeededRandom(seed)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T
    const world = await worldOf('sage', 'oak')
    const nodes = ['sage', 'oak'] as const
    world.wires.partition([['sage'], ['oak']])
    const guests = crowd(guestsMax + 60)
    const seen = new Map<string, string>()
    const held = new Set<string>()
    const gone = new Set<string>()
    let left = 0
    let returned = 0
    let compared = 0
    const look = (): void => {
      for (const node of nodes) {
        for (const { key } of guests) {
          const place = `${node} ${key}`
          const isHeld = holds(world, node, key)
          if (isHeld && gone.delete(place)) returned += 1
          if (isHeld) held.add(place)
          if (!isHeld && held.delete(place)) {
            gone.add(place)
            left += 1
          }
        }
        for (const [place, digest] of digestsAt(world, node)) {
          const before = seen.get(place)
          if (before !== undefined) compared += 1
          expect([place, before ?? digest]).toEqual([place, digest])
          seen.set(place, digest)
        }
      }
    }
    for (let round = 0; round < 5; round++) {
      for (const guest of guests) {
        const other = pick(guests)
        const what = random.next()
        const now = world.clock.now()
        if (guest.frames.length > 5 || other === guest) continue
        if (what < 0.2) {
          // By its own chain and what it names: valid, void, or void the second time.
          const society = what < 0.15 ? other.key : guest.key
          guest.write('federation.admit', { society, join: other.join }, now)
        } else if (what < 0.3) {
          guest.write('trust.observe', { subject: other.key, success: true, count: 1 }, now)
        }
      }
      for (const node of nodes) {
        await show(world, node, ...Array.from({ length: 400 }, () => pick(guests)))
      }
      look()
      await world.advance(guestStayMs)
      for (const node of nodes) await show(world, node, pick(guests))
      await restart(world, pick(nodes))
      look()
    }
    expect([left > 40, returned > 8]).toEqual([true, true])
    expect(compared).toBeGreaterThan(1_000)
  })
})

describe('who makes room', () => {
  const societies = Array.from({ length: 24 }, (_, n) => `society ${n}` as SocietyKey)

  /** A crowd in which everybody names anybody, drawn by chance. */
  function drawn(seed: number): Crowd {
    const random = new SeededRandom(seed)
    const chance = (share: number): boolean => random.next() < share
    const members = new Set(societies.filter(() => chance(0.1)))
    const guests = societies
      .filter((society) => !members.has(society))
      .map((society): Guest => {
        const since = Math.floor(random.next() * 2 * guestStayMs)
        return { society, since, heard: since, wasMember: chance(0.05) }
      })
    const named = new Map(
      societies.map((society) => [
        society,
        new Map(
          societies
            .filter((other) => other !== society && chance(0.04))
            .map((other) => [other, chance(0.7) ? 'needed' : 'named'] as const),
        ),
      ]),
    )
    const namedBy: Crowd['namedBy'] = (society) => named.get(society) ?? new Map()
    return { guests, isMember: (society) => members.has(society), namedBy }
  }

  test('never leaves anything that is needed without what it needs', () => {
    let leaving = 0
    for (let seed = 0; seed < 2_000; seed++) {
      const world = drawn(seed)
      const kept = keptOf(world)
      const gone = new Set(leavingOf(world, 4, 2 * guestStayMs))
      leaving += gone.size
      for (const { society } of world.guests) {
        if (!gone.has(society)) continue
        expect([seed, kept.has(society)]).toEqual([seed, false])
        for (const [author, naming] of world.namedBy(society)) {
          // Whoever names it is no member, and goes as well where it is judged by it.
          expect([seed, world.isMember(author)]).toEqual([seed, false])
          if (naming === 'needed') expect([seed, gone.has(author)]).toEqual([seed, true])
        }
      }
    }
    expect(leaving).toBeGreaterThan(4_000)
  })
})
