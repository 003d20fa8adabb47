import { actorOf, didOf, partsOfRecordId } from '../../protocol/index.ts'
import type { ChangeHash, Recorded, SocietyKey } from '../../protocol/index.ts'
import type { Certificates } from '../finality/certificates.ts'
import type { Forks } from '../ledger/forks.ts'
import { backingProblem, type BackingProblem } from './backing-problem.ts'

/** Whose word counts in an answer about backing. */
export type WordParts = {
  readonly forks: Forks
  readonly certificates: Pick<Certificates, 'holding' | 'handover' | 'covers'>
  readonly isMember: (society: SocietyKey) => boolean
}

/** Whether a record is past the end of a document with two pasts, and no witnesses vouch for it. */
async function isForged(
  { forks, certificates }: WordParts,
  { id, author, document, seq }: Recorded,
): Promise<boolean> {
  const actor = actorOf(document, author)
  if (seq < forks.placeOf(actor)) return false
  const hash = partsOfRecordId(id).hash as ChangeHash
  return !(await certificates.covers({ actor, seq, hash }))
}

/**
 * What in the records behind a batch is the word of a liar: records past the end of a document with
 * two pasts, which may say one thing here and another elsewhere unless witnesses have acknowledged
 * the one, and all that a liar still holds.
 */
async function lieProblems(
  parts: WordParts,
  holder: SocietyKey,
  records: readonly Recorded[],
): Promise<readonly BackingProblem[]> {
  if (parts.forks.societies.size === 0) return []
  if (parts.forks.convicted(holder)) {
    const [first] = records
    return [backingProblem('equivocation', 'its holder signed two pasts', first?.id ?? null)]
  }
  const problems: BackingProblem[] = []
  for (const record of records) {
    if (!(await isForged(parts, record))) continue
    const message = `forged: ${didOf(record.author)} signed another past in which this is not so`
    problems.push(backingProblem('equivocation', message, record.id))
  }
  return problems
}

/** What is wrong with the authors of the records behind a batch. */
export async function wordProblems(
  parts: WordParts,
  holder: SocietyKey,
  records: readonly Recorded[],
): Promise<readonly BackingProblem[]> {
  const strangers = new Map<SocietyKey, BackingProblem>()
  for (const { id, author } of records) {
    if (strangers.has(author) || parts.isMember(author)) continue
    const message = `${didOf(author)} is no member of this federation: nobody here checks it`
    strangers.set(author, backingProblem('unknown-society', message, id))
  }
  return [...(await lieProblems(parts, holder, records)), ...strangers.values()]
}
