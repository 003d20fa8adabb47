import { Type } from 'typebox'
import { defineRoute, type Route } from '../route.ts'
import { instant } from '../society-schema.ts'

const closed = { additionalProperties: false }
const textOrNull = Type.Union([Type.String(), Type.Null()])

const offer = Type.Object(
  {
    id: Type.String(),
    seller: Type.String(),
    amount: Type.Number({ description: 'ATP' }),
    left: Type.Number({ description: 'ATP' }),
    price: Type.Number({ description: 'ADP per ATP' }),
    to: textOrNull,
    service: textOrNull,
    expiresAt: instant,
    mine: Type.Boolean(),
  },
  closed,
)

const acceptance = Type.Object(
  {
    id: Type.String(),
    offer: Type.String(),
    buyer: Type.String(),
    seller: Type.String(),
    amount: Type.Number({ description: 'ATP' }),
    due: Type.Number({ description: 'ADP' }),
    mine: Type.Boolean(),
  },
  closed,
)

const schema = Type.Object(
  { offers: Type.Array(offer), acceptances: Type.Array(acceptance) },
  closed,
)

const trades = defineRoute({
  id: 'listTrades',
  method: 'GET',
  path: '/v1/trades',
  summary: 'Open offers, and acceptances that wait for an answer',
  answers: [{ status: 200, description: 'Of all societies known here', schema }],
  handle: ({ replica }) => replica.trades(),
})

/** The market. */
export const tradeRoutes: readonly Route[] = [trades]
