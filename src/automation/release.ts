import { recordId, type PoolState, type RecordId, type SocietyKey } from '../../protocol/index.ts'
import type { AgendaItem } from './agenda.ts'

/** What tells whether an acceptance can be taken back. */
export type ReleaseView = {
  readonly now: number
  readonly own: PoolState
  readonly agenda: readonly AgendaItem[]
  /** Settlements of it that are never claimed: of liars, and nobody has certified them. */
  readonly lost: ReadonlySet<RecordId>
  readonly pool: (society: SocietyKey) => PoolState
  /** Newest signed head of a society's pool as it was gossiped, with its time. */
  readonly head: (
    society: SocietyKey,
  ) => { readonly time: number; readonly bytes: Uint8Array } | undefined
  /** A record that proves that a society signed two pasts. */
  readonly reportOf: (society: SocietyKey) => RecordId | undefined
}

/** What an acceptance is taken back by: a record, or a signed head of the seller's pool. */
export type Release = { readonly because: RecordId } | { readonly head: Uint8Array }

function namedBy(id: RecordId, offer: RecordId, agenda: readonly AgendaItem[]): RecordId | null {
  const answer = agenda.find(
    ({ outcome }) =>
      (outcome.type === 'decline' && outcome.acceptance === id) ||
      (outcome.type === 'cancel' && outcome.ended === offer),
  )
  return answer?.id ?? null
}

/**
 * By what an own acceptance that is in escrow can be taken back: that its seller is a liar, has
 * declined it, has cancelled its offer, or has signed anything after the offer's end. Undefined
 * where there is nothing of the kind, and where the seller has settled it and it can be claimed.
 */
export function releaseOf(acceptance: RecordId, view: ReleaseView): Release | undefined {
  const { now, own, agenda, lost } = view
  const escrowed = own.acceptances.get(acceptance)
  if (escrowed === undefined) return undefined
  const isSettled = agenda.some(
    ({ id, outcome }) =>
      outcome.type === 'settlement' && outcome.acceptance === acceptance && !lost.has(id),
  )
  if (isSettled) return undefined
  const { seller, offer, offerExpiresAt } = escrowed
  const because = view.reportOf(seller) ?? namedBy(acceptance, offer, agenda)
  if (because !== null) return { because }
  if (now <= offerExpiresAt) return undefined
  const { chain } = view.pool(seller)
  if (chain.head !== null && chain.time > offerExpiresAt) {
    return { because: recordId(chain.head, 0) }
  }
  const head = view.head(seller)
  return head !== undefined && head.time > offerExpiresAt ? { head: head.bytes } : undefined
}
