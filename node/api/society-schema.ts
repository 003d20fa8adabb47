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
  site: nullable(Type.String({ description: 'LAT,LON in degrees, to a tenth, as its owner says' })),
  measuredAt: instant,
  staleAt: instant,
}

const source = Type.Object(sourceProperties, closed)

const batch = Type.Object(
  { id: Type.String(), amount: Type.Number(), source: Type.String(), expiresAt: instant },
  closed,
)

/** The members of a ticket in a view. */
export const ticketProperties: TProperties = {
  id: Type.String(),
  worker: Type.String(),
  amount: Type.Number({ description: 'ATP' }),
  state: Type.Enum(['active', 'completed', 'failed']),
}

/** The members of a request that waits, in a view. */
export const queuedProperties: TProperties = {
  id: Type.String(),
  requester: Type.String(),
  amount: Type.Number({ description: 'ATP' }),
  class: Type.Number({ description: '1, 3, 5, 7 or 10 by trust and age; 0 for what is critical' }),
  urgency: Type.Number(),
  submittedAt: instant,
}

const flag = Type.Object(
  {
    name: Type.String({ description: 'The detector' }),
    severity: Type.Number({ minimum: 0, maximum: 1 }),
    evidence: Type.Array(Type.String(), { description: 'Record ids' }),
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
      tickets: Type.Array(Type.Object(ticketProperties, closed), { description: 'Oldest first' }),
    },
    closed,
  ),
  queue: Type.Array(Type.Object(queuedProperties, closed), {
    description: 'In the order they will be served',
  }),
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
  forged: Type.Optional(
    Type.Number({ description: 'ATP that it handed over twice, of one that equivocated' }),
  ),
  flags: Type.Array(flag, { description: 'What detectors found, the worst first' }),
  alerts: Type.Array(alert),
}

/** A society as the API shows it. */
export const societySchema: TObject = Type.Object(societyProperties, closed)
