import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { codes, recordKinds, type Code, type Judged } from '../../protocol/index.ts'
import { effort } from '../support/effort.ts'
import { assertSame, assertTimeAdds, beginningCount } from '../support/ledger-history.ts'
import { play, refold } from '../support/ledger-history.ts'
import type { LedgerWorld } from '../support/ledger-world.ts'
import { histories } from '../support/ledger-step.ts'

/** How many histories are tried; fifteen times as many with LONG=1. */
const runs = 10_000
/** Generous: they take half a minute where nothing else runs. */
const timeoutMs = 3_600_000

/** Counts what histories came to, lest they grow dull and prove nothing. */
class Tally {
  readonly #counts: Map<string, number> = new Map()

  count(what: string): void {
    this.#counts.set(what, this.of(what) + 1)
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0
  }

  countAll(world: LedgerWorld): void {
    for (const { records } of world.written) {
      for (const record of records) {
        this.count(record.void ?? record.kind)
        this.#countReturn(world, record)
      }
    }
  }

  #countReturn(world: LedgerWorld, { outcome }: Judged): void {
    if (outcome?.type !== 'return') return
    this.count(`return because of ${world.replica.records.get(outcome.because)?.kind}`)
    if (outcome.slices.some(({ via }) => via !== null)) this.count('return to one who borrowed')
  }

  get codes(): readonly string[] {
    return [...this.#counts.keys()].filter((key) => key in codes)
  }

  toString(): string {
    const lines = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))
    return lines.map((line) => line.join(' ')).join('\n')
  }
}

// What random histories do not write: no rule of theirs is about amounts or hand-overs.
const elsewhere = [
  'society.checkpoint',
  'node.certify',
  'federation.join',
  'federation.admit',
  'energy.evidence',
  'bond.commit',
  'bond.fulfil',
  'bond.abandon',
  'vouch.give',
  'vouch.accept',
  'trust.observe',
  'equivocation.report',
]

test(
  'whatever societies do, packets add up and every node folds alike (R18, R22, R24, R56, R69)',
  { timeout: timeoutMs },
  () => {
    const tally = new Tally()
    fc.assert(
      fc.property(
        fc.nat(beginningCount - 1),
        histories,
        fc.integer(),
        (beginning, steps, order) => {
          const world = play(beginning, steps)
          assertSame(world, refold(world, order))
          if (order % 8 === 0) assertSame(world, refold(world, order + 1, true))
          assertTimeAdds(world, order)
          tally.countAll(world)
        },
      ),
      effort.property(runs),
    )
    effort.tell(tally.toString())
    const rare = [...recordKinds.keys()].filter((kind) => tally.of(kind) < runs / 50)
    expect(rare.toSorted()).toEqual(elsewhere.toSorted())
    for (const why of ['work.complete', 'allocation.take', 'allocation.revoke']) {
      expect(tally.of(`return because of ${why}`)).toBeGreaterThan(runs / 50)
    }
    expect(tally.of('return to one who borrowed')).toBeGreaterThan(runs / 50)
    expect(tally.codes.length).toBeGreaterThan(18)
    // A code that voids a record is told to do so.
    expect(tally.codes.filter((code) => !/void|both/.test(codes[code as Code][0]))).toEqual([])
  },
)
