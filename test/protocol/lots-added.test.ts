import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addLots, emptyPool, recount, type Lot, type RecordId } from '../../protocol/index.ts'
import { effort } from '../support/effort.ts'
import { keyNamed } from '../support/ledger-world.ts'

const anna = keyNamed('anna')

/** A lot of one mATP by its number. */
function lotOf(number: number, expiresAt: number): Lot {
  const batch = `${number.toString(16).padStart(64, '0')}:0` as RecordId
  const origin = { batch, charger: anna, source: 'x', proof: batch, chargedAt: 0, expiresAt }
  const held = { broughtAt: 0, owner: anna, path: [], via: null }
  return { ...origin, ...held, key: `${batch}/0`, ...uses }
}
const uses = { available: 1, reserved: 0, escrowed: 0, lent: 0 }

test('lots that come together are where they are that come one by one (R25, R70)', () => {
  const expiries = fc.array(fc.nat(9), { maxLength: 20 })
  fc.assert(
    fc.property(expiries, expiries, (before, after) => {
      const [together, single] = [emptyPool(anna), emptyPool(anna)]
      for (const state of [together, single]) {
        before.forEach((expiresAt, i) => addLots(state, [lotOf(2 * i, expiresAt)]))
        state.supply = before.length + after.length
      }
      const lots = after.map((expiresAt, i) => lotOf(2 * i + 1, expiresAt))
      addLots(together, lots)
      for (const lot of lots) addLots(single, [lot])
      recount(together)
      expect([...together.lots]).toEqual([...single.lots])
      expect({ ...together, lots: 0 }).toEqual({ ...single, lots: 0 })
    }),
    effort.property(300),
  )
})

test('one hand-over to a society that holds very much keeps nobody waiting (P8)', () => {
  const state = emptyPool(anna)
  for (let i = 0; i < 20_000; i++) addLots(state, [lotOf(i, 1_000_000 + i)])
  const lots = Array.from({ length: 64 }, (_, i) => lotOf(20_000 + i, 500_000 + i))
  const before = performance.now()
  addLots(state, lots)
  // One by one they would take seconds: all that are held would be sorted anew for each.
  expect(performance.now() - before).toBeLessThan(500)
  expect(state.lots.size).toBe(20_064)
})
