import type { Origin, RecordId } from '../../protocol/index.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import type { Claims } from './claims.ts'

/** What telling how surely ATP is proven needs. */
export type LevelParts = { readonly index: Index; readonly claims: Claims }

/** Assurance, 0..4, and the proof that it is that of. */
export type OriginLevel = { readonly level: number; readonly proof: RecordId }

/**
 * How surely ATP is proven: as surely as the least of the proofs that it was charged on, that of
 * its source and those of what powers it. What is not here counts as claimed only, level 0.
 */
async function originLevel(
  { index, claims }: LevelParts,
  { batch, proof }: Pick<Origin, 'batch' | 'proof'>,
): Promise<OriginLevel> {
  const charge = (await index.record(batch))?.outcome
  const supplies = charge?.type === 'charge' ? charge.supplies : []
  let least: OriginLevel | undefined
  for (const id of [proof, ...supplies]) {
    const outcome = (await index.record(id))?.outcome
    const level = outcome?.type === 'proof' ? claims.levelOf(id, outcome.assurance) : 0
    if (least === undefined || level < least.level) least = { level, proof: id }
  }
  return least ?? { level: 0, proof }
}

/** The least of several origins that is below a level; undefined where none is. */
export async function leastBelow(
  parts: LevelParts,
  origins: Iterable<Pick<Origin, 'batch' | 'proof'>>,
  accepted: number,
): Promise<OriginLevel | undefined> {
  let least: OriginLevel | undefined
  const seen = new Set<RecordId>()
  for (const origin of origins) {
    if (seen.has(origin.batch)) continue
    seen.add(origin.batch)
    const found = await originLevel(parts, origin)
    if (found.level < (least?.level ?? accepted)) least = found
  }
  return least
}
