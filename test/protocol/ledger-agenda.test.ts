import { expect, test } from 'vitest'
import { endedKeptMax, milli } from '../../protocol/index.ts'
import { assertEmptied } from '../support/ledger-history.ts'
import { adopted, charged, foundedWorld, lent, solarProof } from '../support/ledger-society.ts'
import { worked } from '../support/ledger-society.ts'
import { keyNamed } from '../support/ledger-world.ts'

const [anna, berta, carla] = [keyNamed('anna'), keyNamed('berta'), keyNamed('carla')]
const hour = 3_600_000
const day = 24 * hour

test('what ended early does not pile up, and what has not ended ends in time (R22, R70)', () => {
  const w = foundedWorld([anna, berta, carla])
  charged(w, anna, 100 * milli, 2 * day)
  adopted(w, anna, berta)
  const human = solarProof(w, { source: 'human:test:ada', rated: undefined, hours: 8 * hour })
  const proof = w.valid(anna, 'energy.prove', human)
  w.valid(anna, 'atp.charge', { amount: 1_000, proof, supplies: [], lifetime: 3 * day })
  const ticket = { amount: 5_000, worker: carla, deadline: 2 * hour }
  const open = w.valid(anna, 'work.allocate', ticket)
  const offer = w.valid(anna, 'trade.offer', { amount: 5_000, price: 1, expires: hour })
  const { grant } = lent(w, anna, berta, 5_000)
  for (let round = 0; round < 200; round++) worked(w, anna, berta, 1)
  const pool = w.replica.pool(anna)
  expect(pool.due.length).toBeLessThan(100)
  expect(pool.endedTickets).toHaveLength(endedKeptMax)
  expect(pool.completed).toBe(200)
  const at = (time: number): typeof pool => w.replica.poolAt(anna, w.now + time)
  expect(at(hour).offers.has(offer)).toBe(true)
  expect(at(hour + 1).offers.has(offer)).toBe(false)
  expect(at(2 * hour).tickets.has(open)).toBe(true)
  expect(at(2 * hour + 1).tickets.has(open)).toBe(false)
  expect(at(day - 1).chargedToday.size).toBe(1)
  expect(at(day).chargedToday.size).toBe(0)
  expect(at(2 * day).grants.has(grant)).toBe(true)
  expect(at(2 * day + 1).grants.has(grant)).toBe(false)
  expect([...at(2 * day + 1).occupied.keys()]).toEqual(['human:test:ada'])
  assertEmptied(at(3 * day + 1))
})
