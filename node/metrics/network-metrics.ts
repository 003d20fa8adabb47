import { each, secondsOf, single, type Metric } from './metric.ts'

/** What the node says of others. */
export const networkMetrics: readonly Metric[] = [
  {
    name: 'society_peers',
    help: 'Nodes connected, by who dialled',
    labels: ['direction'],
    samples: ({ peers }) =>
      each('direction', {
        inbound: peers.filter(({ direction }) => direction === 'inbound').length,
        outbound: peers.filter(({ direction }) => direction === 'outbound').length,
      }),
  },
  {
    name: 'society_members',
    help: 'Other members of the federation, by whether a node of theirs is connected',
    labels: ['connected'],
    samples: ({ vitals: { members } }) =>
      each('connected', {
        yes: members.filter(({ connected }) => connected).length,
        no: members.filter(({ connected }) => !connected).length,
      }),
  },
  {
    name: 'society_sync_lag_changes',
    help: 'Changes that the owner of a document announced and that are not here',
    labels: ['society', 'document'],
    samples: ({ vitals }) =>
      vitals.sync.map(({ society, kind, held, announced }) => [
        { society, document: kind },
        announced - held,
      ]),
  },
  {
    name: 'society_sync_lag_announced_timestamp_seconds',
    help: 'When the owner of a document that is behind here signed its newest head',
    labels: ['society', 'document'],
    samples: ({ vitals }) =>
      vitals.sync.map(({ society, kind, announcedAt }) => [
        { society, document: kind },
        secondsOf(announcedAt),
      ]),
  },
  single(
    'society_equivocated_societies',
    'Societies known to have signed two pasts',
    ({ vitals }) => vitals.equivocated.length,
  ),
  {
    name: 'society_network_events_total',
    help: 'What the network sent, received and dropped, since the node started',
    labels: ['event'],
    grows: true,
    samples: ({ vitals }) => each('event', vitals.network),
  },
]
