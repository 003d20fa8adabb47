import { Type } from 'typebox'
import { backingSchema } from '../backing-schema.ts'
import { findKey, knownSocieties } from '../find-society.ts'
import { parseInstant } from '../instant.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant, societyProperties, societySchema } from '../society-schema.ts'
import { shortText, societyText } from '../text-schema.ts'
import { UnderWay } from '../under-way.ts'

const closed = { additionalProperties: false }
const named = Type.Object({ id: societyText('Whose') }, closed)

const short = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    membership: Type.Enum(['member', 'applicant', 'guest'], {
      description: 'A guest is known here, but neither belongs to the federation nor asks to',
    }),
    member: Type.Boolean(),
    self: Type.Boolean(),
    parent: Type.Union([Type.String(), Type.Null()]),
    capacity: Type.Number({ description: 'W' }),
    available: Type.Number({ description: 'ATP' }),
    adp: Type.Number(),
    supply: Type.Number({ description: 'ATP and ADP' }),
    standing: Type.Enum(['good', 'equivocated']),
  },
  closed,
)

const list = defineRoute({
  id: 'listSocieties',
  method: 'GET',
  path: '/v1/societies',
  summary: 'Members of the federation, those who ask to be and guests, in short',
  answers: [{ status: 200, description: 'By name', schema: Type.Array(short) }],
  handle: ({ replica }) => {
    const self = replica.society().id
    return knownSocieties(replica).map(({ id, name, view, membership }) => ({
      id,
      name,
      membership,
      member: membership === 'member',
      self: id === self,
      parent: view.parent,
      capacity: view.energy.capacity,
      available: view.atp.available,
      adp: view.adp.pool,
      supply: view.supply,
      standing: view.standing,
    }))
  },
})

const one = defineRoute({
  id: 'getSociety',
  method: 'GET',
  path: '/v1/societies/{id}',
  summary: 'A society as this node sees it',
  params: named,
  answers: [{ status: 200, description: 'Its view', schema: societySchema }],
  problems: [404],
  handle: ({ replica }, { params }) => replica.society(findKey(replica, params.id)),
})

const backingOf = defineRoute({
  id: 'getBacking',
  method: 'GET',
  path: '/v1/societies/{id}/backing',
  summary: "May I take this society's ATP, and why",
  params: named,
  answers: [
    { status: 200, description: 'What it claims and what of it is proven', schema: backingSchema },
  ],
  problems: [404],
  handle: ({ replica }, { params }) => replica.backing(findKey(replica, params.id)),
})

const place = Type.Union([
  Type.Object({ changes: Type.Integer(), head: Type.String(), time: instant }, closed),
  Type.Null(),
])

const asOf = Type.Object(
  {
    at: Type.String({ description: 'ISO 8601; all is of records dated at or before it' }),
    known: Type.String({ description: 'ISO 8601; of the records that this node holds by then' }),
    trust: place,
    pool: place,
    later: Type.Integer({ description: 'Changes of its documents that are dated later' }),
    others: Type.Array(Type.String(), {
      description: 'Other societies whose documents were taken as of the same instant',
    }),
    partial: Type.Array(Type.Object({ member: Type.String(), because: Type.String() }, closed), {
      description: 'Members of the view that do not quite show what was',
    }),
  },
  closed,
)

const underWay = new UnderWay('questions about the past')

const history = defineRoute({
  id: 'getHistory',
  method: 'GET',
  path: '/v1/societies/{id}/history',
  summary: 'A society as the ledger stood at a time, folded again from its changes up to there',
  params: named,
  query: Type.Object(
    { at: Type.Optional(shortText('ISO 8601, a date or a time with its zone; now by default')) },
    closed,
  ),
  answers: [
    {
      status: 200,
      description: 'Its view, and what that is as of',
      schema: Type.Object({ ...societyProperties, asOf }, closed),
    },
  ],
  problems: [404, 429, 503],
  handle: (context, { params, query: { at } }) => {
    const { replica, limits } = context
    const society = findKey(replica, params.id)
    const instantMs = at === undefined ? null : parseInstant('at', at)
    return underWay.run(context, limits.historiesMax, () =>
      replica.views.history(society, instantMs),
    )
  },
})

/** What is known of societies. */
export const societyRoutes: readonly Route[] = [list, one, backingOf, history]
