import { type Actor } from '../../protocol/index.ts'
import { placeAt } from '../ledger/at-time.ts'
import { readBase } from '../ledger/base.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { historyOldMs } from '../limits.ts'
import type { Clock, Store } from '../ports.ts'
import type { Breathe } from '../turns.ts'

/** What is kept of the history of a document. */
export type DocumentKept = {
  readonly actor: Actor
  /** Number of the change after which it is kept; 0 where it is kept from its first one. */
  readonly after: number
  /** When that one is dated, in ms; null where there is none. */
  readonly since: number | null
  /** Changes held that are older than a window, and what a checkpoint takes to come, allow. */
  readonly old: number
}

/** What counting that needs of the node. */
export type CensusParts = {
  readonly ledger: Ledger
  readonly store: Store
  readonly clock: Clock
  readonly breathe: Breathe
}

/** What is kept of every document, by actor. Some reads for each. */
export async function takeCensus(parts: CensusParts): Promise<ReadonlyMap<Actor, DocumentKept>> {
  const { ledger, store, clock, breathe } = parts
  const kept = new Map<Actor, DocumentKept>()
  const before = clock.now() - historyOldMs
  for (const { actor } of ledger.held.frontier()) {
    const base = await readBase(store, actor)
    const after = base?.checkpoint.seq ?? 0
    const isAllYoung = base !== undefined && base.time > before
    const old = isAllYoung ? 0 : (await placeAt(store, actor, before)) - after
    kept.set(actor, { actor, after, since: base?.time ?? null, old })
    await breathe()
  }
  return kept
}
