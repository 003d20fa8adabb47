import { Type } from 'typebox'
import { isRecordId, type RecordId } from '../../../protocol/index.ts'
import { ambiguous, Failure, type Replica } from '../../../src/index.ts'
import { knownSocieties } from '../find-society.ts'
import { parseInstant } from '../instant.ts'
import { queryTextMax } from '../limits.ts'
import { defineRoute, type Route } from '../route.ts'

/** The ticket that a text names: its whole id, or a unique prefix among those known here. */
function findTicket(replica: Replica, text: string): RecordId {
  if (isRecordId(text)) return text
  const tickets = knownSocieties(replica).flatMap(({ view }) => view.work.tickets)
  const ids = new Set(tickets.map(({ id }) => id).filter((id) => id.startsWith(text)))
  if (ids.size > 1) throw ambiguous(text, 'tickets', ids)
  const [id] = ids
  if (id === undefined || !isRecordId(id)) {
    throw new Failure('unknown-reference', `no ticket '${text}' is known here`)
  }
  return id
}

const workedWords = 'When the work was done, ISO 8601: of a worker, with both its hours'

/** The hours of a worker, both ends or neither. */
function workedBetween(
  started: string | undefined,
  finished: string | undefined,
): { readonly start: number; readonly end: number } | undefined {
  if (started === undefined && finished === undefined) return undefined
  if (started === undefined || finished === undefined) {
    throw new Failure('malformed', 'started and finished go together')
  }
  return { start: parseInstant('started', started), end: parseInstant('finished', finished) }
}

const confirm = defineRoute({
  id: 'confirmWork',
  method: 'POST',
  path: '/v1/confirmations',
  summary:
    "Has this node sign a ticket's completion at just this quality, and these hours if given",
  body: Type.Object(
    {
      ticket: Type.String({ minLength: 1, maxLength: queryTextMax }),
      quality: Type.Union([Type.Number(), Type.String({ maxLength: queryTextMax })], {
        description: 'From 0 to 1',
      }),
      started: Type.Optional(Type.String({ maxLength: queryTextMax, description: workedWords })),
      finished: Type.Optional(Type.String({ maxLength: queryTextMax, description: workedWords })),
    },
    { additionalProperties: false },
  ),
  answers: [
    {
      status: 201,
      description: 'Noted, on disk',
      schema: Type.Object({ ticket: Type.String() }, { additionalProperties: false }),
    },
  ],
  problems: [400, 409, 413, 415],
  handle: async ({ replica }, { body: { ticket: text, quality, started, finished } }) => {
    const ticket = findTicket(replica, text)
    await replica.confirm(ticket, quality, workedBetween(started, finished))
    return { ticket }
  },
})

const disown = defineRoute({
  id: 'disownWork',
  method: 'POST',
  path: '/v1/disowned',
  summary: 'Has this node tell witnesses that its society does not stand by a receipt of work',
  body: Type.Object(
    {
      receipt: Type.String({
        minLength: 1,
        maxLength: queryTextMax,
        description: 'Id of a work.complete, whole',
      }),
    },
    { additionalProperties: false },
  ),
  answers: [
    {
      status: 201,
      description: 'Noted for good',
      schema: Type.Object({ receipt: Type.String() }, { additionalProperties: false }),
    },
  ],
  problems: [400, 409, 413, 415],
  handle: async ({ replica }, { body: { receipt } }) => {
    if (!isRecordId(receipt)) throw new Failure('malformed', `'${receipt}' is no id of a record`)
    await replica.disown(receipt)
    return { receipt }
  },
})

/** What the operator of the node confirms, and what it does not stand by. */
export const confirmationRoutes: readonly Route[] = [confirm, disown]
