import { expect, test } from 'vitest'
import { allOf, keys, prefixes } from '../../src/ledger/layout.ts'
import type { StoreRange } from '../../src/ports.ts'

/** Anything that keys are made of. */
const day = { day: 1, at: 1, worker: 'w', beneficiary: 'b', id: 'i' }

test('no two kinds of things share the beginning of their keys', () => {
  const beginnings = Object.entries(keys).map(([name, key]) => {
    const make = key as (...parts: readonly unknown[]) => string
    const made = name === 'jobs' || name === 'trade' ? make(day) : make('x', 1, 'y')
    const [first = '', second = ''] = made.split('/')
    return first === 'd' ? `${first}/${second}` : first
  })
  expect(beginnings.length).toBeGreaterThan(20)
  expect(beginnings.toSorted()).toEqual([...new Set(beginnings)].toSorted())
})

test('a range of a kind holds the keys of that kind alone', () => {
  const kinds = Object.keys(prefixes) as (keyof typeof prefixes)[]
  const within = (range: StoreRange, key: string): boolean => key >= range.gte && key < range.lt
  for (const [name, key] of Object.entries(keys)) {
    const make = key as (...parts: readonly unknown[]) => string
    const made = name === 'jobs' || name === 'trade' ? make(day) : make('x', 1, 'y')
    const holders = kinds.filter((kind) => within(allOf(kind), made))
    expect([name, ...holders]).toEqual([name, ...kinds.filter((kind) => kind === name)])
  }
})
