import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explainTrust, type SocietyKey } from '../../protocol/index.ts'
import { strongestPaths } from '../../protocol/trust/paths.ts'
import { effort } from '../support/effort.ts'
import { keyNumbered, TrustWorld } from '../support/trust-world.ts'

const day = 86_400_000
const people = [1, 2, 3, 4, 5, 6].map(keyNumbered)
const newcomer = 140_000

/** Something that happens between two of them. */
type Deed = {
  readonly by: number
  readonly about: number
  readonly kind: 'observe' | 'job' | 'vouch' | 'commit'
  readonly success: boolean
  readonly count: number
  readonly pool: number
  readonly waitMs: number
}

const deeds = fc.record<Deed>({
  by: fc.nat(people.length - 1),
  about: fc.nat(people.length - 1),
  kind: fc.constantFrom('observe', 'observe', 'observe', 'job', 'job', 'vouch', 'commit'),
  success: fc.nat(3).map((n) => n > 0),
  count: fc.integer({ min: 1, max: 40 }),
  pool: fc.nat(1),
  waitMs: fc.constantFrom(0, 0, 0, 1, 3_600_000, day, 6 * day, 7 * day, 30 * day),
})
const histories = fc.array(deeds, { minLength: 1, maxLength: 30, size: 'max' })

const who = (number: number): SocietyKey => people[number] as SocietyKey

function happen(world: TrustWorld, deed: Deed): void {
  const by = who(deed.by)
  const about = who(deed.about)
  world.now += deed.waitMs
  if (deed.kind === 'commit' && !world.bonds.has(by)) world.commit(by)
  if (by === about) return
  if (deed.kind === 'vouch') world.vouch(by, about)
  if (deed.kind === 'observe') world.observe(by, about, deed.success, deed.count)
  const quality = deed.success ? 800_000 : 799_999
  if (deed.kind === 'job') world.job(by, about, quality, `pool ${deed.pool}`)
}

function after(history: readonly Deed[]): TrustWorld {
  const world = new TrustWorld()
  for (const deed of history) happen(world, deed)
  return world
}

/** Trust of everybody in everybody, and the strength of the best path, which none may weaken. */
function all(world: TrustWorld): readonly {
  readonly trust: number
  readonly best: number
  readonly picked: string
  readonly pair: string
  readonly isBad: boolean
}[] {
  return people.flatMap((observer, i) =>
    people.flatMap((subject, j) => {
      if (i === j) return []
      const paths = strongestPaths(world, observer, subject, world.now)
      const picked = JSON.stringify(paths.map(({ through }) => through.join()).toSorted())
      const best = paths[0]?.strength ?? 0
      const { direct } = explainTrust(world, observer, subject, world.now).terms
      const isBad = direct.value < 500_000
      return [{ trust: world.trust(observer, subject), best, picked, pair: `${i} ${j}`, isBad }]
    }),
  )
}

const last: fc.Arbitrary<Deed> = deeds.map((deed) => ({
  ...deed,
  kind: deed.kind === 'job' ? 'job' : 'observe',
  waitMs: 0,
}))

describe('whatever happened before (T6, T10)', () => {
  test('no failure raises anyone in anyone’s eyes, no success lowers anyone', () => {
    let moved = 0
    fc.assert(
      fc.property(histories, last, (history, deed) => {
        const world = after(history)
        const before = all(world)
        happen(world, deed)
        all(world).forEach(({ trust, best, picked, pair }, i) => {
          const was = before[i] as (typeof before)[number]
          const [more, less] = deed.success ? [trust, was.trust] : [was.trust, trust]
          const [stronger, weaker] = deed.success ? [best, was.best] : [was.best, best]
          expect(stronger, pair).toBeGreaterThanOrEqual(weaker)
          // Where another path becomes the strongest, it may stand in the way of two others.
          if (picked === was.picked) expect(more, pair).toBeGreaterThanOrEqual(less)
          if (trust !== was.trust) moved++
        })
      }),
      effort.property(400),
    )
    expect(moved).toBeGreaterThan(400)
  })

  test('in the eyes of who was there it holds whatever paths there are', () => {
    fc.assert(
      fc.property(histories, last, (history, deed) => {
        fc.pre(deed.by !== deed.about)
        const world = after(history)
        const before = world.trust(who(deed.by), who(deed.about))
        happen(world, deed)
        const now = world.trust(who(deed.by), who(deed.about))
        const [more, less] = deed.success ? [now, before] : [before, now]
        expect(more).toBeGreaterThanOrEqual(less)
      }),
      effort.property(400),
    )
  })

  test('waiting does the bad no good and brings no good one below the newcomer', () => {
    // Without bonds, which are worth more by the day, as long as they are kept.
    const unbonded = histories.map((history) => history.filter(({ kind }) => kind !== 'commit'))
    fc.assert(
      fc.property(unbonded, fc.nat(400 * day), (history, wait) => {
        const world = after(history)
        const before = all(world)
        world.now += wait
        all(world).forEach(({ trust, best, picked, pair }, i) => {
          const was = before[i] as (typeof before)[number]
          expect(best, pair).toBeLessThanOrEqual(was.best)
          if (picked === was.picked) expect(trust, pair).toBeLessThanOrEqual(was.trust)
          // What others say of somebody fades; what the observer has seen fail does not.
          const floor = was.isBad ? 0 : Math.min(was.trust, newcomer)
          expect(trust, pair).toBeGreaterThanOrEqual(floor)
        })
      }),
      effort.property(300),
    )
  })

  test('trust is a number of millionths from 0 to 1, and its terms explain it (T1, T15)', () => {
    fc.assert(
      fc.property(histories, fc.nat(5), fc.nat(5), (history, a, b) => {
        const world = after(history)
        const { trust, terms } = explainTrust(world, who(a), who(b), world.now)
        const { direct, transitive, bond, reputation, experience, anomaly, penalties } = terms
        expect(Number.isInteger(trust)).toBe(true)
        const sum = 0.4 * direct.value + 0.2 * (transitive.value + bond.value + reputation.value)
        const left = (1 - experience.value / 1e6) * (1 - anomaly.value / 1e6) * penalties.value
        expect(Math.abs(trust - (sum * left) / 1e6)).toBeLessThanOrEqual(3)
        expect(world.trust(who(a), who(b))).toBe(trust)
      }),
      effort.property(200),
    )
  })
})

describe('a crowd (T8)', () => {
  test('behind one edge adds at most that edge, however it praises', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), histories, (count, history) => {
        // Nobody but the bridge is known to the observer; the crowd does what it likes.
        const observer = keyNumbered(90)
        const [bridge, subject] = people as [SocietyKey, SocietyKey]
        const world = after(history)
        const alone = world.trust(observer, subject)
        world.observe(observer, bridge, true, count)
        for (const one of people) {
          for (const other of people) if (one !== other) world.observe(one, other, true, 10_000)
        }
        const weight = explainTrust(world, observer, bridge, world.now).terms.direct.value
        const edge = Math.max(0, 2 * weight - 1_000_000)
        const gain = world.trust(observer, subject) - alone
        expect(gain).toBeLessThanOrEqual(Math.ceil(0.2 * 0.7 * edge) + 1)
      }),
      effort.property(100),
    )
  })
})
