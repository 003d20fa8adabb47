import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dozenOf, plantedFaults } from '../scripts/planted/faults.ts'
import type { PlantedFault } from '../scripts/planted/planted-fault.ts'
import { planted } from '../scripts/planted/planting.ts'
import { caughtIn, rowsOf, tableOf, type Result } from '../scripts/planted/table.ts'

const root = dirname(import.meta.dirname)
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

// What catches each is shown by `npm run planted`: here only that the table fits the checkout.
describe('the table of faults to plant', () => {
  test.each(plantedFaults)('$name', (fault) => {
    const sound = read(fault.file)
    expect(planted(sound, fault)).not.toBe(sound)
    for (const file of fault.tests)
      expect([file, existsSync(join(root, file))]).toEqual([file, true])
    expect(fault.tests).not.toEqual([])
  })

  test('is as long as it should be, in the rules above all', () => {
    const inRings = plantedFaults.filter(({ file }) => /^(protocol|src)\//.test(file))
    expect(plantedFaults.length).toBeGreaterThanOrEqual(36)
    expect(inRings.length).toBeGreaterThanOrEqual(12)
    expect(new Set(plantedFaults.map(({ name }) => name)).size).toBe(plantedFaults.length)
  })

  test('is the one that was played last, and every fault in it was caught', () => {
    const rows = read('test/planted-faults.md')
      .split('\n')
      .filter((line) => /^\| \d+ \|/.test(line))
      .map((line) => line.split(' | '))
    expect(rows.map(([, name]) => name)).toEqual(plantedFaults.map(({ name }) => name))
    for (const row of rows) expect(row.at(-1)).not.toContain('nothing |')
  })

  test('has a dozen from all over it', () => {
    const dozen = dozenOf(plantedFaults)
    expect(dozen).toHaveLength(12)
    expect(new Set(dozen.map(({ file }) => file.split('/')[0]))).toEqual(
      new Set(['protocol', 'src', 'node']),
    )
    expect(dozenOf(dozen.slice(3))).toEqual(dozen.slice(3))
  })

  test('keeps the rows of those that were not played', () => {
    const [one, other, third] = plantedFaults.slice(0, 3) as [
      PlantedFault,
      PlantedFault,
      PlantedFault,
    ]
    const faults = [one, other, third]
    const red: Result['verdict'] = { type: 'red', file: 'test/a.test.ts', test: 'sees | it' }
    const green: Result['verdict'] = { type: 'green' }
    const all: readonly Result[] = faults.map((fault) => ({ fault, verdict: red }))
    const before = tableOf(faults, all, new Map())
    expect(before).toContain('\n3 faults, 3 caught.\n')
    expect(before).toContain('| `a.test.ts`: sees \\| it |\n')
    expect(tableOf(faults, [], rowsOf(before))).toBe(before)
    const after = tableOf(faults, [{ fault: other, verdict: green }], rowsOf(before))
    expect(after).toContain('\n3 faults, 2 caught.\n')
    expect(rowsOf(after).get(third.name)).toBe(rowsOf(before).get(third.name))
    expect(rowsOf(after).get(other.name)).toMatch(/ nothing \|$/)
    expect([...caughtIn(after)]).toEqual([one.name, third.name])
  })

  test('knows a text that is not there, or there twice', () => {
    const fault = { name: 'a', harm: 'b', file: 'c', text: 'x', replacement: 'y', tests: ['d'] }
    expect(planted('axb', fault)).toBe('ayb')
    expect(() => planted('ab', fault)).toThrow("'a': its text is 0 times in c, not once")
    expect(() => planted('axbx', fault)).toThrow("'a': its text is 2 times in c, not once")
  })
})
