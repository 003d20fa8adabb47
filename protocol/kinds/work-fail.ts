import { fault } from '../codes.ts'
import { endTicket } from '../ledger/advance.ts'
import { moveShares } from '../ledger/lots.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { optional, reference, text } from './schema.ts'

/** `work.fail`: everything a ticket reserved returns to its own batches. */
export const workFail: RecordKind = poolKind(
  'work.fail',
  { ticket: reference('work.allocate'), reason: optional(text()) },
  {
    check(state, value, judging) {
      if (named(judging, value.ticket, 'ticket').author !== judging.author) {
        return fault('not-authorised', 'the ticket is another society’s', value.ticket)
      }
      return state.tickets.has(value.ticket)
        ? null
        : fault('already-ended', 'the ticket has ended', value.ticket)
    },
    apply(state, value, judging) {
      const ticket = state.tickets.get(value.ticket)
      if (ticket === undefined) return null
      moveShares(state, ticket.shares, 'reserved', 'available')
      endTicket(state, ticket, 'failed')
      judging.end(value.ticket)
      return null
    },
  },
)
