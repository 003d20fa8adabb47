import { each, secondsOf, single, type Metric } from './metric.ts'

const offsetSeconds = (ms: number | null): number => (ms === null ? Number.NaN : ms / 1_000)

/** `frames that wait` as a label of a metric: `frames-that-wait`. */
const slug = (what: string): string => what.replaceAll(' ', '-')
const isInBytes = ({ what }: { readonly what: string }): boolean => what.startsWith('bytes')

/** What the node says of its own process and duties. */
export const nodeMetrics: readonly Metric[] = [
  {
    name: 'society_info',
    help: 'Always 1; whose node it is, and its version',
    labels: ['society', 'name', 'version'],
    samples: ({ society: { id, name }, version }) => [[{ society: id, name, version }, 1]],
  },
  single('society_uptime_seconds', 'Since the node started', ({ vitals }) => vitals.uptimeMs / 1e3),
  single('society_signs', '1 while the node signs, 0 while it must not', ({ signs }) => +signs),
  single(
    'society_restoring',
    '1 while the node waits to hear what it signed after its backup',
    ({ vitals }) => +vitals.restoring,
  ),
  single(
    'society_loop_delay_seconds',
    'How late the event loop was, 99th percentile of the last minute',
    ({ vitals }) => vitals.process.loopDelayP99Ms / 1_000,
  ),
  single(
    'society_heap_limit_bytes',
    'Heap at which the process would end',
    ({ vitals }) => vitals.process.heapLimitBytes,
  ),
  {
    name: 'society_clock_offset_seconds',
    help: 'How far others are ahead of this clock; NaN where too few have told',
    labels: ['others'],
    samples: ({ peersOffsetMs, serversOffsetMs }) =>
      each('others', {
        peers: offsetSeconds(peersOffsetMs),
        servers: offsetSeconds(serversOffsetMs),
      }),
  },
  {
    name: 'society_held_entries',
    help: 'What others could make grow',
    labels: ['what'],
    samples: ({ vitals }) =>
      vitals.queues
        .filter((queue) => !isInBytes(queue))
        .map(({ what, size }) => [{ what: slug(what) }, size]),
  },
  {
    name: 'society_held_limit_entries',
    help: 'The most of it',
    labels: ['what'],
    samples: ({ vitals }) =>
      vitals.queues
        .filter((queue) => !isInBytes(queue))
        .map(({ what, max }) => [{ what: slug(what) }, max]),
  },
  {
    name: 'society_waiting_frames_bytes',
    help: 'Bytes of frames that wait for what they build on',
    samples: ({ vitals }) => vitals.queues.filter(isInBytes).map(({ size }) => [{}, size]),
  },
  single(
    'society_event_clients',
    'Clients that follow the events',
    ({ vitals }) => vitals.eventClients,
  ),
  single(
    'society_renewals_failing',
    'Sources that are due to be measured again and cannot be',
    ({ renewalsFailing }) => renewalsFailing,
  ),
  {
    name: 'society_certificate_expiry_timestamp_seconds',
    help: 'Until when this society certifies each of its nodes',
    labels: ['peer'],
    samples: ({ vitals }) =>
      vitals.certificates.map(({ peer, until }) => [{ peer }, secondsOf(until)]),
  },
]
