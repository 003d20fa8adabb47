import { fault } from '../codes.ts'
import { named, trustKind, type RecordKind } from './kind.ts'
import { key, reference } from './schema.ts'

/** `citizenship.admit`: the parent takes the applicant as its child. */
export const citizenshipAdmit: RecordKind = trustKind(
  'citizenship.admit',
  { child: key, application: reference('citizenship.apply') },
  {
    check(state, value, judging) {
      const { author, outcome } = named(judging, value.application, 'application')
      if (author !== value.child) {
        return fault('unknown-reference', 'the application is another society’s', value.application)
      }
      if (outcome.parent !== judging.author) {
        return fault('not-authorised', 'the application is to another parent', value.application)
      }
      return state.children.get(value.child)?.application === value.application
        ? fault('already-citizen', 'the child was admitted before', value.application)
        : null
    },
    apply(state, value, judging) {
      const { child, application } = value
      state.children.set(child, { admission: judging.id, application })
      return { type: 'admission', child, application }
    },
  },
)
