import { Type } from 'typebox'
import { defineRoute, type Route } from '../route.ts'
import { instant } from '../society-schema.ts'
import { vitalsOf } from '../vitals.ts'

const closed = { additionalProperties: false }
const nullableInstant = Type.Union([instant, Type.Null()])
const name = { society: Type.String(), name: Type.String() }
const reached = Type.Array(Type.Object({ ...name, connected: Type.Boolean() }, closed))

const processVitals = Type.Object(
  {
    residentBytes: Type.Number(),
    heapUsedBytes: Type.Number(),
    heapLimitBytes: Type.Number(),
    loopDelayP99Ms: Type.Number({ description: 'How late the event loop was in the last minute' }),
    loopDelayMaxMs: Type.Number(),
  },
  closed,
)

const lag = Type.Object(
  {
    ...name,
    kind: Type.Enum(['trust', 'pool']),
    held: Type.Integer({ description: 'Changes that are here' }),
    announced: Type.Integer({ description: 'Changes of the newest head that its society signed' }),
    announcedAt: instant,
  },
  closed,
)

const bond = Type.Object(
  {
    state: Type.String(),
    until: instant,
    proven: Type.Boolean({ description: 'Whether its sources are proven for what it commits' }),
    breaksAt: nullableInstant,
  },
  closed,
)

const vitals = Type.Object(
  {
    uptimeMs: Type.Number(),
    process: processVitals,
    queues: Type.Array(
      Type.Object({ what: Type.String(), size: Type.Number(), max: Type.Number() }, closed),
      { description: 'What others could make grow, and the most of it' },
    ),
    sync: Type.Array(lag, { description: 'Documents of which more is known to be than is here' }),
    certificates: Type.Array(Type.Object({ peer: Type.String(), until: instant }, closed)),
    witnesses: reached,
    members: reached,
    admitted: Type.Boolean({
      description: 'Others count this society as a member, as is known here',
    }),
    bond: Type.Union([bond, Type.Null()]),
    restoring: Type.Boolean({ description: 'It waits to hear what it signed after its backup' }),
    equivocated: Type.Array(Type.Object(name, closed)),
    eventClients: Type.Integer(),
    network: Type.Record(Type.String(), Type.Number(), {
      description: 'Counts of what was sent, received and dropped',
    }),
  },
  closed,
)

const getVitals = defineRoute({
  id: 'getVitals',
  method: 'GET',
  path: '/v1/vitals',
  summary: 'How the node fares: its process, its queues, what it lacks, whom it reaches',
  answers: [{ status: 200, description: 'Figures, not judgements', schema: vitals }],
  handle: vitalsOf,
})

/** How the node fares. */
export const vitalsRoutes: readonly Route[] = [getVitals]
