import { Type } from 'typebox'
import { Failure } from '../../../src/index.ts'
import { HttpFailure } from '../problem.ts'
import { queryTextMax } from '../limits.ts'
import { defineRoute, type Route } from '../route.ts'

const closed = { additionalProperties: false }

const event = Type.Object(
  {
    id: Type.Integer(),
    time: Type.String(),
    type: Type.String(),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
)

const events = defineRoute({
  id: 'followEvents',
  method: 'GET',
  path: '/v1/events',
  summary: 'What happens at this node, as Server-Sent Events',
  query: Type.Object(
    {
      after: Type.Optional(
        Type.String({
          maxLength: queryTextMax,
          description:
            'Id of the last event seen, 0 for all that are kept; a Last-Event-ID header goes first',
        }),
      ),
      follow: Type.Optional(
        Type.Boolean({ default: true, description: 'false: what is kept, as JSON, and no more' }),
      ),
    },
    closed,
  ),
  answers: [
    {
      status: 200,
      description:
        'Without an id the stream begins now. An event `gap` stands where events are missing: ' +
        '`forgotten` ones, or those of another run of the node (`restarted`). With follow=false ' +
        'the JSON of the schema.',
      type: 'text/event-stream',
      schema: Type.Object({ gap: Type.Boolean(), events: Type.Array(event) }, closed),
    },
  ],
  problems: [429],
  handle: ({ replica, streams }, { query }, reply) => {
    const header = reply.request.headers['last-event-id']
    const start = streams.startOf(typeof header === 'string' ? header : query.after)
    if (start === undefined) throw new Failure('malformed', 'that is no id of an event')
    if (query.follow === false) {
      const kept = replica.events.after(start.after)
      return { gap: kept.gap || start.restarted, events: kept.events }
    }
    if (streams.full) {
      throw new HttpFailure(429, 'rate-limited', 'Too many clients follow the events already.')
    }
    reply.hijack()
    streams.open(reply.raw, start)
    return undefined
  },
})

/** Events as they happen. */
export const eventRoutes: readonly Route[] = [events]
