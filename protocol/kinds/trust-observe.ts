import { fault } from '../codes.ts'
import { observationCountMax } from '../limits.ts'
import { tallied } from '../trust/tally.ts'
import { trustKind, type RecordKind } from './kind.ts'
import { flag, integer, key, optional, text } from './schema.ts'

/** `trust.observe`: how `count` interactions with another society went, in the author's word. */
export const trustObserve: RecordKind = trustKind(
  'trust.observe',
  {
    subject: key,
    success: flag,
    count: integer(1, observationCountMax),
    note: optional(text()),
  },
  {
    check(_state, value, judging) {
      return value.subject === judging.author
        ? fault('not-authorised', 'nobody observes itself')
        : null
    },
    apply(state, value, judging) {
      const { subject, success, count } = value
      const before = state.observed.get(subject)
      state.observed.set(subject, tallied(before, success, count, judging))
      return { type: 'observation', subject }
    },
  },
)
