import { Type } from 'typebox'
import { sealBackingFile } from '../../backing/backing-file.ts'
import { backingSchema } from '../backing-schema.ts'
import { findKnown, knownSocieties } from '../find-society.ts'
import { limited } from '../limited.ts'
import { queryTextMax } from '../limits.ts'
import { defineRoute, type Route } from '../route.ts'
import { societySchema } from '../society-schema.ts'

const closed = { additionalProperties: false }
const named = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: queryTextMax,
      description: 'Id of a society, a unique prefix of it, or its name',
    }),
  },
  closed,
)

const short = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    membership: Type.Enum(['member', 'applicant']),
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
  summary: 'Members of the federation and those who ask to be, in short',
  answers: [{ status: 200, description: 'By name', schema: Type.Array(short) }],
  handle: ({ replica }) => {
    const self = replica.society().id
    return knownSocieties(replica).map(({ view, membership }) => ({
      id: view.id,
      name: view.name,
      membership,
      self: view.id === self,
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
  handle: ({ replica }, { params }) => findKnown(replica, params.id).view,
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
  handle: ({ replica }, { params }) => replica.backing(findKnown(replica, params.id).key),
})

const oneOfFew = limited('exports', ({ exportsMax }) => exportsMax)

const backingFileOf = defineRoute({
  id: 'getBackingFile',
  method: 'GET',
  path: '/v1/societies/{id}/backing/file',
  summary: 'The same as a file that `society verify` checks without any node',
  params: named,
  answers: [{ status: 200, description: 'The file', type: 'application/octet-stream' }],
  problems: [404, 413, 429],
  handle: (context, { params }, reply) =>
    oneOfFew(context, async () => {
      const { replica } = context
      const { content } = await replica.exportBacking(findKnown(replica, params.id).key)
      void reply.type('application/octet-stream')
      return sealBackingFile(content)
    }),
})

/** What is known of societies. */
export const societyRoutes: readonly Route[] = [list, one, backingOf, backingFileOf]
