import { fault } from '../codes.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { key } from './schema.ts'

/** `citizenship.apply`: asks a parent for citizenship; one application is open at a time. */
export const citizenshipApply: RecordKind = trustKind(
  'citizenship.apply',
  { parent: key },
  {
    check(state, value, judging) {
      const open = state.application
      if (open !== null && (open.leftAt === null || judging.time < open.leftAt)) {
        return fault('already-citizen', 'one application is open already', open.id)
      }
      return value.parent === judging.author
        ? fault('citizenship-cycle', 'a society cannot be its own parent')
        : null
    },
    apply(state, value, judging) {
      state.application = { id: judging.id, parent: value.parent, leftAt: null }
      return { type: 'application', parent: value.parent }
    },
  },
)
