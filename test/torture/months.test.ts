import { expect, test } from 'vitest'
import { months } from '../../scripts/torture/months.ts'
import { runRow } from '../../scripts/torture/row.ts'

test('real nodes live through three months: windows drop, all agree', async () => {
  const { passed, faults, reached } = await runRow(months, true)
  expect(faults).toEqual([])
  const of = (name: string): number => Number(reached[name])
  expect(of('checkpoints')).toBeGreaterThan(10)
  // The newcomer has both documents of all whose witnesses had signed, but what was too young.
  expect(of('joined')).toBeGreaterThan(5)
  expect(of('sage changes')).toBeLessThan(of('keeper changes'))
  expect(of('sage changeBytes')).toBeLessThan(of('keeper changeBytes') * 0.8)
  expect(passed).toBe(true)
}, 400_000)
