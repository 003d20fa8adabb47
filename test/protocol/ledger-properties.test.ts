import * as fc from 'fast-check'
import { test } from 'vitest'
import { effort } from '../support/effort.ts'
import { assertSame, assertTimeAdds, play, refold } from '../support/ledger-history.ts'
import { histories } from '../support/ledger-step.ts'

test('whatever happens', () => {
  const seed = fc.integer()
  const counts = new Map<string, number>()
  fc.assert(
    fc.property(fc.nat(5), histories, seed, (beginning, steps, order) => {
      const world = play(beginning, steps)
      assertSame(world, refold(world, order))
      assertTimeAdds(world, order)
      for (const { records } of world.written) {
        for (const r of records) {
          const key = r.void === null ? r.kind : `${r.kind}   ${r.void}`
          counts.set(key, (counts.get(key) ?? 0) + 1)
          const o = r.outcome
          const k =
            o?.type === 'grant' && o.slices.some((s) => s.path.length > 1)
              ? 'Grandgrant'
              : o?.type === 'return' && o.slices.some((s) => s.via !== null)
                ? 'Return to middle'
                : o?.type === 'return' && world.replica.records.get(o.because)?.kind === 'allocation.take'
                  ? 'Return because take'
                  : o?.type === 'take' && world.replica.records.get(o.handover)?.outcome?.slices?.some(s => s.discharged && s.path === undefined) ? 'take discharged' : o?.type === 'return' ? 'Return ' + world.replica.records.get(o.because)?.kind :''
          counts.set(k, (counts.get(k) ?? 0) + 1)
        }
      }
    }),
    effort.property(Number(process.env['RUNS'] ?? 500)),
  )
  console.log([...counts].sort().map((x) => x.join(' ')).join('\n'))
})
