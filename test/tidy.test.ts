import { dirname } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { drawImports } from '../scripts/source/drawing.ts'
import { readProject } from '../scripts/source/files.ts'
import type { Files } from '../scripts/source/files.ts'
import { importsOf } from '../scripts/source/imports.ts'
import { openParser } from '../scripts/source/parse.ts'
import { checks } from './support/tidy-checks.ts'
import { houseOf } from './support/tidy-house.ts'
import { plants, soundFiles } from './support/tidy-plants.ts'

const parser = openParser()
afterAll(() => parser.close())
const rules = Object.entries(checks)

describe('the house', () => {
  const house = houseOf(readProject(dirname(import.meta.dirname)), parser)

  it.each(rules)('%s', (_rule, check) => {
    expect(check(house)).toEqual([])
  })

  it('is all there', () => {
    expect(house.files.size).toBeGreaterThan(20)
    expect(house.sources.length).toBeGreaterThan(10)
  })
})

describe('the checks', () => {
  const sound: Files = new Map(Object.entries(soundFiles))

  it.each(rules)('find nothing in a sound house: %s', (_rule, check) => {
    expect(check(houseOf(sound, parser))).toEqual([])
  })

  it.each(rules)('are proven by planted faults: %s', (_rule, check) => {
    const planted = plants.filter((plant) => plant.check === check)
    expect(planted).not.toEqual([])
    for (const { fault, path, text, finding } of planted) {
      const house = houseOf(new Map([...sound, [path, text]]), parser)
      expect({ fault, found: check(house) }).toEqual({
        fault,
        found: [expect.stringContaining(finding)],
      })
    }
  })
})

describe('the drawing of the imports', () => {
  it('has a box for each folder and an arrow for each direction', () => {
    const imports = importsOf(parser.parse(new Map(Object.entries(soundFiles))))
    const drawing = drawImports(['protocol/rule.ts', 'src/replay.ts', 'node/start.ts'], imports)
    expect(drawing).toContain('    src["src<br/>1 file"]')
    expect(drawing.split('\n').filter((line) => line.includes('-->'))).toEqual([
      '  node -->|1| protocol',
      '  node -->|1| src',
      '  src -->|2| protocol',
    ])
  })
})
