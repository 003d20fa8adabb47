import { Type } from 'typebox'
import type { ApiContext } from '../context.ts'
import { queryTextMax } from '../limits.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant, societyProperties } from '../society-schema.ts'

const closed = { additionalProperties: false }

const health = Type.Object(
  {
    state: Type.Enum(['ok', 'bad']),
    reasons: Type.Array(Type.Object({ code: Type.String(), message: Type.String() }, closed)),
    jobs: Type.Integer({ description: 'Writes and messages that wait to be judged' }),
    waiting: Type.Integer({ description: 'Messages that wait for what they build on' }),
  },
  closed,
)

type Reason = { readonly code: string; readonly message: string }

function healthOf({ replica, renewals, scrubbed }: ApiContext): {
  readonly state: 'ok' | 'bad'
  readonly reasons: readonly Reason[]
  readonly jobs: number
  readonly waiting: number
} {
  const { jobs, waiting, broken } = replica.health()
  const stopped: Reason[] = broken === null ? [] : [{ code: 'store-damaged', message: broken }]
  const clock = replica.clockGuard.look()
  if (clock !== undefined) stopped.push({ code: clock.code, message: clock.message })
  const failing = renewals.failing().map(({ source, code, message }) => ({
    code,
    message: `${source} is due to be measured again: ${message}`,
  }))
  const { damage } = scrubbed()
  // It goes on with what it has: a start would refuse the store.
  const damaged = damage === null ? [] : [{ code: 'store-damaged', message: damage }]
  const state = stopped.length === 0 ? 'ok' : 'bad'
  return { state, reasons: [...stopped, ...damaged, ...failing], jobs, waiting }
}

const openHealth = Type.Object(
  {
    state: Type.Enum(['ok', 'bad']),
    reasons: Type.Array(Type.String(), {
      description: 'Codes; with a token, the status has words',
    }),
  },
  closed,
)

const head = Type.Object(
  {
    document: Type.String(),
    society: Type.String(),
    name: Type.String(),
    kind: Type.Enum(['trust', 'pool']),
    seq: Type.Integer(),
    hash: Type.String(),
    state: Type.String({ description: 'SHA-256 of the state, equal wherever the documents are' }),
  },
  closed,
)

const status = Type.Object(
  {
    ...societyProperties,
    api: Type.String({ description: "The node's own address" }),
    version: Type.String(),
    startedAt: instant,
    peer: Type.String({ description: "The node's libp2p name" }),
    addresses: Type.Array(Type.String(), { description: 'Multiaddrs that others reach it at' }),
    peers: Type.Integer({ description: 'Nodes connected' }),
    health,
    heads: Type.Array(head),
  },
  closed,
)

const getStatus = defineRoute({
  id: 'getStatus',
  method: 'GET',
  path: '/v1/status',
  summary: "This node's society, the node itself, and where its documents stand",
  answers: [
    { status: 200, description: 'The view of the society, and of its node', schema: status },
  ],
  handle: (context) => {
    const { replica, network, version, startedAt, url } = context
    return {
      ...replica.society(),
      api: url(),
      version,
      startedAt: new Date(startedAt).toISOString(),
      peer: network.self,
      addresses: network.addresses(),
      peers: network.peers().length,
      health: healthOf(context),
      heads: replica.heads(),
    }
  },
})

const getHeads = defineRoute({
  id: 'listHeads',
  method: 'GET',
  path: '/v1/heads',
  summary: 'Where every document stands',
  answers: [{ status: 200, description: 'By name of the document', schema: Type.Array(head) }],
  handle: ({ replica }) => replica.heads(),
})

const getHealth = defineRoute({
  id: 'getHealth',
  method: 'GET',
  path: '/health',
  summary: 'Whether the node works; for supervisors, without a token',
  open: true,
  answers: [
    { status: 200, description: 'It works', schema: openHealth },
    { status: 503, description: 'It signs nothing at present', schema: openHealth },
  ],
  handle: (context, _input, reply) => {
    const { state, reasons } = healthOf(context)
    if (state === 'bad') void reply.code(503)
    return { state, reasons: [...new Set(reasons.map(({ code }) => code))] }
  },
})

const stop = defineRoute({
  id: 'stopNode',
  method: 'POST',
  path: '/v1/stop',
  summary: 'Stops the node once everything handed in is on disk',
  answers: [
    {
      status: 202,
      description: 'It is about to stop',
      schema: Type.Object({ stopping: Type.Literal(true) }, closed),
    },
  ],
  handle: ({ onStop }, _input, reply) => {
    reply.raw.once('close', onStop)
    return { stopping: true }
  },
})

const backup = defineRoute({
  id: 'backUp',
  method: 'POST',
  path: '/v1/backup',
  summary: 'A backup of the node as it stands: its keys, its configuration and its store',
  body: Type.Object(
    {
      passphrase: Type.Union(
        [Type.String({ minLength: 1, maxLength: queryTextMax }), Type.Null()],
        {
          description: 'What it is encrypted under, with age; null leaves it in clear',
        },
      ),
    },
    closed,
  ),
  answers: [{ status: 200, description: 'The backup', type: 'application/octet-stream' }],
  handle: async (context, { body }, reply) => {
    void reply.type('application/octet-stream')
    return context.backup(body.passphrase)
  },
})

const resume = defineRoute({
  id: 'resumeSigning',
  method: 'POST',
  path: '/v1/resume',
  summary:
    'Has a restored node sign again: its operator knows that nobody has anything newer of it',
  answers: [
    {
      status: 200,
      description: 'Whether it was waiting',
      schema: Type.Object({ resumed: Type.Boolean() }, closed),
    },
  ],
  handle: async ({ replica: { restoration } }) => {
    const resumed = restoration.pending
    await restoration.resume()
    return { resumed }
  },
})

/** The node itself. */
export const nodeRoutes: readonly Route[] = [getStatus, getHeads, getHealth, stop, backup, resume]
