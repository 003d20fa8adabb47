import { fault } from '../codes.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { reference } from './schema.ts'

/** `allocation.revoke`: asks for a grant back. Until the child returns it, it is the child's. */
export const allocationRevoke: RecordKind = poolKind(
  'allocation.revoke',
  { grant: reference('allocation.grant') },
  {
    check(state, value, judging) {
      if (named(judging, value.grant, 'grant').author !== judging.author) {
        return fault('not-authorised', 'the grant is another society’s', value.grant)
      }
      const amounts = state.grants.get(value.grant)?.amounts ?? []
      return judging.ended(value.grant) || amounts.every((amount) => amount === 0)
        ? fault('already-ended', 'it is revoked already, or nothing is lent any more', value.grant)
        : null
    },
    apply(_state, value, judging) {
      judging.end(value.grant)
      const { to } = named(judging, value.grant, 'grant').outcome
      return { type: 'revoke', grant: value.grant, to }
    },
  },
)
