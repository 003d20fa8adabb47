import type { RecordId } from '../identity.ts'
import { talliedRecordsMax } from './weights.ts'

/** Interactions of one kind with one counterparty, counted as they come. Plain data. */
export type Tally = {
  readonly successes: number
  readonly failures: number
  /** Time of the last success; null before the first. */
  readonly lastSuccessAt: number | null
  /** Ids of the newest records behind it, oldest first. */
  readonly newest: readonly RecordId[]
}

/** No interactions. */
export const emptyTally: Tally = { successes: 0, failures: 0, lastSuccessAt: null, newest: [] }

/** A tally with `count` more successes, or failures, by one record. */
export function tallied(
  before: Tally | undefined,
  success: boolean,
  count: number,
  record: { readonly id: RecordId; readonly time: number },
): Tally {
  const { successes, failures, lastSuccessAt, newest } = before ?? emptyTally
  return {
    successes: successes + (success ? count : 0),
    failures: failures + (success ? 0 : count),
    lastSuccessAt: success ? Math.max(record.time, lastSuccessAt ?? 0) : lastSuccessAt,
    newest: [...newest.slice(1 - talliedRecordsMax), record.id],
  }
}

/** What several tallies come to, as far as numbers go; ids are left to the parts. */
export function sumOfTallies(
  tallies: Iterable<Pick<Tally, 'successes' | 'failures' | 'lastSuccessAt'>>,
): Pick<Tally, 'successes' | 'failures' | 'lastSuccessAt'> {
  let successes = 0
  let failures = 0
  let lastSuccessAt: number | null = null
  for (const tally of tallies) {
    successes += tally.successes
    failures += tally.failures
    if (tally.lastSuccessAt !== null) {
      lastSuccessAt = Math.max(tally.lastSuccessAt, lastSuccessAt ?? 0)
    }
  }
  return { successes, failures, lastSuccessAt }
}
