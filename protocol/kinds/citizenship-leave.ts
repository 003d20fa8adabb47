import { fault } from '../codes.ts'
import { partsOfRecordId } from '../identity.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { optional, reference } from './schema.ts'

/**
 * `citizenship.leave`: ends the citizenship after its notice; at once where the named change of the
 * society's own pool shows that nothing is lent to it any more.
 */
export const citizenshipLeave: RecordKind = trustKind(
  'citizenship.leave',
  { pool: optional(reference()) },
  {
    check(state, value, judging) {
      const open = state.application
      if (open === null || (open.leftAt !== null && open.leftAt <= judging.time)) {
        return fault('not-citizen', 'there is no application or citizenship to leave')
      }
      const named = value.pool === undefined ? undefined : judging.lookup.record(value.pool)
      if (named !== undefined && (named.author !== judging.author || named.document !== 'pool')) {
        return fault('not-authorised', 'name a record of the society’s own pool', value.pool)
      }
      return open.leftAt === null ? null : fault('already-ended', 'it is leaving already', open.id)
    },
    apply(state, value, judging) {
      const free =
        value.pool !== undefined &&
        judging.lookup.borrowedUntil(partsOfRecordId(value.pool).hash) < judging.time
      const leftAt = free ? judging.time : judging.time + state.policy.leaveNoticeDays
      if (state.application !== null) state.application = { ...state.application, leftAt }
      return null
    },
  },
)
