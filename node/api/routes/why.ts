import { Type } from 'typebox'
import { defineRoute, type Route } from '../route.ts'
import { shortText } from '../text-schema.ts'
import { whyOf } from '../why/why.ts'

const closed = { additionalProperties: false }

const reason = Type.Object(
  {
    question: Type.String({ description: 'Such as in sync, trusted, spendable' }),
    state: Type.Enum(['yes', 'no', 'unknown']),
    because: Type.String({ description: 'Why, and what would change it' }),
    records: Type.Array(Type.String(), { description: 'Ids of the records behind it' }),
  },
  closed,
)

const explain = defineRoute({
  id: 'explain',
  method: 'GET',
  path: '/v1/why/{id}',
  summary: 'Why something is or is not in sync, trusted, spendable',
  params: Type.Object(
    {
      id: shortText(
        'A batch of this society or a peer, by id or prefix; a record by its id; else a society',
      ),
    },
    closed,
  ),
  answers: [
    {
      status: 200,
      description: 'An answer to each question there is about it',
      schema: Type.Object(
        {
          about: Type.Enum(['society', 'peer', 'batch', 'record']),
          id: Type.String(),
          name: Type.Union([Type.String(), Type.Null()]),
          reasons: Type.Array(reason),
        },
        closed,
      ),
    },
  ],
  problems: [400, 404],
  handle: (context, { params }) => whyOf(context, params.id),
})

/** Why something is as it is. */
export const whyRoutes: readonly Route[] = [explain]
