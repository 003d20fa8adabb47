import { describe, expect, test } from 'vitest'
import { judgeSights, type Claim, type Counted } from '../../src/witness/judge.ts'
import type { Measurement, Sight } from '../../src/ports.ts'

const hour = 3_600_000
const day = 24 * hour
const began = Date.UTC(2026, 5, 21, 12)
const source = 'solar:test:x1'

const claim = (changes: Partial<Claim> = {}): Claim => ({
  source,
  type: 'solar',
  capacityWatts: 5_000,
  measuredAt: began,
  countedWattHours: 1_000_001,
  ...changes,
})

type Seen = Omit<Partial<Measurement>, 'readings'> & {
  readonly path?: Sight['path']
  readonly countedWattHours?: number
}

const sight = ({
  path = 'direct',
  fields = {},
  countedWattHours = 1_000_007,
  ...seen
}: Seen = {}): Sight => ({
  path,
  measurement: {
    source,
    fields: { rated: 5_000, output: 4_000, ...fields },
    measuredAt: began + 60_000,
    method: 'test',
    transcript: new Uint8Array(),
    simulated: false,
    readings: { counterWattHours: countedWattHours },
    ...seen,
  },
})

const judge = (sights: readonly Sight[], claimed = claim(), history: readonly Counted[] = []) =>
  judgeSights(claimed, sights, history)

/** Two samples a minute apart that count so many Wh at these outputs. */
const pair = (counted: number, from = 4_000, to = from): readonly Sight[] => [
  sight({ fields: { output: from } }),
  sight({
    fields: { output: to },
    measuredAt: began + 120_000,
    countedWattHours: 1_000_007 + counted,
  }),
]

describe('a look (C13, C15, C16)', () => {
  test.each([
    ['direct', 2],
    ['sealed', 2],
    ['relayed', 1],
    ['node', 1],
  ] as const)('by the path %s bears out level %d', (path, level) => {
    expect(judge([sight({ path })])).toMatchObject({ verdict: true, level })
    expect(judge([sight({ path, source: 'solar:test:x2' })])).toMatchObject({
      verdict: false,
      level,
    })
  })

  test('goes no further than the worst of its samples', () => {
    const sights = [sight(), sight({ path: 'relayed' })]
    expect(judge(sights)).toMatchObject({ verdict: true, level: 1 })
  })

  test('at a device with its maker’s word reaches level 4, if all of it was there', () => {
    expect(judge([sight({ isRooted: true, path: 'sealed' })])).toMatchObject({ level: 4 })
    expect(judge([sight({ isRooted: true }), sight()])).toMatchObject({ level: 2 })
  })

  test.each<[string, Seen]>([
    ['another device', { source: 'solar:test:x2' }],
    ['a smaller rating', { fields: { rated: 4_900 } }],
    ['no rating', { fields: { rated: Number.NaN } }],
    ['more output than it is built for', { fields: { output: 5_300 } }],
    ['output below 0', { fields: { output: -1 } }],
    ['a counter behind the transcript’s', { countedWattHours: 999_999 }],
    ['a counter that ran away since', { countedWattHours: 1_000_300 }],
  ])('that finds %s says no', (_, seen) => {
    expect(judge([sight(seen)])).toMatchObject({ verdict: false })
  })

  test('takes a rating rounded by a hundredth, and devices without a counter', () => {
    expect(judge([sight({ fields: { rated: 4_951 } })])).toMatchObject({ verdict: true })
    const { readings: _, ...bare } = sight().measurement
    expect(judge([{ path: 'direct', measurement: bare }])).toMatchObject({ verdict: true })
  })
})

describe('between two samples (C16)', () => {
  test.each([
    [67, 4_000, 4_000, true],
    [-1, 4_000, 4_000, false],
    [0, 4_000, 4_000, false],
    [30, 4_000, 4_000, false],
    [87, 4_000, 4_000, false],
    [120, 4_000, 4_000, false],
    // A cloud that passes makes the power between them uncertain.
    [30, 4_900, 100, true],
    [0, 0, 0, true],
    [40, 0, 0, false],
    // A counter does not fall, by however little: no other check sees it.
    [-1, 0, 0, false],
  ])('%d Wh counted at %d W and then %d W: %s', (counted, from, to, verdict) => {
    expect(judge(pair(counted, from, to))).toMatchObject({ verdict })
  })

  test('a counter in steps of 100 Wh is not expected to be finer', () => {
    const seen = (countedWattHours: number, ms: number) =>
      sight({ countedWattHours, measuredAt: began + ms })
    const claimed = claim({ countedWattHours: 1_000_000 })
    const steps = [seen(1_000_100, 60_000), seen(1_000_200, 75_000)]
    expect(judge(steps, claimed)).toMatchObject({ verdict: true })
  })

  test('a counter of 32 bits may begin again', () => {
    const end = 2 ** 32
    const seen = (countedWattHours: number, ms: number) =>
      sight({ countedWattHours, measuredAt: began + ms })
    const claimed = claim({ countedWattHours: end - 101 })
    const around = [seen(end - 35, 60_000), seen(32, 120_000)]
    expect(judge(around, claimed)).toMatchObject({ verdict: true })
    const fallen = [seen(end - 35, 60_000), seen(1_032, 120_000)]
    expect(judge(fallen, claimed)).toMatchObject({ verdict: false })
  })
})

describe('the history of a counter (C15)', () => {
  const counted = (days: number, wattHours: number): Counted => ({
    at: began - days * day,
    wattHours,
  })
  const level = (...history: readonly Counted[]) => judge([sight()], claim(), history).level

  test('of seven days that only rose bears out level 3', () => {
    expect(level(counted(8, 800_000), counted(3, 900_001))).toBe(3)
    expect(level(counted(7, 800_000))).toBe(3)
  })

  test.each<[string, readonly Counted[]]>([
    ['too short', [counted(6.9, 800_000)]],
    ['fallen in between', [counted(8, 800_000), counted(3, 1_000_008)]],
    ['faster than the sun shines', [counted(8, 600_000)]],
    ['standing still', [counted(8, 1_000_007)]],
  ])('that is %s bears out no more than level 2, and is no word against it', (_, history) => {
    expect(judge([sight()], claim(), history)).toMatchObject({ verdict: true, level: 2 })
  })

  test('seen through the claimant bears out nothing', () => {
    const relayed = judge([sight({ path: 'relayed' })], claim(), [counted(8, 800_000)])
    expect(relayed.level).toBe(1)
  })
})

describe('a processor (C16, C21)', () => {
  const id = 'compute:nvml:gpu-1'
  const gpu = claim({
    source: id,
    type: 'compute',
    capacityWatts: 350,
    countedWattHours: undefined,
  })
  /** A look some seconds after it began, at a counter in Wh that is known to 0.5 s. */
  const seen = (seconds: number, counterWattHours: number, utilisation = 1): Sight => {
    const { measurement } = sight({ source: id, measuredAt: began + seconds * 1_000 })
    const fields = { tdp: 350, idle: 0, utilisation }
    const known = { counterStepWattHours: 0.000001, countedWithinMs: 500 }
    return {
      path: 'direct',
      measurement: { ...measurement, fields, readings: { counterWattHours, ...known } },
    }
  }

  test('gives what its limit in force allows', () => {
    expect(judge([seen(1, 5, 0.999)], gpu)).toMatchObject({ verdict: true })
    const reason = 'it can give 175 W, not 350 W'
    expect(judge([seen(1, 5, 0.5)], gpu)).toMatchObject({ verdict: false, reason })
  })

  // 350 W for 10 s are 0.97 Wh, and a second and a tenth besides may be unseen.
  test.each([
    [0, true],
    [0.97, true],
    [1.2, true],
    [1.3, false],
    [-0.001, false],
  ])('that counts %d Wh in 10 s at 350 W: %s', (counted, verdict) => {
    expect(judge([seen(1, 5), seen(11, 5 + counted)], gpu)).toMatchObject({ verdict })
  })
})

describe('a battery', () => {
  const battery = claim({ type: 'battery', capacityWatts: 2_000, countedWattHours: undefined })
  const holding = (stored: number, minutes: number): Sight => {
    const measuredAt = began + minutes * 60_000
    const { readings: _, ...seen } = sight({ measuredAt }).measurement
    return { path: 'direct', measurement: { ...seen, fields: { dischargeRate: 3_000, stored } } }
  }

  test('may have given what it can since it was measured, and no more', () => {
    expect(judge([holding(2_000, 1)], battery)).toMatchObject({ verdict: true })
    expect(judge([holding(600, 30)], battery)).toMatchObject({ verdict: true })
    expect(judge([holding(400, 30)], battery)).toMatchObject({ verdict: false })
  })
})
