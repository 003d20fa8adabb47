import { Type, type Static } from 'typebox'
import { isTestFederation } from '../../../protocol/index.ts'
import { Failure } from '../../../src/index.ts'
import type { ApiContext } from '../context.ts'
import { blockedPeersMax, queryTextMax } from '../limits.ts'
import { defineRoute, type Route } from '../route.ts'
import { instant } from '../society-schema.ts'

const closed = { additionalProperties: false }
const textOrNull = Type.Union([Type.String(), Type.Null()])

const changes = Type.Integer({ minimum: 0, description: 'Changes of the document' })

const exchange = Type.Object(
  {
    theirs: Type.Object(
      { trust: changes, pool: changes, trustSaid: changes, poolSaid: changes },
      { ...closed, description: 'Held here, and what the newest signed heads say there is' },
    ),
    ours: Type.Union(
      [Type.Object({ trust: changes, pool: changes, at: instant }, closed), Type.Null()],
      { description: 'What it said that it holds of this society; null until it has' },
    ),
  },
  closed,
)

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
    exchange: Type.Union([exchange, Type.Null()], {
      description: 'How far either has the documents of the other; null while it is nobody’s',
    }),
  },
  closed,
)

type PeerView = Static<typeof peer>

function peersOf({ replica, network, aheadSeconds }: ApiContext): readonly PeerView[] {
  const { societyOfPeer } = replica.membership()
  // Connections are dated by the machine's clock.
  const opened = (at: number): string => new Date(at + aheadSeconds * 1_000).toISOString()
  const views = network.peerDetails().map((details): PeerView => {
    const society = societyOfPeer.get(details.peer) ?? null
    const key = society === null ? null : replica.find(society)
    return {
      peer: details.peer,
      society,
      name: key === null ? null : replica.society(key).name,
      member: details.member,
      direction: details.direction,
      since: details.since === null ? null : opened(details.since),
      addresses: [...details.addresses],
      latencyMs: details.latencyMs ?? null,
      lastFailure: details.lastFailure ?? null,
      points: details.points,
      exchange: key === null ? null : replica.exchange(details.peer, key),
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

const blockPeers = defineRoute({
  id: 'blockPeers',
  method: 'POST',
  path: '/v1/network/blocked',
  summary: 'Refuses exactly these nodes until it is told otherwise or ends; in test federations',
  body: Type.Object(
    {
      peers: Type.Array(Type.String({ maxLength: queryTextMax }), {
        maxItems: blockedPeersMax,
        description: 'libp2p names; they lose the connections they have',
      }),
    },
    closed,
  ),
  answers: [
    {
      status: 200,
      description: 'Who is refused now',
      schema: Type.Object({ blocked: Type.Array(Type.String()) }, closed),
    },
  ],
  problems: [409],
  handle: ({ replica, network }, { body }) => {
    if (!isTestFederation(replica.society().federation ?? '')) {
      const message = 'nodes are cut off from each other in federations named test-... alone'
      throw new Failure('not-authorised', message)
    }
    const blocked = new Set(body.peers)
    network.setBlocked(blocked)
    return { blocked: [...blocked] }
  },
})

/** The federation and its network. */
export const federationRoutes: readonly Route[] = [peers, members, blockPeers]
