import { describe, expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { MachineClock, VirtualClock } from '../../node/simulate/virtual-clock.ts'
import { World } from '../../node/simulate/world.ts'
import type { SocietyKey } from '../../protocol/index.ts'
import { ClockGuard, type ClockState } from '../../src/clock/clock-guard.ts'
import { medianOf } from '../../src/clock/peer-clocks.ts'
import { EventLog } from '../../src/events.ts'
import { clockLookMs, clockSettleMs } from '../../src/limits.ts'
import { silentLog } from '../../node/silent-log.ts'
import { keyNamed } from '../support/ledger-world.ts'

const startMs = Date.UTC(2026, 5, 21, 12)
const second = 1_000
const minute = 60 * second

type Guarded = {
  readonly guard: ClockGuard
  /** The machine's clock; its offset is how far it is set wrong. */
  readonly machine: MachineClock
  readonly events: EventLog
  /** How often it was right again. */
  readonly agains: () => number
  readonly pass: (ms: number) => void
  /** Heads of societies whose clocks are so much ahead of the world's arrive. */
  readonly hear: (...offsetsMs: readonly number[]) => void
  readonly state: () => ClockState
}

function guarded(): Guarded {
  const world = new VirtualClock(startMs)
  const machine = new MachineClock(world)
  const events = new EventLog()
  const societies = ['self', 'ada', 'bo', 'cy', 'di', 'eve'].map(keyNamed)
  let agains = 0
  const guard = new ClockGuard({
    self: societies[0] as SocietyKey,
    clock: machine,
    events,
    log: silentLog,
    timing: { headMs: minute },
    members: () => new Set(societies),
    again: async () => {
      agains += 1
    },
  })
  return {
    guard,
    machine,
    events,
    agains: () => {
      while (world.runSoon());
      return agains
    },
    pass: (ms) => {
      const until = world.now() + ms
      while (world.step(until));
    },
    hear: (...offsetsMs) => {
      for (const [i, offset] of offsetsMs.entries()) {
        guard.heard(societies[i + 1] as SocietyKey, world.now() + offset)
      }
      // The median is worked out anew after a while.
      const until = world.now() + clockLookMs
      while (world.step(until));
    },
    state: () => {
      const fault = guard.look()
      const { state, message } = guard.view()
      expect(message).toBe(fault?.message ?? null)
      return state
    },
  }
}

describe('a clock that is set back (R79)', () => {
  test('by up to 120 s is right, by more is not until it has caught up', () => {
    const { guard, machine, pass, state, events, agains } = guarded()
    expect(state()).toBe('right')
    machine.offsetMs = -120_000
    expect(state()).toBe('right')
    machine.offsetMs = -120_001
    expect(guard.look()).toMatchObject({
      code: 'clock-backwards',
      message: expect.stringContaining('it was 2026-06-21T12:00:00.000Z before'),
    })
    pass(second)
    expect(state()).toBe('behind')
    pass(119 * second)
    expect(state()).toBe('behind')
    expect(agains()).toBe(0)
    pass(second)
    expect(state()).toBe('right')
    expect(agains()).toBe(1)
    const told = events.after(0).events.map(({ type, data }) => [type, data['state']])
    expect(told).toEqual([
      ['clock', 'behind'],
      ['clock', 'right'],
    ])
  })

  test('is behind what was signed in an earlier run', () => {
    const { guard, state } = guarded()
    guard.signed(startMs + 120_001)
    expect(state()).toBe('behind')
    expect(guard.view().highestSeen).toBe('2026-06-21T12:02:00.001Z')
  })

  test('is right again once it is set right', () => {
    const { machine, pass, state } = guarded()
    expect(state()).toBe('right')
    machine.offsetMs = -10 * minute
    expect(state()).toBe('behind')
    pass(minute)
    machine.offsetMs = 0
    expect(state()).toBe('right')
  })
})

describe('a clock beside those of others (R79)', () => {
  test('may be 60 s off their median', () => {
    for (const sign of [-1, 1]) {
      const { hear, state, guard } = guarded()
      hear(sign * 60_000, sign * 60_000, sign * 60_000)
      expect(state()).toBe('right')
      hear(...[1, 2, 3].map(() => sign * 60_000 + sign))
      // Of several heads the one that is furthest ahead tells: the late ones are merely late.
      expect(state()).toBe(sign > 0 ? 'skewed' : 'right')
      expect(guard.view().peersOffsetMs).toBe(sign > 0 ? 60_001 : -60_000)
    }
    const { hear, guard } = guarded()
    hear(-60_001, -60_001, -60_001)
    expect(guard.look()).toMatchObject({
      code: 'clock-skewed',
      message: expect.stringMatching(/60 s ahead of the other societies' median; set it right/),
    })
  })

  test('is right whatever fewer than three say, and whatever the lesser part of them says', () => {
    const { hear, state } = guarded()
    hear(-3_600_000, 3_600_000)
    expect(state()).toBe('right')
    const { hear: hearFive, state: stateOfFive } = guarded()
    hearFive(10, 3_600_000, -20, 3_600_000, 0)
    expect(stateOfFive()).toBe('right')
    hearFive(10, 3_600_000, 3_600_000, 3_600_000, 0)
    expect(stateOfFive()).toBe('skewed')
  })

  test('counts each society once, however much it talks, and strangers not at all', () => {
    const { guard, hear, state, pass } = guarded()
    for (let i = 0; i < 50; i++) hear(3_600_000 + i)
    guard.heard(keyNamed('stranger'), startMs + 3_600_000)
    guard.heard(keyNamed('another'), startMs + 3_600_000)
    guard.heard(keyNamed('self'), startMs + 3_600_000)
    pass(2 * second)
    expect(state()).toBe('right')
    expect(guard.view().peers).toHaveLength(1)
  })

  test('is not misled by late heads nor by old ones that come again', () => {
    const { guard, hear, state, pass } = guarded()
    hear(0, 0, 0)
    for (let i = 0; i < 4; i++) {
      pass(minute - second)
      hear(-50_000, -55_000, -59_000)
    }
    expect(state()).toBe('right')
    expect(Math.abs(guard.view().peersOffsetMs ?? Infinity)).toBeLessThan(10)
    // Nor once nobody is heard any more and an old head is all that there is.
    pass(10 * minute)
    for (const name of ['ada', 'bo', 'cy']) guard.heard(keyNamed(name), startMs)
    pass(clockLookMs)
    expect(state()).toBe('right')
    expect(guard.view().peers).toEqual([])
  })

  test('is told at once when it is set wrong, without another word of anybody', () => {
    for (const [offset, words] of [
      [61_000, '61 s ahead of'],
      [-61_000, '61 s behind'],
    ] as const) {
      const { machine, hear, guard, state } = guarded()
      hear(0, 0, 0)
      expect(state()).toBe('right')
      machine.offsetMs = offset
      expect(guard.look()).toMatchObject({
        code: 'clock-skewed',
        message: expect.stringContaining(words),
      })
      machine.offsetMs = 0
      expect(state()).toBe('right')
    }
  })

  test('is alone again five minutes after the last was heard', () => {
    const { hear, state, pass } = guarded()
    hear(3_600_000, 3_600_000, 3_600_000)
    pass(5 * minute - second - 1)
    expect(state()).toBe('skewed')
    pass(1)
    expect(state()).toBe('skewed')
    pass(second)
    expect(state()).toBe('right')
  })
})

describe('a clock that leaps ahead', () => {
  test('by up to 120 s is right, by more only once it has gone on, if nobody confirms it', () => {
    const { machine, guard, state, pass } = guarded()
    expect(state()).toBe('right')
    machine.offsetMs = 120_000
    expect(state()).toBe('right')
    machine.offsetMs = 240_001
    expect(guard.look()).toMatchObject({
      code: 'clock-skewed',
      message: expect.stringContaining('leapt ahead by 120 s'),
    })
    pass(clockSettleMs - 1)
    expect(state()).toBe('jumped')
    pass(1)
    expect(state()).toBe('right')
  })

  test('and back again is not held to what it showed meanwhile', () => {
    const { machine, state, guard } = guarded()
    expect(state()).toBe('right')
    machine.offsetMs = 86_400_000
    expect(state()).toBe('jumped')
    machine.offsetMs = 0
    expect(state()).toBe('right')
    expect(guard.view().highestSeen).toBe(new Date(startMs).toISOString())
  })

  test('is believed at once where others confirm it', () => {
    const { machine, state, hear } = guarded()
    expect(state()).toBe('right')
    machine.offsetMs = 600_000
    expect(state()).toBe('jumped')
    hear(600_000, 600_000, 600_000)
    expect(state()).toBe('right')
  })
})

describe('time servers', () => {
  test('are believed for a while, and where others say nothing', () => {
    const { guard, machine, state, pass } = guarded()
    guard.asked(60_000, 10 * minute)
    expect(state()).toBe('right')
    guard.asked(-60_001, 10 * minute)
    expect(state()).toBe('skewed')
    expect(guard.look()?.message).toMatch(/60 s ahead of the time servers/)
    machine.offsetMs = -60_001
    expect(state()).toBe('right')
    expect(guard.view().serversOffsetMs).toBe(0)
    machine.offsetMs = 0
    pass(10 * minute)
    expect(state()).toBe('skewed')
    pass(1)
    expect(state()).toBe('right')
    expect(guard.view().serversOffsetMs).toBeNull()
  })

  test('confirm a leap', () => {
    const { guard, machine, state } = guarded()
    expect(state()).toBe('right')
    machine.offsetMs = 600_000
    expect(state()).toBe('jumped')
    guard.asked(0, 10 * minute)
    expect(state()).toBe('right')
  })
})

test('the median is in the middle', () => {
  expect(medianOf([])).toBeUndefined()
  expect(medianOf([7])).toBe(7)
  expect(medianOf([9, 1])).toBe(5)
  expect(medianOf([9, 1, 2])).toBe(2)
  expect(medianOf([9, 1, 2, 4])).toBe(3)
})

describe('a node whose clock is wrong (R79)', () => {
  async function worldOf(...names: readonly string[]): Promise<World> {
    const parts = { startMs, seed: 1, verifier: createVerifier(), log: silentLog }
    const world = new World({ ...parts, localSigners: new Map() })
    for (const name of names) {
      const policy = { admission: 'open', minimumOccupancy: 0 }
      const founding = { name, federation: 'test-clock', adp: 1_000, policy, witnesses: [] }
      await world.add(name, founding, false)
    }
    return world
  }

  const claim = (world: World, by: string): Promise<string> =>
    world.settled(
      world.replica(by).write('energy.prove', { source: `grid:test:${by}`, allocated: 100 }),
    )

  const headsOf = (world: World, name: string): string =>
    JSON.stringify(world.replica(name).documentHeads())

  test('signs nothing while it is behind, nor after a restart, and goes on then', async () => {
    const world = await worldOf('ada')
    const { clock } = world.resident('ada')
    await claim(world, 'ada')
    const before = headsOf(world, 'ada')
    clock.offsetMs = -600_000
    await expect(claim(world, 'ada')).rejects.toMatchObject({ code: 'clock-backwards' })
    await world.stop('ada')
    await world.start('ada')
    await expect(claim(world, 'ada')).rejects.toMatchObject({ code: 'clock-backwards' })
    expect(world.replica('ada').clockGuard.view()).toMatchObject({ state: 'behind' })
    expect(headsOf(world, 'ada')).toBe(before)
    await world.advance(600_000)
    await claim(world, 'ada')
  })

  test('is founded as soon as its clock is right, not before', async () => {
    const world = await worldOf('ada', 'bo', 'cy')
    await world.advance(3_600_000)
    const resident = world.resident('bo')
    await world.stop('bo')
    resident.clock.offsetMs = -600_000
    await world.start('bo')
    resident.clock.offsetMs = 0
    await world.advance(3_600_000)
    await claim(world, 'bo')
    expect(
      world
        .replica('bo')
        .events.after(0)
        .events.map(({ type }) => type),
    ).toContain('clock')
  })

  test('signs nothing while it is off the median of three others, who go on', async () => {
    const world = await worldOf('ada', 'bo', 'cy', 'di')
    await world.advance(3_600_000)
    const { clock } = world.resident('di')
    clock.offsetMs = 61_000
    await world.advance(2_000)
    await expect(claim(world, 'di')).rejects.toMatchObject({ code: 'clock-skewed' })
    const { state, peersOffsetMs } = world.replica('di').clockGuard.view()
    expect([state, peersOffsetMs]).toEqual(['skewed', -61_000])
    await claim(world, 'ada')
    // One of four is off: the others' median is not.
    expect(world.replica('ada').clockGuard.view()).toMatchObject({ state: 'right' })
    clock.offsetMs = 0
    await claim(world, 'di')
  })

  test('learns of it even from heads that are too early to be taken', async () => {
    const world = await worldOf('ada', 'bo', 'cy', 'di')
    await world.advance(3_600_000)
    await world.stop('di')
    await world.advance(4 * 3_600_000)
    // Far behind everybody since it was off: what others sign is early to it.
    const { clock } = world.resident('di')
    clock.offsetMs = -4 * 3_600_000 + 60_000
    await world.start('di')
    expect(world.replica('di').clockGuard.view().state).toBe('right')
    await world.advance(3_602_000)
    expect(world.replica('di').clockGuard.view().state).toBe('skewed')
    await expect(claim(world, 'di')).rejects.toMatchObject({ code: 'clock-skewed' })
  })
})
