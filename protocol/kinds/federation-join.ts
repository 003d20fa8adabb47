import { fault } from '../codes.ts'
import { nameLengthMax } from '../limits.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { text } from './schema.ts'

/** `federation.join`: the society asks to be a member of the federation it was founded for. */
export const federationJoin: RecordKind = trustKind(
  'federation.join',
  { federation: text(nameLengthMax) },
  {
    check(state, value) {
      if (state.founding?.federation !== value.federation) {
        return fault('not-authorised', 'the society was founded for another federation')
      }
      if (state.joined !== null) return fault('already-ended', 'the society has joined already')
      return null
    },
    apply(state, value, judging) {
      state.joined = judging.id
      state.joinedAt = judging.time
      return { type: 'join', federation: value.federation }
    },
  },
)
