import { fault } from '../codes.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { reference } from './schema.ts'

/** `trade.decline`: the seller will not settle this acceptance. */
export const tradeDecline: RecordKind = poolKind(
  'trade.decline',
  { acceptance: reference('trade.accept') },
  {
    check(_state, value, judging) {
      const { seller } = named(judging, value.acceptance, 'acceptance').outcome
      if (seller !== judging.author) {
        return fault('not-authorised', 'the acceptance is of another’s offer', value.acceptance)
      }
      return judging.ended(value.acceptance)
        ? fault('already-ended', 'the acceptance was decided before', value.acceptance)
        : null
    },
    apply(_state, value, judging) {
      judging.end(value.acceptance)
      const { author: buyer } = named(judging, value.acceptance, 'acceptance')
      return { type: 'decline', acceptance: value.acceptance, buyer }
    },
  },
)
