import { each, secondsOf, single, type Metric } from './metric.ts'
import type { Seen } from './seen.ts'

const heldOf = ({ checkpoints }: Seen): Readonly<Record<string, number>> => {
  let [old, held] = [0, 0]
  for (const document of checkpoints.documents) {
    old += document.old
    held += document.changes - document.dropped
  }
  return { window: held - old, older: old }
}

/** Checkpoints, and what is kept of history. */
export const historyMetrics: readonly Metric[] = [
  {
    name: 'society_checkpoint_age_seconds',
    help: 'Age of the newest checkpoint of each own document; NaN where there is none',
    labels: ['document'],
    samples: ({ checkpoints: { own }, now }) =>
      own.map(({ kind, checkpoint }) => [
        { document: kind },
        checkpoint === null ? Number.NaN : now / 1_000 - secondsOf(checkpoint.at),
      ]),
  },
  {
    name: 'society_checkpoint_signatures',
    help: 'Witnesses that signed at the last try since the node started, and how many must',
    labels: ['document', 'witnesses'],
    samples: ({ checkpoints: { own } }) =>
      own.flatMap(({ kind, tried }) =>
        tried === null
          ? []
          : [
              [{ document: kind, witnesses: 'signed' }, tried.signed],
              [{ document: kind, witnesses: 'needed' }, tried.needed],
            ],
      ),
  },
  {
    name: 'society_history_changes',
    help: 'Changes kept of all documents, by whether a window should have dropped them',
    labels: ['age'],
    samples: (seen) => each('age', heldOf(seen)),
  },
  {
    ...single(
      'society_history_dropped_changes_total',
      'Changes dropped since the node started',
      ({ checkpoints }) => checkpoints.dropped.changes,
    ),
    grows: true,
  },
  {
    ...single(
      'society_history_dropped_bytes_total',
      'Bytes of changes, signatures and facts dropped since the node started',
      ({ checkpoints }) => checkpoints.dropped.bytes,
    ),
    grows: true,
  },
  single('society_store_bytes', 'What the store takes on disk', ({ storeBytes }) => storeBytes),
]
