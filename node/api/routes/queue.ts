import { Type } from 'typebox'
import { keyOrSelf } from '../find-society.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant, queuedProperties } from '../society-schema.ts'
import { shortText, societyText } from '../text-schema.ts'

const closed = { additionalProperties: false }
const textOrNull = Type.Union([Type.String(), Type.Null()])

const place = Type.Object(
  {
    ...queuedProperties,
    place: Type.Integer({ minimum: 1, description: '1 goes first' }),
    efficiency: Type.Number(),
    critical: Type.Boolean(),
    deadline: instant,
    waitedMs: Type.Integer({ minimum: 0 }),
    trust: Type.Number({ description: "The receiver's in the requester" }),
    nextClassAt: Type.Union([instant, Type.Null()], {
      description: 'When waiting lifts it to a better class; null where it does not any more',
    }),
    fits: Type.Boolean({ description: 'Whether free ATP would serve it now' }),
    why: Type.String({ description: 'Why it stands here and what it waits for' }),
  },
  closed,
)

const list = defineRoute({
  id: 'getQueue',
  method: 'GET',
  path: '/v1/queue',
  summary: 'Requests that wait for a society in the order they are served, and why in this order',
  query: Type.Object(
    { society: Type.Optional(societyText('Whose queue; our own by default')) },
    closed,
  ),
  answers: [{ status: 200, description: 'The first goes first', schema: Type.Array(place) }],
  problems: [404],
  handle: ({ replica }, { query }) => replica.views.queue(keyOrSelf(replica, query.society)),
})

const problem = Type.Object(
  {
    kind: Type.Enum(['passed-over', 'class-not-aged']),
    message: Type.String(),
    record: Type.String({ description: 'The ticket that shows it' }),
  },
  closed,
)

const audit = Type.Object(
  {
    verdict: Type.Enum(['honoured', 'not-honoured', 'waiting']),
    problems: Type.Array(problem),
  },
  closed,
)

const request = Type.Object(
  {
    id: Type.String(),
    requester: Type.String(),
    to: Type.String(),
    amount: Type.Number({ description: 'ATP' }),
    urgency: Type.Number(),
    efficiency: Type.Number(),
    critical: Type.Boolean(),
    submittedAt: instant,
    deadline: instant,
    state: Type.Enum(['waiting', 'served', 'refused', 'dropped']),
    code: Type.Union([Type.String(), Type.Null()], { description: 'Why it was not queued' }),
    place: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
      description: 'While it waits',
    }),
    why: textOrNull,
    class: Type.Union([Type.Number(), Type.Null()], {
      description: 'Now while it waits, else when it was served',
    }),
    ticket: textOrNull,
    servedAt: Type.Union([instant, Type.Null()]),
    audit: Type.Union([audit, Type.Null()], {
      description:
        'Whether its place was honoured, from records alone; null where it was never queued. ' +
        'Who did not know of a request looks no different from who passed it over.',
    }),
  },
  closed,
)

const one = defineRoute({
  id: 'auditRequest',
  method: 'GET',
  path: '/v1/queue/{id}',
  summary: 'A request to any society, what became of it, and whether its place was honoured',
  params: Type.Object({ id: shortText('Id of the request, or a unique prefix') }, closed),
  answers: [
    { status: 200, description: 'Those that ended are known for 30 days', schema: request },
  ],
  problems: [404],
  handle: ({ replica }, { params }) => replica.views.request(params.id),
})

/** The queue of requests. */
export const queueRoutes: readonly Route[] = [list, one]
