import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { digestOf } from '../../protocol/index.ts'
import { effort } from '../support/effort.ts'
import { beginningCount, play, refold } from '../support/ledger-history.ts'
import { histories } from '../support/ledger-step.ts'

/** What differs from engine to engine, machine to machine or moment to moment. */
const traps: readonly (readonly [holder: object, name: string])[] = [
  [Date, 'now'],
  [Date.prototype, 'getTime'],
  [Date.prototype, 'toISOString'],
  [performance, 'now'],
  [crypto, 'getRandomValues'],
  [Intl, 'Collator'],
  [Intl, 'NumberFormat'],
  [String.prototype, 'localeCompare'],
  [String.prototype, 'normalize'],
  [String.prototype, 'toLocaleLowerCase'],
  [Number.prototype, 'toLocaleString'],
  [Number.prototype, 'toFixed'],
  ...['random', 'pow', 'exp', 'log', 'log2', 'sqrt', 'sin'].map((name) => [Math, name] as const),
]

/** Runs something while every one of these throws, and counts how often one was asked. */
function trapped<T>(run: () => T): { readonly result: T; readonly asked: readonly string[] } {
  const asked: string[] = []
  const spies = traps.map(([holder, name]) =>
    vi.spyOn(holder as Record<string, () => never>, name).mockImplementation(() => {
      asked.push(name)
      throw new TypeError(`a rule asked for ${name}`)
    }),
  )
  try {
    return { result: run(), asked }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

const digestsOf = (states: Iterable<Parameters<typeof digestOf>[0]>): readonly string[] =>
  [...states].map(digestOf)

test('no clock, no chance and no language reaches a rule', { timeout: effort.timeoutMs }, () => {
  fc.assert(
    fc.property(fc.nat(beginningCount - 1), histories, (beginning, steps) => {
      const world = play(beginning, steps)
      const { result, asked } = trapped(() => digestsOf(refold(world, 1).states.values()))
      expect(asked).toEqual([])
      expect(result.toSorted()).toEqual(digestsOf(world.replica.states.values()).toSorted())
    }),
    effort.property(200),
  )
})

test('the traps snap', () => {
  expect(() => trapped(() => Date.now())).toThrow('a rule asked for now')
  expect(() => trapped(() => 'a'.localeCompare('b'))).toThrow('a rule asked for localeCompare')
  expect(Date.now()).toBeGreaterThan(0)
})
