import type { Lot, RecordId, Recorded } from '../../protocol/index.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { handoversFollowedMax } from '../limits.ts'
import { backingProblem, type BackingProblem } from './backing-problem.ts'

/** The way of a lot back to its charge. */
export type Walk = {
  /** From the record that brought the lot to its holder on; the charge, where it ends at one. */
  readonly records: readonly Recorded[]
  /** The charge that made its batch; undefined where the way is lost. */
  readonly charge: Recorded | undefined
  readonly problems: readonly BackingProblem[]
}

/** A lot by its key: the record that brought it, and which slice of its hand-over it is. */
type Place = { readonly record: RecordId; readonly slice: number }

function placeOf(key: string): Place {
  const slash = key.lastIndexOf('/')
  return { record: key.slice(0, slash) as RecordId, slice: Number(key.slice(slash + 1)) }
}

/** The giver's lot that a slice of a hand-over was taken from. */
function givenFrom(
  { outcome }: Recorded,
  { slice: at }: Place,
  batch: RecordId,
): Place | undefined {
  if (outcome?.type !== 'grant' && outcome?.type !== 'settlement') return undefined
  const slice = outcome.slices[at]
  return slice?.batch === batch ? placeOf(slice.lot) : undefined
}

/** The hand-over that a take or claim claimed. */
function claimedBy({ outcome }: Recorded): RecordId | undefined {
  if (outcome?.type === 'take') return outcome.handover
  return outcome?.type === 'claim' ? outcome.settlement : undefined
}

const missing = (what: string, id: RecordId): BackingProblem =>
  backingProblem('unknown-reference', what, id)

/**
 * Walks from the record that brought a lot back to the charge that made its batch. Every step goes
 * back in time along records that name each other, so it ends; it is given up after
 * `handoversFollowedMax` hand-overs.
 */
export async function walkBack(index: Index, lot: Lot): Promise<Walk> {
  const records: Recorded[] = []
  const lost = (problem: BackingProblem): Walk => ({
    records,
    charge: undefined,
    problems: [problem],
  })
  let at = placeOf(lot.key)
  for (let handovers = 0; handovers <= handoversFollowedMax; handovers++) {
    const record = await index.record(at.record)
    if (record === undefined) return lost(missing('a record is missing here', at.record))
    records.push(record)
    if (record.kind === 'atp.charge') {
      return at.record === lot.batch
        ? { records, charge: record, problems: [] }
        : lost(missing('ends at another charge', at.record))
    }
    const handover = claimedBy(record)
    if (handover === undefined) return lost(missing('no way back to a charge', lot.batch))
    const giver = await index.record(handover)
    if (giver === undefined) return lost(missing('a record is missing here', handover))
    records.push(giver)
    const before = givenFrom(giver, at, lot.batch)
    if (before === undefined) return lost(missing('no way back to a charge', lot.batch))
    at = before
  }
  return lost(backingProblem('too-large', 'handed on too often to be followed', lot.batch))
}
