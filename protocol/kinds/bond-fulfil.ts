import { fault } from '../codes.ts'
import { standingOf } from '../ledger/bond.ts'
import { trustKind, type RecordKind } from './kind.ts'

/**
 * `bond.fulfil`: states that the bond's lock is over and its capacity still there. It is fulfilled
 * by that and not by the record, which shows it to those who look at the chain alone.
 */
export const bondFulfil: RecordKind = trustKind(
  'bond.fulfil',
  {},
  {
    check({ bond, sources }, _value, { time }) {
      if (bond === null) return fault('unknown-reference', 'there is no bond')
      const { state, proven } = standingOf(bond, sources, time)
      if (state === 'violated' || state === 'abandoned' || bond.end?.record != null) {
        return fault('already-ended', `the bond is ${state}`, bond.id)
      }
      if (time < bond.until) return fault('not-eligible', 'the lock is not over', bond.id)
      return proven
        ? null
        : fault('insufficient-capacity', 'what was committed is not proven', bond.id)
    },
    apply(state, _value, { id, time }) {
      if (state.bond === null) return null
      const { endedAt } = standingOf(state.bond, state.sources, time)
      state.bond = {
        ...state.bond,
        end: { state: 'fulfilled', at: endedAt ?? time, record: id },
      }
      return null
    },
  },
)
