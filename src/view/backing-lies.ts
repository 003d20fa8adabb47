import { actorOf, didOf, type Recorded, type SocietyKey } from '../../protocol/index.ts'
import type { Forks } from '../ledger/forks.ts'
import { backingProblem, type BackingProblem } from './backing-problem.ts'

/** Whose word counts in an answer about backing. */
export type WordParts = {
  readonly forks: Forks
  readonly isMember: (society: SocietyKey) => boolean
}

/**
 * What in the records behind a batch is the word of a liar: records past the end of a document with
 * two pasts, which may say one thing here and another elsewhere, and all that a liar still holds.
 */
function lieProblems(
  forks: Forks,
  holder: SocietyKey,
  records: readonly Recorded[],
): readonly BackingProblem[] {
  if (forks.societies.size === 0) return []
  if (forks.convicted(holder)) {
    const [first] = records
    return [backingProblem('equivocation', 'its holder signed two pasts', first?.id ?? null)]
  }
  return records
    .filter(({ author, document, seq }) => seq >= forks.placeOf(actorOf(document, author)))
    .map(({ id, author }) => {
      const message = `forged: ${didOf(author)} signed another past in which this is not so`
      return backingProblem('equivocation', message, id)
    })
}

/** What is wrong with the authors of the records behind a batch. */
export function wordProblems(
  { forks, isMember }: WordParts,
  holder: SocietyKey,
  records: readonly Recorded[],
): readonly BackingProblem[] {
  const strangers = new Map<SocietyKey, BackingProblem>()
  for (const { id, author } of records) {
    if (strangers.has(author) || isMember(author)) continue
    const message = `${didOf(author)} is no member of this federation: nobody here checks it`
    strangers.set(author, backingProblem('unknown-society', message, id))
  }
  return [...lieProblems(forks, holder, records), ...strangers.values()]
}
