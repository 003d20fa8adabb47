import { beforeAll, describe, expect, it } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { World } from '../../node/simulate/world.ts'
import { scaledExactly } from '../../src/write/input.ts'
import { silentLog } from '../../node/silent-log.ts'

const startMs = Date.parse('2026-06-21T12:00:00Z')
const day = 86_400_000

let world: World

beforeAll(async () => {
  const parts = { startMs, seed: 1, verifier: createVerifier(), log: silentLog }
  world = new World({ ...parts, localSigners: new Map() })
  const policy = { admission: 'open', minimumOccupancy: 0 }
  await world.add(
    'sage',
    { name: 'sage', federation: 'test-x', adp: 500, policy, witnesses: [] },
    true,
  )
  for (const value of ['acme-4711', 'acme-4712', 'zeta-1']) {
    await world.settled(
      world.replica('sage').prove({
        source: `solar:sunspec:${value}`,
        fields: { rated: 300 },
        measuredAt: startMs,
        method: 'test',
        transcript: new TextEncoder().encode(value),
        simulated: false,
      }),
    )
  }
})

const write = (kind: string, given: object): Promise<string> =>
  world.settled(world.replica('sage').write(kind, given))
const seqs = (): string => JSON.stringify(world.replica('sage').documentHeads())

/** The code and message of a refusal, which has to leave everything as it was. */
async function refusalOf(kind: string, given: object): Promise<string> {
  const before = seqs()
  const failure = await write(kind, given).then(
    () => ({ code: 'none', message: 'it was written' }),
    (error: { code: string; message: string }) => error,
  )
  expect(seqs()).toBe(before)
  return `${failure.code}: ${failure.message}`
}

describe('numbers in wire units', () => {
  it.each([
    [0.1, 3_600_000, 360_000],
    ['0.7', day, 60_480_000],
    ['1.000', 1, 1],
    [0, day, 0],
    [1 / 64, day, 1_350_000],
    ['9007199254740990', 1, 9_007_199_254_740_990],
  ])('%s x %i is exactly %i', (given, factor, wire) => {
    expect(scaledExactly(given, factor)).toBe(wire)
  })

  it.each([
    [1 / 3, day],
    ['0.0001', 1_000],
    [1.5, 1],
    [-1, day],
    [1e-7, day],
    [Number.NaN, 1],
    [Infinity, 1],
    ['9007199254740991', 1],
    ['1e3', 1],
    ['', 1],
    [null, 1],
    [true, 1],
  ])('%s x %i is refused, not rounded', (given, factor) => {
    expect(scaledExactly(given, factor)).toBe(undefined)
  })

  it.each([
    ['atp.charge', { amount: 5, source: 'zeta-1', lifetimeDays: 1 / 3 }, 'to the millisecond'],
    ['bond.commit', { sources: ['zeta-1'], lockDays: '30.000000001' }, 'to the millisecond'],
    ['society.amend', { policy: { wasteAlert: 0.0005 } }, 'at most 3 decimals'],
    ['society.amend', { policy: { acceptAssurance: 1.4 } }, 'a whole number'],
    ['society.amend', { policy: { vouchTrust: '0.7000001' } }, 'at most 6 decimals'],
  ])('%s %j is malformed', async (kind, given, step) => {
    expect(await refusalOf(kind, given)).toMatch(new RegExp(`^malformed: .*${step}$`))
  })
})

describe('an amendment', () => {
  it.each([{}, { policy: {} }, { policy: null, witnesses: null }])(
    'that changes nothing is refused: %j',
    async (given) => {
      expect(await refusalOf('society.amend', given)).toMatch(/^malformed: an amendment changes/)
    },
  )

  it('changes policy, and may take all witnesses away', async () => {
    await write('society.amend', { policy: { ageingHours: 2 } })
    await write('society.amend', { witnesses: [] })
  })
})

describe('a source', () => {
  const charge = (source: string): Promise<string> => write('atp.charge', { amount: 1, source })

  it('is named by its id, or a prefix of it with or without type and scheme', async () => {
    for (const text of ['solar:sunspec:zeta-1', 'solar:sunspec:z', 'zeta', 'acme-4711']) {
      await charge(text)
    }
    const { sources } = world.replica('sage').society().energy
    expect(sources['solar:sunspec:zeta-1']?.occupied).toBe(3)
    expect(sources['solar:sunspec:acme-4711']?.occupied).toBe(1)
  })

  it.each([
    [
      'acme',
      'malformed: .acme. fits 2 sources: solar:sunspec:acme-[^,]*, solar:sunspec:acme-[^,]*; give',
    ],
    ['solar', 'malformed: .solar. fits 3 sources'],
    ['nothing', 'unknown-reference: no source nothing of this society'],
  ])('%s is refused', async (source, refusal) => {
    expect(await refusalOf('atp.charge', { amount: 1, source })).toMatch(new RegExp(refusal))
  })

  it('that is retired gives way to one that is not', async () => {
    await write('energy.retire', { source: 'acme-4711' })
    await charge('acme')
    expect(await refusalOf('atp.charge', { amount: 1, source: 'acme-4711' })).toMatch(
      /^already-ended/,
    )
    await write('bond.commit', { sources: ['zeta', 'acme'] })
    expect(world.replica('sage').society().bond).toMatchObject({ state: 'active', capacity: 600 })
  })
})
