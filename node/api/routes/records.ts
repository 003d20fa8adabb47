import { Type } from 'typebox'
import { isRecordId } from '../../../protocol/index.ts'
import { Failure } from '../../../src/index.ts'
import { keyOrSelf } from '../find-society.ts'
import { recordsPageDefault, recordsPageMax } from '../limits.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant } from '../society-schema.ts'
import { shortText, societyText } from '../text-schema.ts'

const closed = { additionalProperties: false }

const record = Type.Object(
  {
    id: Type.String(),
    society: Type.String(),
    document: Type.Enum(['trust', 'pool']),
    seq: Type.Integer(),
    time: instant,
    kind: Type.String(),
    void: Type.Union([Type.String(), Type.Null()], { description: 'Code that voids it, if any' }),
    fields: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      description: 'As on the wire, in milli-units; bytes as hex',
    }),
  },
  closed,
)

const list = defineRoute({
  id: 'listRecords',
  method: 'GET',
  path: '/v1/records',
  summary: 'Records of a society in the order of its chains, trust before pool',
  query: Type.Object(
    {
      society: Type.Optional(societyText('Whose; our own by default')),
      kind: Type.Optional(shortText('Only of this kind, such as atp.charge')),
      document: Type.Optional(Type.Enum(['trust', 'pool'])),
      after: Type.Optional(shortText('Only after the record of this id, in the same document')),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: recordsPageMax, default: recordsPageDefault }),
      ),
    },
    closed,
  ),
  answers: [
    { status: 200, description: 'Fewer than the limit: the end', schema: Type.Array(record) },
  ],
  problems: [400, 404],
  handle: ({ replica }, { query }) => {
    const { society, kind, document, after, limit = recordsPageDefault } = query
    if (after !== undefined && !isRecordId(after)) {
      throw new Failure('malformed', 'after must be the whole id of a record')
    }
    return replica.records({ society: keyOrSelf(replica, society), kind, document, after, limit })
  },
})

// What says how a proof is known: given by a caller it is a claim, and the claim of level 0.
const assuring: ReadonlySet<string> = new Set(['assurance', 'evidence', 'simulated'])

const write = defineRoute({
  id: 'writeRecord',
  method: 'POST',
  path: '/v1/records',
  summary: "Writes a record of this node's society; energy.prove by this way is of level 0",
  body: Type.Object(
    {
      kind: shortText('Kind of record, such as atp.charge'),
      with: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    },
    closed,
  ),
  answers: [
    {
      status: 201,
      description: 'It is on disk',
      schema: Type.Object({ id: Type.String() }, closed),
    },
  ],
  problems: [400, 409, 413, 415, 503],
  handle: async ({ replica }, { body }) => {
    const given = Object.entries(body.with ?? {})
    const fields =
      body.kind === 'energy.prove' ? given.filter(([name]) => !assuring.has(name)) : given
    return { id: await replica.write(body.kind, Object.fromEntries(fields)) }
  },
})

/** The records of the ledger. */
export const recordRoutes: readonly Route[] = [list, write]
