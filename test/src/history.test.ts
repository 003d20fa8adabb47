import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { runScenario } from '../../node/simulate/scenario.ts'
import { parseScenario } from '../../node/simulate/scenario-file.ts'
import { World } from '../../node/simulate/world.ts'
import { didOf } from '../../protocol/index.ts'
import type { HistoryView, SocietyView } from '../../src/index.ts'
import { operationsInATurn } from '../../src/limits.ts'
import { silentLog } from '../../node/silent-log.ts'

const scenarios = join(import.meta.dirname, '..', 'scenarios')
/** More than one change with one claim has. */
const operationsOfClaim = 32
const startMs = Date.parse('2026-06-21T12:00:00Z')
const day = 86_400_000

const history = (world: World, by: string, of: string, at: number | null): Promise<HistoryView> => {
  const { key } = world.resident(of)
  return world.settled(world.replica(by).views.history(key, at))
}

/** What a view has of its time: detectors and what was forged are looked at in the present. */
const lasting = (view: SocietyView): object => ({ ...view, flags: [], forged: undefined })

type Seen = { readonly by: string; readonly of: string; readonly view: SocietyView }

/** What every node that runs says of every society now. */
const sayings = (world: World): readonly Seen[] =>
  [...world.residents.values()].flatMap(({ name: by, replica }) =>
    [...world.residents.values()].flatMap(({ name: of, key }) =>
      replica === null ? [] : { by, of, view: replica.society(key) },
    ),
  )

const textOf = (file: string): string => readFileSync(join(scenarios, file), 'utf8')

// Two witness a proof, and later another one; a third has its claim of a source beaten.
const witnessed = `
scenario: Attestations are forgotten, and rivals give up
start: 2026-06-21T12:00:00Z
societies: { sage: { adp: 100 }, oak: { adp: 100 }, elm: { adp: 0 }, ash: { adp: 0 } }
steps:
  - { partition: [[sage], [oak, elm, ash]] }
  - { by: oak, do: energy.prove, with: { source: "grid:test:m1", allocated: 10, assurance: 2 } }
  - { by: sage, do: energy.prove, with: { source: "grid:test:m1", allocated: 10 } }
  - { heal: true }
  - { advance: 3d }
  - { by: sage, do: energy.retire, with: { source: "grid:test:m1" } }
  - { advance: 80d }
  - { by: oak, do: energy.prove, with: { source: "grid:test:m1", allocated: 10, assurance: 3 } }
  - { stop: elm }
  - { restart: elm }
`

/** Plays a scenario and lets days pass; what was said before that and before each lapse of time. */
async function play(text: string): Promise<{ readonly world: World; readonly seen: Seen[] }> {
  const scenario = parseScenario(text, 'a scenario')
  const seen: Seen[] = []
  const worlds: World[] = []
  const look = (step: { readonly type: string }, shown: World): void => {
    worlds[0] = shown
    if (step.type === 'advance') seen.push(...sayings(shown))
  }
  const parts = { verifier: createVerifier(), log: silentLog, seed: null, look }
  const results = await runScenario(scenario, parts)
  expect(results.filter(({ ok }) => !ok)).toEqual([])
  const [world] = worlds
  if (world === undefined) throw new TypeError('a scenario has steps')
  seen.push(...sayings(world))
  await world.advance(3 * day)
  return { world, seen }
}

describe('the past of a society is what every node said of it then', () => {
  // In none was a node cut off, for it knows more now than it did then.
  it.each([
    '02-expiry.yaml',
    '05-citizenship.yaml',
    '06-trade.yaml',
    '08-queue.yaml',
    '11-equivocation.yaml',
    'own/bond-sources.yaml',
    'own/bond-violated.yaml',
    'own/claim-attest.yaml',
    'own/claim-supply.yaml',
    'own/equivocation-escrow.yaml',
    'own/queue-deadline.yaml',
    'own/queue-reserved.yaml',
    'own/trust-dealings.yaml',
    'own/trust-jobs.yaml',
    'own/vouch-grants.yaml',
    'own/vouch-outcome.yaml',
    'witnessed',
  ])('%s', async (file) => {
    const { world, seen } = await play(file === 'witnessed' ? witnessed : textOf(file))
    for (const { by, of, view } of seen) {
      const { asOf, ...then } = await history(world, by, of, Date.parse(view.time))
      expect({ by, ...lasting(then) }).toEqual({ by, ...lasting(view) })
      expect(asOf).toMatchObject({ at: view.time })
    }
  })
})

async function lonelySage(): Promise<World> {
  const parts = { startMs, seed: 1, verifier: createVerifier(), log: silentLog }
  const world = new World({ ...parts, localSigners: new Map() })
  const policy = { admission: 'open', minimumOccupancy: 0 }
  const founding = { name: 'sage', federation: 'test-x', adp: 500, policy, witnesses: [] }
  await world.add('sage', founding, true)
  return world
}

const claim = (world: World, n: number): Promise<string> =>
  world.settled(
    world.replica('sage').write('energy.prove', { source: `wind:test:w${n}`, rated: 1 }),
  )

const countAt = async (world: World, at: number | null): Promise<number> =>
  Object.keys((await history(world, 'sage', 'sage', at)).energy.sources).length

describe('history', () => {
  it('reads on from a snapshot, and from the beginning where that is too new', async () => {
    const world = await lonelySage()
    for (let n = 0; n < 4; n++) {
      await claim(world, n)
      await world.advance(1_000)
    }
    await world.stop('sage')
    await world.start('sage')
    for (let n = 4; n < 8; n++) {
      await claim(world, n)
      await world.advance(1_000)
    }
    for (let n = 0; n < 8; n++) {
      expect(await countAt(world, startMs + n * 1_000)).toBe(n + 1)
      expect(await countAt(world, startMs + n * 1_000 + 999)).toBe(n + 1)
    }
    expect(await countAt(world, null)).toBe(8)
  })

  it('leaves others their turn while it folds a long past again', async () => {
    const world = await lonelySage()
    const operations = (): number =>
      [...world.replica('sage').states().trusts].reduce(
        (sum, { chain }) => sum + chain.nextOperation,
        0,
      )
    for (let n = 0; operations() <= 3 * operationsInATurn; n++) await claim(world, n % 5)
    const turns = Math.floor(operations() / (operationsInATurn + operationsOfClaim))
    await world.advance(1)
    await claim(world, 5)
    const after = vi.spyOn(world.clock, 'after')
    expect(await countAt(world, startMs)).toBe(5)
    const given = after.mock.calls.filter(([ms]) => ms === 0).length
    expect(given).toBeGreaterThanOrEqual(turns)
    expect(turns).toBeGreaterThan(1)
    after.mockRestore()
  })

  it('says as of when it is, of which changes, and what of it does not show what was', async () => {
    const world = await lonelySage()
    await claim(world, 0)
    const heads = world.replica('sage').documentHeads()
    await world.advance(day)
    await claim(world, 1)
    const { asOf, time, name } = await history(world, 'sage', 'sage', startMs + 5)
    const placeOf = (kind: string): object => {
      const head = heads.find((each) => each.kind === kind)
      return { changes: head?.seq, head: head?.hash, time: new Date(startMs).toISOString() }
    }
    expect({ time, name }).toEqual({ time: '2026-06-21T12:00:00.005Z', name: 'sage' })
    expect(asOf).toEqual({
      at: '2026-06-21T12:00:00.005Z',
      known: '2026-06-22T12:00:00.000Z',
      trust: placeOf('trust'),
      pool: placeOf('pool'),
      later: 1,
      others: [],
      partial: [{ member: 'flags', because: 'detectors look at the present alone' }],
    })
  })

  it('counts what came later, and tells of a society before it was founded nothing', async () => {
    const world = await lonelySage()
    const refusalAt = (at: number): Promise<unknown> =>
      history(world, 'sage', 'sage', at).then(
        () => 'an answer',
        ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
      )
    expect(await refusalAt(startMs - 1)).toBe(
      `unknown-reference: there was no ${didOf(world.resident('sage').key)} at ` +
        '2026-06-21T11:59:59.999Z: it was founded at 2026-06-21T12:00:00.000Z',
    )
    expect(await refusalAt(startMs + 1)).toBe(
      'malformed: 2026-06-21T12:00:00.001Z is still to come',
    )
    expect(await refusalAt(startMs)).toBe('an answer')
  })

  it('takes in what was cut off then and came later', async () => {
    const { world, seen } = await play(textOf('own/claim-contested.yaml'))
    const then = seen.find(({ by, of }) => by === 'oak' && of === 'sage')
    expect(then?.view.energy.capacity).toBe(0)
    const { energy, asOf } = await history(world, 'oak', 'sage', Date.parse(then?.view.time ?? ''))
    expect(energy.capacity).toBe(1_000)
    expect(Date.parse(asOf.known)).toBeGreaterThan(Date.parse(asOf.at))
  })
})
