import { formatMilli } from '../amounts.ts'
import { fault } from '../codes.ts'
import { deadlineMsMax } from '../limits.ts'
import { pushDue } from '../ledger/due.ts'
import { moveShares, pickAvailable } from '../ledger/lots.ts'
import { named, poolKind, type RecordKind } from './kind.ts'
import { amount, integer, key, optional, reference, text } from './schema.ts'

/** `work.allocate`: reserves ATP for a worker's ticket, in spend order. `deadline` is in ms. */
export const workAllocate: RecordKind = poolKind(
  'work.allocate',
  {
    amount,
    worker: key,
    description: optional(text()),
    deadline: integer(1, deadlineMsMax),
    request: optional(reference('work.request')),
    /** Class of the request at this moment (0 if critical), so that its place can be audited. */
    class: optional(integer(0, 10)),
  },
  {
    check(state, value, judging) {
      if (value.request !== undefined) {
        const request = named(judging, value.request, 'request').outcome
        if (request.to !== judging.author) {
          return fault('not-authorised', 'the request is to another society', value.request)
        }
        if (judging.ended(value.request)) {
          return fault('already-ended', 'the request was served before', value.request)
        }
        if (judging.time > request.deadline) {
          return fault('expired', 'the request is past its deadline', value.request)
        }
        if (value.amount > request.amount) {
          return fault('invalid-amount', 'more than was asked for', value.request)
        }
      }
      return value.amount > state.available
        ? fault('insufficient-atp', `${formatMilli(state.available)} ATP are available`)
        : null
    },
    apply(state, value, judging) {
      const { shares } = pickAvailable(state, value.amount)
      const { id, time } = judging
      const request = value.request ?? null
      const deadline = time + value.deadline
      const { worker } = value
      moveShares(state, shares, 'available', 'reserved')
      const ticket = {
        id,
        worker,
        amount: value.amount,
        deadline,
        request,
        allocatedAt: time,
        number: judging.number,
        shares,
      }
      state.tickets.set(id, ticket)
      pushDue(state.due, { at: deadline + 1, type: 'ticket', id })
      if (request !== null) judging.end(request)
      return { type: 'ticket', worker, amount: value.amount, request, class: value.class ?? null }
    },
  },
)
