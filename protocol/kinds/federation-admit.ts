import { fault } from '../codes.ts'
import { named, trustKind, type RecordKind } from './kind.ts'
import { key, reference } from './schema.ts'

/** `federation.admit`: a member lets a society in that has asked to join. */
export const federationAdmit: RecordKind = trustKind(
  'federation.admit',
  { society: key, join: reference('federation.join') },
  {
    check(state, value, judging) {
      const join = named(judging, value.join, 'join')
      if (join.author !== value.society) {
        return fault('unknown-reference', 'the join record is another society’s', value.join)
      }
      if (join.outcome.federation !== state.founding?.federation) {
        return fault('not-authorised', 'it asked to join another federation', value.join)
      }
      if (state.admitted.has(value.society)) {
        return fault('already-ended', 'the society was admitted before', value.join)
      }
      return null
    },
    apply(state, value, judging) {
      state.admitted.set(value.society, { join: value.join, at: judging.time })
      return null
    },
  },
)
