import { Type } from 'typebox'
import { defineRoute, type Route } from '../route.ts'
import { instant } from '../society-schema.ts'

const closed = { additionalProperties: false }
const offset = Type.Union([Type.Number(), Type.Null()])
const ahead = 'ms by which it is ahead of this machine'

const getClock = defineRoute({
  id: 'getClock',
  method: 'GET',
  path: '/v1/clock',
  summary: "How this machine's clock stands beside those of others; by it everything is dated",
  answers: [
    {
      status: 200,
      description: 'Nothing is signed unless its state is right',
      schema: Type.Object(
        {
          state: Type.Enum(['right', 'behind', 'skewed', 'jumped']),
          message: Type.Union([Type.String(), Type.Null()], { description: 'Why not' }),
          time: instant,
          aheadSeconds: Type.Number({
            description: 'How far it is set ahead of the machine’s, in a test federation',
          }),
          highestSeen: instant,
          peersOffsetMs: offset,
          peers: Type.Array(
            Type.Object(
              { society: Type.String(), offsetMs: Type.Number({ description: ahead }) },
              closed,
            ),
          ),
          serversOffsetMs: offset,
          servers: Type.Array(
            Type.Object(
              {
                server: Type.String(),
                offsetMs: offset,
                errorMs: offset,
                failure: Type.Union([Type.String(), Type.Null()]),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    },
  ],
  handle: ({ replica, aheadSeconds, timeServers }) => ({
    ...replica.clockGuard.view(),
    aheadSeconds,
    servers: timeServers(),
  }),
})

/** The machine's clock. */
export const clockRoutes: readonly Route[] = [getClock]
