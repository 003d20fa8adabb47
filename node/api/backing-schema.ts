import { Type, type TObject, type TSchema } from 'typebox'
import { instant } from './society-schema.ts'

const closed = { additionalProperties: false }
const atp: TSchema = Type.Number({ description: 'ATP' })
const watts: TSchema = Type.Number({ description: 'W' })
const byLevel: TSchema = Type.Record(Type.String(), atp, { description: 'ATP by assurance' })
const sum = { claimed: atp, proven: atp }

const witness = Type.Object(
  {
    society: Type.String(),
    record: Type.String(),
    verdict: Type.Boolean(),
    level: Type.Integer({ minimum: 1, maximum: 4 }),
    samples: Type.Integer({ minimum: 1 }),
    path: Type.Union([Type.String(), Type.Null()], {
      description: 'How its look reached the source: direct, sealed, relayed or node',
    }),
    evidence: Type.Union([Type.String(), Type.Null()], {
      description: 'SHA-256 of its own transcript',
    }),
  },
  closed,
)

const batch = Type.Object(
  {
    id: Type.String(),
    amount: atp,
    source: Type.String(),
    expiresAt: instant,
    chain: Type.Array(Type.String(), {
      description: 'Record ids, back over every hand-over to charge, proof, transcript, witnesses',
    }),
    charger: Type.String({ description: 'Society that charged it' }),
    owner: Type.String({ description: 'Society whose ADP pool it falls back to' }),
    assurance: Type.Integer({ minimum: 0, maximum: 4 }),
    simulated: Type.Boolean(),
    proven: Type.Boolean(),
    witnesses: Type.Array(witness, { description: 'What the chosen witnesses of its proof say' }),
  },
  closed,
)

const problem = Type.Object(
  {
    code: Type.String(),
    message: Type.String(),
    record: Type.Union([Type.String(), Type.Null()]),
    amount: Type.Number({ description: 'ATP that is not proven because of it' }),
  },
  closed,
)

const source = Type.Object(
  {
    source: Type.String(),
    society: Type.String(),
    type: Type.String(),
    state: Type.Enum(['valid', 'stale', 'contested', 'retired']),
    assurance: Type.Integer({ minimum: 0, maximum: 4 }),
    simulated: Type.Boolean(),
    capacity: watts,
    occupied: watts,
    ...sum,
  },
  closed,
)

/** An answer about backing. */
export const backingSchema: TObject = Type.Object(
  {
    society: Type.String(),
    ...sum,
    byAssurance: byLevel,
    batches: Type.Array(batch, { description: 'In the order in which they are spent' }),
    problems: Type.Array(problem),
    verdict: Type.Enum(['backed', 'partly', 'unbacked']),
    at: instant,
    viewer: Type.String({ description: 'Society in whose eyes it holds' }),
    federation: Type.Union([Type.String(), Type.Null()]),
    acceptAssurance: Type.Integer({ minimum: 0, maximum: 4 }),
    claimedByAssurance: byLevel,
    byExpiry: Type.Record(Type.String(), Type.Object(sum, closed), { description: 'By day, UTC' }),
    sources: Type.Array(source),
  },
  closed,
)
