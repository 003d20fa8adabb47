import { fault } from '../codes.ts'
import { poolKind, type RecordKind } from './kind.ts'
import { amount, duration, flag, key, optional, ratio, text } from './schema.ts'

/** `work.request`: asks a society for ATP to work with. Its place in the queue is a view. */
export const workRequest: RecordKind = poolKind(
  'work.request',
  {
    to: key,
    amount,
    description: optional(text()),
    urgency: optional(ratio),
    efficiency: optional(ratio),
    deadline: optional(duration),
    critical: optional(flag),
  },
  {
    check(_state, value, judging) {
      return value.critical === true && value.to !== judging.author
        ? fault('not-authorised', 'critical is for a society’s own requests')
        : null
    },
    apply: (_state, value) => ({ type: 'request', to: value.to, amount: value.amount }),
  },
)
