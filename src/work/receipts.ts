import {
  actorOf,
  decodeChange,
  peekChange,
  recordId,
  recordKinds,
  type Completion,
  type Peeked,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import { Failure } from '../failure.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import { fieldsAt } from '../ledger/fields-at.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { keys, type Facts } from '../ledger/layout.ts'
import { receiptScanMax } from '../limits.ts'
import type { Store } from '../ports.ts'

/** Work that was done, when, and for whom; worker and beneficiary have both signed it. */
export type Receipt = Omit<Completion, 'started' | 'finished'> & {
  /** The `work.complete` that holds it. */
  readonly id: RecordId
  /** Milliseconds since 1970. */
  readonly started: number
  readonly finished: number
  readonly workerSignature: Uint8Array
  readonly beneficiarySignature: Uint8Array
}

/** The method of what is measured by receipts: witnesses hold them, and ask who signed them. */
export const receiptsMethod = 'work-receipts'
/** What somebody gives who works, in W: 2,000 kcal a day are 97. */
export const metabolicWatts = 100
/** Hex digits of a society's key in the id of its hands: enough that no two share them. */
export const handsKeyDigits = 32

const kind = 'work.complete'

/** Where receipts are looked for. */
export type ReceiptSources = {
  readonly store: Store
  readonly held: DocumentsHeld
  readonly index: Index
}

type Value = Omit<Receipt, 'id' | 'worker' | 'started' | 'finished'> & {
  readonly started: number | undefined
  readonly finished: number | undefined
}

/** The receipts of one change. */
function receiptsIn(bytes: Uint8Array, peeked: Peeked, facts: Facts): readonly Receipt[] {
  const { hash } = peeked
  const decoded = decodeChange(bytes, peeked)
  if (!decoded.ok) return []
  const { operations } = decoded.value
  return facts.kinds.flatMap((each, place): readonly Receipt[] => {
    const outcome = facts.outcomes[place]
    // A void record has no outcome.
    if (each !== kind || outcome?.type !== 'completion') return []
    const read = recordKinds.get(kind)?.read(fieldsAt(operations, place))
    if (read?.ok !== true) return []
    const value = read.value as Value
    const { started, finished } = value
    if (started === undefined || finished === undefined) return []
    const { worker } = outcome
    return [{ ...value, id: recordId(hash, place), worker, started, finished }]
  })
}

/**
 * Receipts of some workers in all pools held here, of work that ended after an instant, in ms; of
 * completions that tell when the work began and ended. Goes back only as far as that. Throws
 * `too-large` where that is more than a node can look through.
 */
export async function receiptsSince(
  { store, held, index }: ReceiptSources,
  workers: ReadonlySet<SocietyKey>,
  since: number,
): Promise<readonly Receipt[]> {
  const found: Receipt[] = []
  let looked = 0
  for (const { society, chain, jobs } of held.pools()) {
    // Work for oneself is no job; whose pools have none have no receipts.
    if (![...jobs.values()].some(({ worker }) => workers.has(worker))) continue
    const actor = actorOf('pool', society)
    const range = { gte: keys.change(actor, 1), lt: keys.change(actor, chain.seq + 1) }
    for await (const [, bytes] of store.range({ ...range, reverse: true })) {
      const peeked = peekChange(bytes)
      const facts = peeked.ok ? await index.facts(peeked.value.hash) : undefined
      // Work is recorded when it has ended, and a chain's time goes only forward.
      if (!peeked.ok || facts === undefined || facts.time <= since) break
      looked += 1
      if (looked > receiptScanMax) {
        throw new Failure('too-large', `more than ${receiptScanMax} changes would have to be read`)
      }
      if (!facts.kinds.includes(kind)) continue
      const receipts = receiptsIn(bytes, peeked.value, facts)
      found.push(...receipts.filter((each) => workers.has(each.worker) && each.finished > since))
    }
  }
  return found
}
