import { Type, type TObject } from 'typebox'
import { codeTextMax } from '../limits.ts'
import { HttpFailure } from '../problem.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant } from '../society-schema.ts'

const closed = { additionalProperties: false }
const access = Type.Enum(['read', 'write'])
const iso = (time: number): string => new Date(time).toISOString()

const passOf = (name: string, description: string): TObject =>
  Type.Object({ [name]: Type.String({ description }), access, expiresAt: instant }, closed)

const makeCode = defineRoute({
  id: 'makeDashboardCode',
  method: 'POST',
  path: '/v1/dashboard/codes',
  summary: 'A code with which one browser may open the dashboard once, within five minutes',
  body: Type.Object({ access: Type.Optional(access) }, closed),
  answers: [
    {
      status: 201,
      description: 'It is part of the address behind #, which browsers send nowhere',
      schema: passOf('code', 'To be exchanged for a session'),
    },
  ],
  problems: [400, 413, 415],
  handle: ({ sessions }, { body }) => {
    const pass = sessions.code(body.access ?? 'write')
    return { code: pass.secret, access: pass.access, expiresAt: iso(pass.until) }
  },
})

const openSession = defineRoute({
  id: 'openDashboardSession',
  method: 'POST',
  path: '/v1/dashboard/sessions',
  summary: 'Exchanges a code for the bearer token of a session, once',
  open: true,
  body: Type.Object({ code: Type.String({ minLength: 1, maxLength: codeTextMax }) }, closed),
  answers: [
    {
      status: 201,
      description: 'Admitted for a day, or until the node stops',
      schema: passOf('token', 'Bearer token'),
    },
  ],
  problems: [400, 401, 413, 415],
  handle: ({ sessions }, { body }) => {
    const pass = sessions.open(body.code)
    if (pass === undefined) {
      const message =
        "This code was used already, or is older than five minutes; 'society dashboard' makes one."
      throw new HttpFailure(401, 'not-authorised', message)
    }
    return { token: pass.secret, access: pass.access, expiresAt: iso(pass.until) }
  },
})

/** How a browser is admitted to the dashboard. */
export const dashboardRoutes: readonly Route[] = [makeCode, openSession]
