import { each, secondsOf, single, type Metric } from './metric.ts'

/** What the ledger says of this society. 1 ATP or ADP is 1 Wh. */
export const ledgerMetrics: readonly Metric[] = [
  single(
    'society_capacity_watts',
    'Watts of valid sources',
    (seen) => seen.society.energy.capacity,
  ),
  {
    name: 'society_source_capacity_watts',
    help: 'Watts of each source, by its state',
    labels: ['source', 'state'],
    samples: ({ society }) =>
      Object.entries(society.energy.sources).map(([source, { capacity, state }]) => [
        { source, state },
        capacity,
      ]),
  },
  {
    name: 'society_source_occupied_watts',
    help: 'Watts of each source that charges occupy',
    labels: ['source'],
    samples: ({ society }) =>
      Object.entries(society.energy.sources).map(([source, { occupied }]) => [
        { source },
        occupied,
      ]),
  },
  {
    name: 'society_source_stale_timestamp_seconds',
    help: 'When the proof of each source grows stale; retired ones are left out',
    labels: ['source'],
    samples: ({ society }) =>
      Object.entries(society.energy.sources)
        .filter(([, { state }]) => state !== 'retired')
        .map(([source, { staleAt }]) => [{ source }, secondsOf(staleAt)]),
  },
  {
    name: 'society_atp_watthours',
    help: 'ATP by what has become of it',
    labels: ['state'],
    samples: ({ society }) => {
      const { batches: _batches, ...sums } = society.atp
      return each('state', sums)
    },
  },
  {
    name: 'society_adp_watthours',
    help: 'ADP in the pool and in escrow',
    labels: ['state'],
    samples: ({ society }) => each('state', society.adp),
  },
  single('society_supply_watthours', 'ATP and ADP together', ({ society }) => society.supply),
  single(
    'society_reputation_watthours',
    'Sum of amount x quality credited',
    ({ society }) => society.reputation,
  ),
  single('society_queue_requests', 'Requests that wait', ({ society }) => society.work.queued),
  {
    name: 'society_tickets',
    help: 'Tickets by their state',
    labels: ['state'],
    samples: ({ society: { work } }) => {
      const { active, completed, failed } = work
      return each('state', { active, completed, failed })
    },
  },
  {
    name: 'society_flag_severity_ratio',
    help: 'How bad what each detector found about this society is, 0 to 1',
    labels: ['detector'],
    samples: ({ society }) =>
      society.flags.map(({ name, severity }) => [{ detector: name }, severity]),
  },
  {
    name: 'society_document_changes',
    help: 'Changes held of each document',
    labels: ['society', 'document'],
    samples: ({ documents }) =>
      documents.map(({ society, kind, seq }) => [{ society, document: kind }, seq]),
  },
]
