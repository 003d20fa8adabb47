import { fault } from '../codes.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { reference } from './schema.ts'

/** `pool.open`: the first record of a pool. Names the founding record and brings its ADP. */
export const poolOpen: RecordKind = poolKind(
  'pool.open',
  { founding: reference('society.found') },
  {
    check(state, value, judging) {
      if (named(judging, value.founding, 'founding').author !== judging.author) {
        return fault('not-authorised', 'a pool opens on its own society’s founding record')
      }
      if (state.founding !== null) return fault('already-ended', 'the pool is open already')
      return null
    },
    apply(state, value, judging) {
      const { adp } = named(judging, value.founding, 'founding').outcome
      state.founding = value.founding
      state.pool = adp
      state.supply = adp
      return null
    },
  },
)
