import { actorOf, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import type { Forks } from '../ledger/forks.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { backingProblem, type BackingProblem } from './backing-proof.ts'

/**
 * What in the chain behind a batch is the word of a liar: records past the end of a document with
 * two pasts, which may say one thing here and another elsewhere, and all that a liar still holds.
 */
export async function lieProblems(
  { index, forks }: { readonly index: Index; readonly forks: Forks },
  holder: SocietyKey,
  chain: readonly string[],
): Promise<readonly BackingProblem[]> {
  if (forks.societies.size === 0) return []
  if (forks.convicted(holder)) {
    return [backingProblem('equivocation', 'its holder signed two pasts', chain[0] ?? null)]
  }
  const problems: BackingProblem[] = []
  for (const id of chain) {
    const record = await index.record(id as RecordId)
    if (record === undefined) continue
    const { author, document, seq } = record
    if (seq < forks.placeOf(actorOf(document, author))) continue
    const message = 'its author signed another past in which this is not so'
    problems.push(backingProblem('equivocation', message, id))
  }
  return problems
}
