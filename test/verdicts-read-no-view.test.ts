import { dirname } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { readProject } from '../scripts/source/files.ts'
import { importsOf } from '../scripts/source/imports.ts'
import { openParser } from '../scripts/source/parse.ts'
import type { Code, RecordId } from '../protocol/index.ts'
import { effort } from './support/effort.ts'
import { judgedByLedger } from './support/judged-by-ledger.ts'
import { beginningCount, play } from './support/ledger-history.ts'
import { histories } from './support/ledger-step.ts'
import type { LedgerWorld, Written } from './support/ledger-world.ts'

/** Where verdicts are made: the rules, the fold, and what fetches for them. */
const judging = /^(protocol\/(kinds|ledger|change|equivocation|energy)|src\/ledger)\//
/** What is a function of all that a node holds: no verdict may read it. */
const views = new RegExp(
  '^(protocol/(detectors/|claims/claim|trust/(direct|explain|graph|paths)\\.ts)' +
    '|src/(view|queue|trust|claims|detectors|write|sync)/' +
    '|src/(replica|members|membership|indexes|automation|chores|agenda|heads|liars|gossip)\\.ts)',
)

describe('by its imports', () => {
  const parser = openParser()
  afterAll(() => parser.close())
  const sources = parser.parse(readProject(dirname(import.meta.dirname)))
  const imports = importsOf(sources)
  // A door leads everywhere: what is taken through it is looked at by name.
  const targets = new Map<string, string[]>()
  for (const { from, target } of imports) {
    if (target === '' || target.endsWith('/index.ts')) continue
    targets.set(from, [...(targets.get(from) ?? []), target])
  }

  test('nothing that judges reaches a view', () => {
    const reached = [...targets.keys()].filter((file) => judging.test(file)).sort()
    const cameFrom = new Map(reached.map((file) => [file, file]))
    expect(reached.length).toBeGreaterThan(60)
    for (const file of reached) {
      for (const target of targets.get(file) ?? []) {
        if (cameFrom.has(target)) continue
        cameFrom.set(target, file)
        reached.push(target)
      }
    }
    const astray = reached.filter((file) => views.test(file))
    expect(astray.map((file) => `${cameFrom.get(file)} -> ${file}`)).toEqual([])
  })

  test('nothing that judges takes a view through a door', () => {
    const exported = /^export (?:async )?(?:function|const|class) (\w+)/gm
    const named = /^import (?:type )?\{([^}]*)\} from '[./a-z]+\/index\.ts'/gm
    const shown = sources
      .filter(({ path }) => views.test(path))
      .flatMap(({ text }) => [...text.matchAll(exported)].map(([, name]) => name))
    const taken = sources
      .filter(({ path }) => judging.test(path))
      .flatMap(({ text }) => [...text.matchAll(named)].flatMap(([, all = '']) => all.match(/\w+/g)))
    expect(shown.length).toBeGreaterThan(40)
    expect(taken.length).toBeGreaterThan(100)
    // A day's number makes a key of the store, and is no view itself.
    expect(taken.filter((name) => name !== null && shown.includes(name))).toEqual(['dayOf'])
  })

  test('what is called a view is there', () => {
    const found = [...targets.keys()].filter((file) => views.test(file))
    expect(found.length).toBeGreaterThan(40)
  })
})

/** A failing history is made smaller for so long; a passing run takes a fraction of it. */
const shrinkingMsMax = 60_000

type Verdicts = ReadonlyMap<RecordId, Code | null>

const verdictsOf = (written: readonly Written[]): Verdicts =>
  new Map(written.flatMap(({ records }) => records.map(({ id, void: code }) => [id, code])))

/** A change with all that has to be there before it: its own chain, what it names, and theirs. */
function needed(world: LedgerWorld, last: Written): readonly Written[] {
  const wanted = new Set<Written>()
  const queue = [last]
  for (const written of queue) {
    if (wanted.has(written)) continue
    wanted.add(written)
    const at = world.written.indexOf(written)
    const before = world.written.slice(0, at).findLast(({ actor }) => actor === written.actor)
    if (before !== undefined) queue.push(before)
    queue.push(...world.written.filter(({ hash }) => written.needs.includes(hash)))
  }
  return world.written.filter((written) => wanted.has(written))
}

/** In an order drawn from a seed, some of them twice. */
function shuffled(written: readonly Written[], seed: number): readonly Written[] {
  let state = seed | 0
  const keyed = [...written, ...written.filter((_, i) => i % 5 === 0)].map((each) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5
    return { each, key: state >>> 0 }
  })
  return keyed.sort((a, b) => a.key - b.key).map(({ each }) => each)
}

describe('by what it comes to, in the real pipeline', () => {
  const tally = { void: 0, valid: 0 }
  const property = (
    check: (world: LedgerWorld, seed: number) => Promise<void>,
  ): fc.IAsyncProperty<[number, Parameters<typeof play>[1], number]> =>
    fc.asyncProperty(
      fc.nat(beginningCount - 1),
      histories,
      fc.integer(),
      async (beginning, steps, seed) => check(play(beginning, steps), seed),
    )

  test('a verdict is the same in whatever order changes arrive', { timeout: 600_000 }, () =>
    fc.assert(
      property(async (world, seed) => {
        const wanted = verdictsOf(world.written)
        for (const code of wanted.values()) tally[code === null ? 'valid' : 'void'] += 1
        for (const turn of [1, 2, 3]) {
          const arriving = shuffled(world.written, seed + turn)
          expect(await judgedByLedger(arriving, world.now)).toEqual(wanted)
        }
      }),
      { ...effort.property(150), interruptAfterTimeLimit: shrinkingMsMax },
    ),
  )

  test('a verdict is the same where nothing is known but what it names', { timeout: 600_000 }, () =>
    fc.assert(
      property(async (world, seed) => {
        const [from, to] = [world.written.length - 8, world.written.length]
        for (const last of world.written.slice(Math.max(0, from), to)) {
          const known = needed(world, last)
          const wanted = verdictsOf(known)
          expect(await judgedByLedger(shuffled(known, seed), world.now)).toEqual(wanted)
        }
      }),
      { ...effort.property(100), interruptAfterTimeLimit: shrinkingMsMax },
    ),
  )

  test('valid records and void ones were among them', () => {
    expect(tally.valid).toBeGreaterThan(1_000)
    expect(tally.void).toBeGreaterThan(100)
  })
})
