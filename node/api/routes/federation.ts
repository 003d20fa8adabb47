import { Type, type Static } from 'typebox'
import type { ApiContext } from '../context.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant } from '../society-schema.ts'

const closed = { additionalProperties: false }
const textOrNull = Type.Union([Type.String(), Type.Null()])

const peer = Type.Object(
  {
    peer: Type.String({ description: 'libp2p name' }),
    society: textOrNull,
    name: textOrNull,
    member: Type.Boolean(),
    direction: Type.Enum(['inbound', 'outbound', 'none']),
    since: Type.Union([instant, Type.Null()], { description: 'null while not connected' }),
    addresses: Type.Array(Type.String()),
    latencyMs: Type.Union([Type.Number(), Type.Null()]),
    lastFailure: textOrNull,
    points: Type.Number({ description: 'For faults; 0 for a good peer, cut off at 100' }),
  },
  closed,
)

type PeerView = Static<typeof peer>

function peersOf({ replica, network }: ApiContext): readonly PeerView[] {
  const { societyOfPeer } = replica.membership()
  const views = network.peerDetails().map((details): PeerView => {
    const society = societyOfPeer.get(details.peer) ?? null
    return {
      peer: details.peer,
      society,
      name: society === null ? null : replica.society(replica.find(society)).name,
      member: details.member,
      direction: details.direction,
      since: details.since === null ? null : new Date(details.since).toISOString(),
      addresses: [...details.addresses],
      latencyMs: details.latencyMs ?? null,
      lastFailure: details.lastFailure ?? null,
      points: details.points,
    }
  })
  const connected = views.filter(({ since }) => since !== null)
  return [...connected, ...views.filter(({ since }) => since === null)]
}

const peers = defineRoute({
  id: 'listPeers',
  method: 'GET',
  path: '/v1/peers',
  summary: 'Nodes connected, and those of members that are not',
  answers: [{ status: 200, description: 'Connected ones first', schema: Type.Array(peer) }],
  handle: peersOf,
})

const named = Type.Array(Type.Object({ id: Type.String(), name: Type.String() }, closed))

const members = defineRoute({
  id: 'listMembers',
  method: 'GET',
  path: '/v1/members',
  summary:
    'Who belongs to the federation in the eyes of this node, who asks to, and who else is known',
  answers: [
    {
      status: 200,
      description: 'By name',
      schema: Type.Object({ members: named, applicants: named, guests: named }, closed),
    },
  ],
  handle: ({ replica }) => {
    const known = replica.views.societies()
    const of = (membership: string): readonly { readonly id: string; readonly name: string }[] =>
      known
        .filter((society) => society.membership === membership)
        .map(({ id, name }) => ({ id, name }))
    return { members: of('member'), applicants: of('applicant'), guests: of('guest') }
  },
})

/** The federation and its network. */
export const federationRoutes: readonly Route[] = [peers, members]
