import { Type } from 'typebox'
import type { CheckpointsView } from '../../../src/index.ts'
import type { ApiContext } from '../context.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant } from '../society-schema.ts'

const closed = { additionalProperties: false }
const nullableInstant = Type.Union([instant, Type.Null()])
const kind = Type.Enum(['trust', 'pool'])
const named = { society: Type.String(), name: Type.String() }

const checkpoint = Type.Object(
  { id: Type.String({ description: 'Of its record' }), at: instant, seq: Type.Integer() },
  closed,
)

const tried = Type.Object(
  {
    at: instant,
    signed: Type.Integer({ description: 'Witnesses that signed it' }),
    needed: Type.Integer({ description: 'How many must' }),
    unsigned: Type.Array(Type.Object({ ...named, because: Type.String() }, closed), {
      description: 'Those that did not, and why',
    }),
  },
  closed,
)

const own = Type.Object(
  {
    kind,
    changes: Type.Integer({ description: 'Changes that the document has' }),
    checkpoint: Type.Union([checkpoint, Type.Null()], {
      description: 'The newest that enough witnesses have signed',
    }),
    due: Type.Boolean({ description: 'Whether it is time for another' }),
    tried: Type.Union([tried, Type.Null()], {
      description: 'The last try since the node started',
    }),
  },
  closed,
)

const document = Type.Object(
  {
    document: Type.String(),
    ...named,
    kind,
    changes: Type.Integer({ description: 'Changes that it has had' }),
    dropped: Type.Integer({ description: 'The first of these that are not kept here' }),
    keptSince: nullableInstant,
    old: Type.Integer({
      description: 'Changes kept here that are older than 81 days, when a window has dropped them',
    }),
    witnesses: Type.Integer({ description: 'Without any nothing of it can be dropped' }),
  },
  closed,
)

const checkpoints = Type.Object(
  {
    keep: Type.Enum(['all', 'window']),
    witnesses: Type.Integer({ description: 'Those of this society now' }),
    own: Type.Array(own),
    lookedAt: Type.Union([instant, Type.Null()], {
      description: 'When documents were looked at; a minute after the start at first',
    }),
    documents: Type.Array(document, { description: 'What is kept of each' }),
    dropped: Type.Object(
      { changes: Type.Integer(), facts: Type.Integer(), bytes: Type.Integer() },
      { ...closed, description: 'Since the node started' },
    ),
    storeBytes: Type.Integer({ description: 'What the store takes on disk' }),
  },
  closed,
)

type Told = CheckpointsView & { readonly storeBytes: number }

async function told({ replica, storeBytes }: ApiContext): Promise<Told> {
  return { ...replica.checkpoints(), storeBytes: await storeBytes() }
}

const getCheckpoints = defineRoute({
  id: 'getCheckpoints',
  method: 'GET',
  path: '/v1/checkpoints',
  summary: 'Checkpoints of this society, and what this node keeps of everybody’s history',
  answers: [{ status: 200, description: 'As it was last looked at', schema: checkpoints }],
  handle: told,
})

const writeCheckpoints = defineRoute({
  id: 'writeCheckpoints',
  method: 'POST',
  path: '/v1/checkpoints',
  summary: 'Has the witnesses sign checkpoints now, and drops what may be dropped',
  answers: [{ status: 200, description: 'How it stands after that', schema: checkpoints }],
  problems: [409, 429, 503],
  handle: async (context) => {
    await context.replica.writeCheckpoints()
    return told(context)
  },
})

/** Checkpoints, and what is kept of history. */
export const checkpointRoutes: readonly Route[] = [getCheckpoints, writeCheckpoints]
