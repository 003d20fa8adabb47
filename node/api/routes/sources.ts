import { Type } from 'typebox'
import { defineRoute, type Route } from '../route.ts'
import { instant, sourceProperties } from '../society-schema.ts'

const closed = { additionalProperties: false }

const renewal = Type.Object(
  {
    nextLook: instant,
    renewal: instant,
    failures: Type.Integer({ description: 'In a row, since it was due' }),
    host: Type.Union([Type.String(), Type.Null()], {
      description: 'Where the device is; null for one of the node’s own machine',
    }),
    failure: Type.Union([
      Type.Object({ code: Type.String(), message: Type.String() }, closed),
      Type.Null(),
    ]),
  },
  closed,
)

const listSources = defineRoute({
  id: 'listSources',
  method: 'GET',
  path: '/v1/sources',
  summary: "This society's sources, and when each is measured again",
  answers: [
    {
      status: 200,
      description: 'By id',
      schema: Type.Array(
        Type.Object(
          {
            id: Type.String(),
            ...sourceProperties,
            renewal: Type.Union([renewal, Type.Null()], {
              description: 'Null for one that is measured by hand alone',
            }),
          },
          closed,
        ),
      ),
    },
  ],
  handle: ({ replica, renewals }) => {
    const sources = Object.entries(replica.society().energy.sources)
    return sources
      .map(([id, source]) => ({ id, ...source, renewal: renewals.view(id) }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  },
})

/** Sources of the node's own society. */
export const sourceRoutes: readonly Route[] = [listSources]
