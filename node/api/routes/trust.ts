import { Type, type TObject, type TProperties } from 'typebox'
import { Failure } from '../../../src/index.ts'
import { findKey, keyOrSelf } from '../find-society.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant } from '../society-schema.ts'
import { societyText } from '../text-schema.ts'

const closed = { additionalProperties: false }
const records = Type.Array(Type.String(), { description: 'Record ids, the newest' })
const fraction = Type.Number({ minimum: 0, maximum: 1 })
const instantOrNull = Type.Union([instant, Type.Null()])

const adding = (more: TProperties = {}): TObject =>
  Type.Object({ value: fraction, weight: fraction, records, ...more }, closed)
const taking = (more: TProperties = {}): TObject =>
  Type.Object({ value: fraction, factor: fraction, records, ...more }, closed)

const penalty = Type.Object(
  {
    factor: fraction,
    reason: Type.Enum(['bond-violated', 'bond-abandoned', 'vouch-failed', 'equivocation']),
    society: Type.String(),
    records,
  },
  closed,
)

const terms = Type.Object(
  {
    direct: adding({
      interactions: Type.Integer(),
      successes: Type.Integer(),
      failures: Type.Integer(),
      lastSuccess: instantOrNull,
      vouched: Type.Boolean({ description: 'An active vouch counts as ten of the successes' }),
    }),
    transitive: adding(),
    bond: adding({
      state: Type.Enum(['none', 'active', 'violated', 'fulfilled', 'abandoned']),
    }),
    reputation: adding({ jobs: Type.Integer() }),
    experience: taking({ goodJobs: Type.Integer() }),
    anomaly: taking(),
    penalties: taking({ items: Type.Array(penalty) }),
  },
  { ...closed, description: 'Trust: the sum of weight x value, at most 1, times all factors' },
)

const hop = Type.Object(
  { from: Type.String(), to: Type.String(), weight: fraction, records },
  closed,
)

const trust = Type.Object(
  {
    observer: Type.String(),
    subject: Type.String(),
    time: instant,
    trust: fraction,
    terms,
    paths: Type.Array(
      Type.Object(
        { strength: fraction, through: Type.Array(Type.String()), hops: Type.Array(hop) },
        closed,
      ),
      { description: 'Strongest first' },
    ),
    records: Type.Array(Type.String(), { description: 'Every record named above, once' }),
  },
  closed,
)

const trustIn = defineRoute({
  id: 'getTrust',
  method: 'GET',
  path: '/v1/trust/{id}',
  summary: 'What a society makes of another: every term, the paths and the records behind it',
  params: Type.Object({ id: societyText('Who is trusted') }, closed),
  query: Type.Object(
    { observer: Type.Optional(societyText('In whose eyes; our own by default')) },
    closed,
  ),
  answers: [{ status: 200, description: 'From the records that this node holds', schema: trust }],
  problems: [404],
  handle: ({ replica }, { params, query }) => {
    const subject = findKey(replica, params.id)
    const observer = keyOrSelf(replica, query.observer)
    if (subject !== observer) return replica.trust(subject, observer)
    const message = 'every society trusts itself; ask in the eyes of another: observer, or --by'
    throw new Failure('malformed', message)
  },
})

const whose = Type.Object(
  { society: Type.Optional(societyText('Whose; of everybody by default')) },
  closed,
)

const bonds = defineRoute({
  id: 'listBonds',
  method: 'GET',
  path: '/v1/bonds',
  summary: 'The newest bond of every society that has one',
  query: whose,
  answers: [
    {
      status: 200,
      description: 'Oldest first',
      schema: Type.Array(
        Type.Object(
          {
            id: Type.String(),
            society: Type.String(),
            sources: Type.Array(Type.String()),
            capacity: Type.Number({ description: 'W' }),
            state: Type.Enum(['active', 'violated', 'fulfilled', 'abandoned']),
            committedAt: instant,
            until: instant,
            proven: Type.Boolean({ description: 'Whether the capacity is proven now' }),
            endedAt: instantOrNull,
          },
          closed,
        ),
      ),
    },
  ],
  problems: [404],
  handle: ({ replica }, { query: { society } }) =>
    replica.views.bonds(society === undefined ? null : findKey(replica, society)),
})

const vouch = Type.Object(
  {
    id: Type.String(),
    sponsor: Type.String(),
    newcomer: Type.String(),
    watts: Type.Number(),
    state: Type.Enum(['open', 'lapsed', 'active', 'succeeded', 'failed']),
    givenAt: instant,
    until: Type.String({ description: 'ISO 8601; of acceptance where there is none yet' }),
    acceptance: Type.Union([Type.String(), Type.Null()]),
    acceptedAt: instantOrNull,
    decidedAt: instantOrNull,
  },
  closed,
)

const vouches = defineRoute({
  id: 'listVouches',
  method: 'GET',
  path: '/v1/vouches',
  summary: 'Vouches that societies have given and accepted, and how they came out',
  query: whose,
  answers: [{ status: 200, description: 'Oldest first', schema: Type.Array(vouch) }],
  problems: [404],
  handle: ({ replica }, { query: { society } }) =>
    replica.views.vouches(society === undefined ? null : findKey(replica, society)),
})

/** Trust, and what societies commit for it. */
export const trustRoutes: readonly Route[] = [trustIn, bonds, vouches]
