import {
  actorOf,
  isRecordId,
  partsOfRecordId,
  type RecordId,
  type Slice,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Forks } from '../ledger/forks.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { allOf, decodeText, nameUnder } from '../ledger/layout.ts'
import type { Store } from '../ports.ts'

/** What counting what a liar forged needs of the node. */
export type ForgedParts = {
  readonly store: Store
  readonly held: DocumentsHeld
  readonly index: Index
  readonly forks: Forks
}

/** The slices that a society claimed of what another handed over past the end of its pool. */
async function* claimedPast(
  { store, index, forks }: ForgedParts,
  claimer: SocietyKey,
  liar: SocietyKey,
): AsyncGenerator<Slice> {
  const actor = actorOf('pool', liar)
  const range = allOf('end', claimer)
  for await (const [key, by] of store.range(range)) {
    const id = nameUnder(range, key)
    if (!isRecordId(id)) continue
    const facts = await index.facts(partsOfRecordId(id).hash)
    if (facts?.actor !== actor || facts.seq < forks.placeOf(actor)) continue
    const claim = await index.record(decodeText(by) as RecordId)
    const outcome = facts.outcomes[partsOfRecordId(id).place]
    const isClaim = claim?.kind === 'trade.claim' || claim?.kind === 'allocation.take'
    const slices = outcome?.type === 'settlement' || outcome?.type === 'grant' ? outcome.slices : []
    if (isClaim) yield* slices
  }
}

/**
 * mATP that others claimed of what a liar handed over past the end of its pool, beyond what it had
 * there: what it handed over twice, or never had. A claim itself stands.
 */
export async function forgedBy(parts: ForgedParts, liar: SocietyKey): Promise<number> {
  const { held, forks } = parts
  const place = forks.placeOf(actorOf('pool', liar))
  const claimed = new Map<string, number>()
  for (const { society, claimedFrom } of Array.from(held.pools())) {
    if ((claimedFrom.get(liar)?.seq ?? 0) < place) continue
    for await (const { lot, amount } of claimedPast(parts, society, liar)) {
      claimed.set(lot, (claimed.get(lot) ?? 0) + amount)
    }
  }
  let forged = 0
  const { lots } = held.pool(liar)
  for (const [key, amount] of claimed) {
    const lot = lots.get(key)
    const had = lot === undefined ? 0 : lot.available + lot.reserved + lot.escrowed
    forged += Math.max(0, amount - had)
  }
  return forged
}
