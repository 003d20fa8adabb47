import { describe, expect, test } from 'vitest'
import { clearSkyWatts, sunAltitude } from '../../node/plausibility/clear-sky.ts'
import { physics } from '../../node/plausibility/physics.ts'
import { canonicalModel, powerLimits } from '../../node/plausibility/power-limits.ts'
import type { ProofClaim, Sample } from '../../src/index.ts'

const hour = 3_600_000
const day = 24 * hour
const noon = Date.parse('2026-06-21T12:00:00Z')
const midnight = Date.parse('2026-06-21T00:00:00Z')
const haarlem = { latitude: 52.4, longitude: 4.6 }
const sydney = { latitude: -33.9, longitude: 151.2 }
const tromso = { latitude: 69.6, longitude: 19 }

function claim(changes: Partial<ProofClaim> = {}): ProofClaim {
  return {
    source: 'solar:sunspec:acme-1',
    type: 'solar',
    measuredAt: noon,
    site: null,
    rated: 300,
    output: null,
    tdp: null,
    model: null,
    allocated: null,
    dischargeRate: null,
    stored: null,
    readings: {},
    history: [],
    ...changes,
  }
}

const sample = (at: number, changes: Partial<Sample> = {}): Sample => ({
  at,
  watts: null,
  wattHours: null,
  most: 300,
  ...changes,
})

/** Why physics refuses; null where it does not. */
function why(changes: Partial<ProofClaim>): string | null {
  const fault = physics.judge(claim(changes))
  if (fault !== null) expect(fault.code).toBe('implausible-proof')
  return fault?.message ?? null
}

/** At and under a bound there is nothing to say, over it there is. */
function expectBound(
  bound: number,
  at: (value: number) => Partial<ProofClaim>,
  words: RegExp,
): void {
  expect(why(at(bound * 0.999_999))).toBeNull()
  expect(why(at(bound))).toBeNull()
  expect(why(at(bound * 1.000_01))).toMatch(words)
}

describe('the sun', () => {
  test('stands where the solar position algorithm of NREL has it', () => {
    // The example of its report: 17 October 2003, 12:30:30 in Golden, Colorado.
    const golden = { latitude: 39.742476, longitude: -105.1786 }
    const altitude = sunAltitude(golden, Date.parse('2003-10-17T19:30:30Z'))
    expect(altitude).toBeCloseTo(90 - 50.11162, 1)
  })

  test.each([
    ['2026-06-21T00:00:00Z', 0],
    ['2026-06-21T04:00:00Z', 121],
    ['2026-06-21T12:00:00Z', 315],
    ['2026-12-21T12:00:00Z', 247],
  ])('%s lets panels of 300 W in Haarlem give up to %i W', (time, most) => {
    expect(clearSkyWatts(300, haarlem, Date.parse(time))).toBeCloseTo(most, -1)
  })
})

describe('panels', () => {
  test('without a site give at most their rating and a little', () => {
    expectBound(315, (output) => ({ output }), /gives 315\.\d+ W and is rated for 300 W/)
  })

  test('give at most what a clear sky allows at their site and time', () => {
    const measuredAt = Date.parse('2026-06-21T04:00:00Z')
    const most = clearSkyWatts(300, haarlem, measuredAt)
    expect(most).toBeLessThan(130)
    expectBound(most, (output) => ({ output, site: haarlem, measuredAt }), /clear sky allows/)
  })

  test('give nothing at night', () => {
    const at = { site: haarlem, measuredAt: midnight }
    expect(why({ ...at, output: 0 })).toBeNull()
    expect(why({ ...at, output: 0.001 })).toMatch(/2026-06-21T00:00Z, when the sun is down/)
  })

  test('give something at midnight where the sun does not set', () => {
    expect(why({ site: tromso, measuredAt: midnight, output: 30 })).toBeNull()
    const winter = Date.parse('2026-12-21T00:00:00Z')
    expect(why({ site: tromso, measuredAt: winter, output: 30 })).toMatch(/sun is down/)
    const winterNoon = Date.parse('2026-12-21T10:45:00Z')
    expect(why({ site: tromso, measuredAt: winterNoon, output: 30 })).toMatch(/sun is down/)
  })

  test('are not on the other side of the world', () => {
    expect(why({ site: sydney, output: 250 })).toMatch(/-33.9,151.2 .* sun is down/)
    expect(why({ site: haarlem, output: 250 })).toBeNull()
  })

  test('are where the sun was up whenever they gave something before', () => {
    const morning = sample(Date.parse('2026-06-20T04:30:00Z'), { watts: 20 })
    const night = sample(Date.parse('2026-06-20T23:00:00Z'), { watts: 0 })
    const history = [morning, night]
    expect(why({ site: haarlem, output: 200, history })).toBeNull()
    // Both have noon at about the same time; in winter's hemisphere it is still dark then.
    const south = { latitude: -52.4, longitude: 4.6 }
    expect(why({ site: south, output: 0, history })).toMatch(/2026-06-20T04:30Z, when the sun was/)
    const west = { latitude: 52.4, longitude: -40 }
    expect(why({ site: west, output: 0, history })).toMatch(/when the sun was down at 52.4,-40/)
    expect(why({ site: null, output: 0, history })).toBeNull()
  })
})

describe('a counter', () => {
  const since = (ms: number, from = 1_000): readonly Sample[] => [
    sample(noon - ms, { wattHours: from }),
  ]
  const counted = (wattHours: number, history: readonly Sample[], more = {}) => ({
    readings: { counterWattHours: wattHours, ...more },
    history,
  })

  test('does not fall', () => {
    expect(why(counted(1_000, since(hour)))).toBeNull()
    expect(why(counted(999, since(hour)))).toMatch(/counter fell from 1000 Wh to 999 Wh/)
  })

  test('may begin anew at its end, and nowhere else', () => {
    const end = 2 ** 32
    expect(why(counted(100, since(hour, end - 50)))).toBeNull()
    expect(why(counted(1_000, since(hour, end - 50)))).toMatch(/counted 1050 Wh/)
    expect(why(counted(100, since(hour, 3e9)))).toMatch(/fell/)
    const kilo = { counterWrapWattHours: 1e6 }
    expect(why(counted(100, since(hour, 999_950), kilo))).toBeNull()
    expect(why(counted(100, since(hour, 999_950)))).toMatch(/fell/)
  })

  test('counts no more than the rating gives in the time', () => {
    // 1.05 of 300 W for 10 h, two steps and a minute.
    const most = 3_150 + 2 + 5
    expectBound(most, (wh) => counted(1_000 + wh - 1e-9, since(10 * hour)), /more than its rating/)
  })

  test('is not held against the lower rating of a later proof', () => {
    const history = [
      sample(noon - 10 * hour, { wattHours: 1_000, most: 600 }),
      sample(noon - hour, { wattHours: 6_000, most: 300 }),
    ]
    expect(why(counted(6_200, history))).toBeNull()
    const always = history.map((each) => ({ ...each, most: 300 }))
    expect(why(counted(6_200, always))).toMatch(/more than its rating/)
  })

  test('of panels shows the nights of a week', () => {
    const week = 168 * hour
    // 0.35 of 300 W for 168 h.
    expectBound(17_640 + 7, (wh) => counted(1_000 + wh - 1e-9, since(week)), /nights between/)
    expect(why(counted(1_000 + 20_000, since(week - hour)))).toBeNull()
    const wind = { type: 'wind', source: 'wind:sunspec:acme-1' } as const
    expect(why({ ...wind, ...counted(1_000 + 20_000, since(week)) })).toBeNull()
  })

  test('of a processor begins anew with its machine', () => {
    const gpu = { type: 'compute', source: 'compute:nvml:gpu-1', rated: null, tdp: 300 } as const
    expect(why({ ...gpu, ...counted(5, since(day)) })).toBeNull()
    expect(why({ ...gpu, ...counted(9_000, since(day, 0)) })).toMatch(/more than its rating/)
  })
})

describe('a card', () => {
  const card = (tdp: number, model: string | null = null, scheme = 'nvml') => ({
    source: `compute:${scheme}:gpu-1`,
    type: 'compute' as const,
    rated: null,
    tdp,
    model,
  })

  test.each([
    ['NVIDIA GeForce RTX 4090', 450],
    ['RTX 4090', 450],
    ['NVIDIA H100 80GB HBM3', 700],
    ['NVIDIA A100-SXM4-80GB', 400],
    ['NVIDIA A100 80GB PCIe', 300],
    ['Tesla T4', 70],
    ['NVIDIA RTX 6000 Ada Generation', 300],
    ['AMD Radeon RX 7900 XTX', 355],
    ['AMD Instinct MI300X OAM', 750],
  ])('%s has at most 1.1 times %i W', (model, watts) => {
    expectBound(1.1 * watts, (tdp) => card(tdp, model), /beyond its vendor's limit/)
  })

  test('of no known model has at most what slot and connector carry', () => {
    expectBound(675, (tdp) => card(tdp, 'Frob 9000'), /more than slot and connector/)
    expectBound(675, (tdp) => card(tdp), /more than slot and connector/)
    expect(why(card(900, 'NVIDIA GeForce RTX 4090 Laptop GPU'))).toMatch(/slot and connector/)
    expect(why({ ...card(1_300, 'Frob 9000'), readings: { cards: 2 } })).toBeNull()
  })

  test('is not what a processor or a whole machine is', () => {
    expect(why(card(1_000, 'EPYC of two sockets', 'rapl'))).toBeNull()
    expect(why(card(5_000, null, 'test'))).toBeNull()
  })

  test('is in the table under the one spelling of its name, once, with its source', () => {
    const models = powerLimits.map(({ model }) => model)
    expect(models.length).toBeGreaterThanOrEqual(40)
    expect(new Set(models).size).toBe(models.length)
    expect(models.map(canonicalModel)).toEqual(models)
    for (const { source, watts } of powerLimits) {
      expect(source).toMatch(/\w+ \w+/)
      expect(watts).toBeGreaterThan(0)
    }
  })
})

describe('a grid connection', () => {
  test('passes no more than its fuse', () => {
    const grid = { type: 'grid', source: 'grid:p1:e0012', rated: null } as const
    const three = { fuseAmperes: 25, phases: 3 }
    expectBound(17_250, (allocated) => ({ ...grid, allocated, readings: three }), /3 x 25 A/)
    const one = { fuseAmperes: 40 }
    expectBound(9_200, (allocated) => ({ ...grid, allocated, readings: one }), /1 x 40 A/)
    expect(why({ ...grid, allocated: 1e6 })).toBeNull()
  })
})

describe('a battery', () => {
  const battery = { type: 'battery', source: 'battery:sunspec:acme-1', rated: null } as const

  test('holds what it is built for and a little', () => {
    const readings = { ratedWattHours: 10_000 }
    const holding = (stored: number) => ({ ...battery, dischargeRate: 5_000, stored, readings })
    expectBound(10_500, holding, /holds .* built for 10000 Wh/)
  })

  test('is not empty in a moment', () => {
    const readings = { ratedWattHours: 1_000 }
    const giving = (dischargeRate: number) => ({ ...battery, dischargeRate, stored: 1, readings })
    expectBound(20_000, giving, /empty in less than three minutes/)
  })

  test('is not larger than any', () => {
    expectBound(1e11, (stored) => ({ ...battery, dischargeRate: 1, stored }), /more than any/)
  })
})

test('every kind of source is judged, and nothing told is nothing wrong', () => {
  for (const type of ['solar', 'compute', 'grid', 'human', 'battery', 'wind'] as const) {
    expect(why({ type, source: `${type}:test:x1`, rated: null })).toBeNull()
  }
})
