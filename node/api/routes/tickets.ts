import { Type } from 'typebox'
import { keyOrSelf } from '../find-society.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant, ticketProperties } from '../society-schema.ts'
import { societyText } from '../text-schema.ts'

const closed = { additionalProperties: false }
const textOrNull = Type.Union([Type.String(), Type.Null()])
const numberOrNull = Type.Union([Type.Number(), Type.Null()])

const ticket = Type.Object(
  {
    ...ticketProperties,
    society: Type.String({ description: 'Who allocated it' }),
    allocatedAt: instant,
    deadline: instant,
    description: textOrNull,
    request: Type.Union([Type.String(), Type.Null()], { description: 'That it serves' }),
    class: numberOrNull,
    end: Type.Union([Type.String(), Type.Null()], {
      description: 'The record that ended it; null while it is active, or past its deadline',
    }),
    endedAt: Type.Union([instant, Type.Null()]),
    beneficiary: textOrNull,
    quality: numberOrNull,
    consumed: Type.Union([Type.Number(), Type.Null()], { description: 'ATP' }),
    reason: textOrNull,
  },
  closed,
)

const list = defineRoute({
  id: 'listTickets',
  method: 'GET',
  path: '/v1/tickets',
  summary: 'Tickets that a society has allocated, or that a worker has wherever it works',
  query: Type.Object(
    {
      society: Type.Optional(
        societyText('Who allocated them; our own by default, all where a worker is named'),
      ),
      worker: Type.Optional(societyText('Who works on them')),
    },
    closed,
  ),
  answers: [
    {
      status: 200,
      description: 'Oldest first: all that are active, and the newest that have ended',
      schema: Type.Array(ticket),
    },
  ],
  problems: [404],
  handle: ({ replica }, { query }) => {
    const worker = query.worker === undefined ? null : replica.find(query.worker)
    const everywhere = worker !== null && query.society === undefined
    return replica.views.tickets({
      society: everywhere ? null : keyOrSelf(replica, query.society),
      worker,
    })
  },
})

/** Tickets for work. */
export const ticketRoutes: readonly Route[] = [list]
