import { fault } from '../codes.ts'
import { settledBond, standingOf } from '../ledger/bond.ts'
import { trustKind, type RecordKind } from './kind.ts'

/** `bond.abandon`: gives the active bond up; before its lock ends that costs trust for good. */
export const bondAbandon: RecordKind = trustKind(
  'bond.abandon',
  {},
  {
    check({ bond, sources }, _value, { time }) {
      if (bond === null) return fault('unknown-reference', 'there is no bond')
      const { state } = standingOf(bond, sources, time)
      return state === 'active' ? null : fault('already-ended', `the bond is ${state}`, bond.id)
    },
    apply(state, _value, { id, time }) {
      if (state.bond === null) return null
      const settled = settledBond(state.bond, state.sources, time)
      state.bond = { ...settled, end: { state: 'abandoned', at: time, record: id } }
      return null
    },
  },
)
