import { Type, type TObject, type TProperties, type TSchema } from 'typebox'

const closed = { additionalProperties: false }
const sums = (...names: readonly string[]): TObject =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.Number()])), closed)
const nullable = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()])

/** An instant as ISO 8601 text. */
export const instant: TSchema = Type.String({ description: 'ISO 8601' })

/** The members of a source in a view. */
export const sourceProperties: TProperties = {
  type: Type.String(),
  capacity: Type.Number({ description: 'W' }),
  occupied: Type.Number({ description: 'W' }),
  assurance: Type.Integer({ minimum: 0, maximum: 4 }),
  state: Type.Enum(['valid', 'stale', 'contested', 'retired']),
  simulated: Type.Boolean(),
  measuredAt: instant,
  staleAt: instant,
}

const source = Type.Object(sourceProperties, closed)

const batch = Type.Object(
  { id: Type.String(), amount: Type.Number(), source: Type.String(), expiresAt: instant },
  closed,
)

const ticket = Type.Object(
  {
    id: Type.String(),
    worker: Type.String(),
    amount: Type.Number(),
    state: Type.Enum(['active', 'completed', 'failed']),
  },
  closed,
)

const request = Type.Object(
  {
    id: Type.String(),
    requester: Type.String(),
    amount: Type.Number(),
    class: Type.Number(),
    urgency: Type.Number(),
    submittedAt: instant,
  },
  closed,
)

const alert = Type.Object(
  {
    kind: Type.Literal('waste'),
    batch: Type.String(),
    source: Type.String(),
    amount: Type.Number(),
    ageMs: Type.Integer(),
    age: Type.String(),
  },
  closed,
)

/** The members of a society's view. Amounts are decimals of ATP, ADP or W. */
export const societyProperties: TProperties = {
  id: Type.String({ description: 'did:key' }),
  name: Type.String(),
  time: instant,
  federation: nullable(Type.String()),
  parent: nullable(Type.String()),
  children: Type.Array(Type.String()),
  energy: Type.Object(
    {
      capacity: Type.Number({ description: 'W of valid sources' }),
      sources: Type.Record(Type.String(), source),
    },
    closed,
  ),
  atp: Type.Object(
    {
      ...sums('available', 'reserved', 'escrowed', 'lent', 'borrowed', 'wasted').properties,
      batches: Type.Array(batch, { description: 'Available ATP in the order it is spent' }),
    },
    closed,
  ),
  adp: sums('pool', 'escrowed'),
  supply: Type.Number(),
  work: Type.Object(
    {
      ...sums('queued', 'active', 'completed', 'failed').properties,
      tickets: Type.Array(ticket, { description: 'Oldest first' }),
    },
    closed,
  ),
  queue: Type.Array(request, { description: 'In the order they will be served' }),
  reputation: Type.Number({ description: 'Sum of amount x quality credited' }),
  bond: Type.Object(
    {
      state: Type.Enum(['none', 'active', 'violated', 'fulfilled', 'abandoned']),
      capacity: Type.Number(),
      until: nullable(instant),
    },
    closed,
  ),
  vouches: sums('given', 'received'),
  standing: Type.Enum(['good', 'equivocated']),
  flags: Type.Array(Type.Unknown()),
  alerts: Type.Array(alert),
}

/** A society as the API shows it. */
export const societySchema: TObject = Type.Object(societyProperties, closed)
