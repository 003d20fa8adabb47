import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createVerifier } from '../../node/keys/zip215-verifier.ts'
import { keysUnder, PastWorld, type Spoiling } from '../support/past-world.ts'
import { effort } from '../support/effort.ts'
import { milestoneAt, crowdedOut, stepAt } from '../../src/ledger/milestones.ts'
import { milestoneOperations, milestonesMax } from '../../src/limits.ts'
import { emptyTrust, keyOfBytes } from '../../protocol/index.ts'
import { signerOf } from '../../node/simulate/simulated-keys.ts'

const verifier = createVerifier()

type Action =
  | {
      readonly do: 'write'
      readonly who: 'sage' | 'liar'
      readonly changes: number
      readonly late: boolean
    }
  | { readonly do: 'ask'; readonly part: number }
  | { readonly do: 'spoil'; readonly how: Spoiling }
  | { readonly do: 'restart'; readonly clean: boolean }
  | { readonly do: 'drop' }
  | { readonly do: 'lie'; readonly part: number }

const anyPart = fc.double({ min: 0, max: 1, noNaN: true })
const spoilings: readonly Spoiling[] = [
  'deleted',
  'flipped',
  'of another format',
  'of another past',
]
const how = fc.constantFrom(...spoilings)
const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      who: fc.constantFrom('sage' as const, 'liar' as const),
      changes: fc.integer({ min: 1, max: 14 }),
      late: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const), part: anyPart }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('spoil' as const), how }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('restart' as const), clean: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lie' as const), part: anyPart }) },
)

async function act(world: PastWorld, action: Action): Promise<void> {
  switch (action.do) {
    case 'write':
      if (action.late) return world.writeLate(action.who, action.changes)
      return world.write(action.who, action.changes)
    case 'ask':
      return world.compare(action.part)
    case 'spoil':
      return world.spoil(action.how)
    case 'restart':
      return world.restart(action.clean)
    case 'drop':
      return world.drop()
    case 'lie':
      return world.lie(action.part)
  }
}

test(
  'a past state is what was folded then, whatever became of milestones',
  async () => {
    let milestones = 0
    const property = fc.asyncProperty(
      fc.array(actions, { minLength: 6, maxLength: 14 }),
      async (played) => {
        const world = await PastWorld.open(verifier)
        await world.write('sage', 25)
        await world.write('liar', 25)
        for (const action of played) await act(world, action)
        for (let nth = 0; nth <= 8; nth++) await world.compare(nth / 8)
        milestones += (await keysUnder(world.store, 'na/')).length
      },
    )
    await fc.assert(property, effort.property(5))
    expect(milestones).toBeGreaterThan(8)
  },
  effort.timeoutMs,
)

test.each(spoilings)(
  'milestones that are %s are not believed, and made again',
  async (spoiling) => {
    const world = await PastWorld.open(verifier)
    await world.write('sage', 40)
    const written = await keysUnder(world.store, 'na/')
    expect(written.length).toBeGreaterThan(2)
    await world.spoil(spoiling)
    const from = await world.readBy(() => world.compare(0.9))
    expect(from).toBeGreaterThan(36)
    for (const part of [0, 0.3, 0.5, 0.7, 1]) await world.compare(part)
    expect(await world.readBy(() => world.compare(0.9))).toBeLessThan(from / 2)
  },
)

test('what is left of milestones before dropped history is not used', async () => {
  const world = await PastWorld.open(verifier)
  await world.write('sage', 50)
  await world.drop()
  for (const part of [0.2, 0.55, 0.6, 0.65, 0.7, 0.9]) await world.compare(part)
})

test('a question folds what lies between two milestones, and writes lost ones', async () => {
  const world = await PastWorld.open(verifier)
  await world.write('sage', 80)
  const written = await keysUnder(world.store, 'na/')
  expect(written.length).toBeGreaterThan(3)
  for (const key of written) await world.store.write([{ key }], { sync: false })
  const from = await world.readBy(() => world.compare(0.95))
  expect(from).toBeGreaterThan(60)
  const again = await world.readBy(() => world.compare(0.95))
  expect(again).toBeLessThan(from / 3)
  // What is asked about goes as far as the newest milestone before it; later ones come with time.
  expect(written).toEqual(expect.arrayContaining([...(await keysUnder(world.store, 'na/'))]))
})

test('milestones are never more than so many, and evenly apart', () => {
  const { chain } = emptyTrust(keyOfBytes(signerOf('sage').publicKey))
  const kept = new Set<number>()
  let before = 0
  for (let operations = 0; operations < 5 * milestonesMax * milestoneOperations;) {
    before = operations
    operations += milestoneOperations / 2 + 1
    const number = milestoneAt(before, { ...chain, nextOperation: operations })
    if (number === undefined) continue
    kept.add(number)
    kept.delete(crowdedOut(number) ?? 0)
    expect(kept.size).toBeLessThanOrEqual(milestonesMax)
  }
  const step = stepAt(Math.max(...kept))
  expect(step).toBe(8)
  const numbers = [...kept].toSorted((a, b) => a - b)
  const gaps = numbers.map((number, nth) => number - (numbers[nth - 1] ?? 0))
  expect(Math.max(...gaps)).toBeLessThanOrEqual(step)
  expect(kept.size).toBeGreaterThan(milestonesMax / 2)
})
