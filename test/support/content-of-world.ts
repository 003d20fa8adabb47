import { actorOf, isKept, partsOfRecordId, type ChangeHash } from '../../protocol/index.ts'
import type { CheckpointContent, DocumentKind, Judged, SocietyKey } from '../../protocol/index.ts'
import type { LedgerWorld } from './ledger-world.ts'

/** What the records of a change came to, as a content has it. */
function keptOf(records: readonly Judged[]): CheckpointContent['changes'][number] {
  const [first] = records as readonly [Judged]
  const by = <T>(of: (record: Judged) => T | undefined): Record<string, T> =>
    Object.fromEntries(
      records.flatMap((record, at) => {
        const value = of(record)
        return value === undefined ? [] : [[at, value] as const]
      }),
    )
  return {
    hash: partsOfRecordId(first.id).hash as ChangeHash,
    seq: first.seq,
    time: first.time,
    kinds: records.map(({ kind }) => kind),
    voids: by((record) => record.void ?? undefined),
    outcomes: by((record) => record.outcome ?? undefined),
    ended: by(({ ended }) => (ended.length > 0 ? ended : undefined)),
    borrowedUntil: 0,
  }
}

/** The content of a checkpoint of a document as it stands in a world. */
export function contentOfWorld(
  world: LedgerWorld,
  kind: DocumentKind,
  society: SocietyKey,
): CheckpointContent {
  const actor = actorOf(kind, society)
  const written = world.written.filter((each) => each.actor === actor)
  const state = world.copy().replica.state(kind, society)
  const changes = written.map(({ records }) => keptOf(records))
  return { state, changes: changes.filter((change) => isKept(change, state.time)) }
}
