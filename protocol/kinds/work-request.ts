import { fault } from '../codes.ts'
import { deadlineMsMax } from '../limits.ts'
import { poolKind, type RecordKind } from './kind.ts'
import { amount, flag, integer, key, optional, ratio, text } from './schema.ts'

/** Urgency and efficiency of a request that names none, in millionths. */
const middling = 500_000

/**
 * `work.request`: asks a society for ATP to work with. `deadline` in ms from now, by default the
 * longest. Its place in the queue is a view, and whether it is queued at all is the receiver's
 * decision.
 */
export const workRequest: RecordKind = poolKind(
  'work.request',
  {
    to: key,
    amount,
    description: optional(text()),
    urgency: optional(ratio),
    efficiency: optional(ratio),
    deadline: optional(integer(1, deadlineMsMax)),
    critical: optional(flag),
  },
  {
    check(_state, value, judging) {
      return value.critical === true && value.to !== judging.author
        ? fault('not-authorised', 'critical is for a society’s own requests')
        : null
    },
    apply: (_state, value, judging) => ({
      type: 'request',
      to: value.to,
      amount: value.amount,
      urgency: value.urgency ?? middling,
      efficiency: value.efficiency ?? middling,
      deadline: judging.time + (value.deadline ?? deadlineMsMax),
      critical: value.critical ?? false,
    }),
  },
)
