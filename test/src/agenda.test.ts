import { expect, test } from 'vitest'
import { emptyPool, type Lot, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import type { AgendaItem } from '../../src/automation/agenda.ts'
import { answered } from '../../src/automation/chores.ts'

const self = '11'.repeat(32) as SocietyKey
const [grant, revoke] = ['g:0', 'r:0'] as RecordId[] as [RecordId, RecordId]

function revokes(lots: readonly Partial<Lot>[], others: readonly AgendaItem[] = []) {
  const own = emptyPool(self)
  lots.forEach((lot, i) => own.lots.set(`${i}`, lot as Lot))
  const asked: AgendaItem = {
    id: revoke,
    author: self,
    outcome: { type: 'revoke', grant, to: self },
  }
  return answered({ own, agenda: [asked, ...others] } as never)
}

test('a revoke stays while something of its grant is held or still to be taken', () => {
  expect(revokes([])).toEqual([revoke])
  expect(revokes([{ via: { grant, index: 0 } }])).toEqual([])
  expect(revokes([{ via: null }])).toEqual([revoke])
  const untaken: AgendaItem = {
    id: grant,
    author: self,
    outcome: { type: 'grant', to: self, slices: [] },
  }
  expect(revokes([], [untaken])).toEqual([])
})
