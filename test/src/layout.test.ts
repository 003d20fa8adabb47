import { expect, test } from 'vitest'
import { keys } from '../../src/ledger/layout.ts'

/** Keys with which a range ends: they are those of what the range is of. */
const ends = new Set(['changesEnd', 'signaturesEnd', 'sourceTranscripts', 'sourceTranscriptsEnd'])
/** Anything that keys are made of. */
const day = { day: 1, at: 1, worker: 'w', beneficiary: 'b', id: 'i' }

test('no two kinds of things share the beginning of their keys', () => {
  const beginnings = Object.entries(keys)
    .filter(([name]) => !ends.has(name))
    .map(([name, key]) => {
      const make = key as (...parts: readonly unknown[]) => string
      const made = name === 'jobs' || name === 'trade' ? make(day) : make('x', 1, 'y')
      const [first = '', second = ''] = made.split('/')
      return first === 'd' ? `${first}/${second}` : first
    })
  expect(beginnings.length).toBeGreaterThan(20)
  expect(beginnings.toSorted()).toEqual([...new Set(beginnings)].toSorted())
})
