import {
  advancePool,
  copyPool,
  didOf,
  fromMilli,
  millionths,
  type PoolState,
  type RecordId,
  type SocietyKey,
} from '../../protocol/index.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import type { Index } from '../ledger/index-of-facts.ts'
import { recordsPageMax } from '../limits.ts'
import type { Store } from '../ports.ts'
import { viewRecord } from './records.ts'
import type { TicketView } from './society.ts'

/** A ticket with what its records tell. Amounts in ATP. */
export type TicketListView = TicketView & {
  /** Society that allocated it. */
  readonly society: string
  readonly allocatedAt: string
  /** Last instant at which it may be completed. */
  readonly deadline: string
  readonly description: string | null
  /** The request it serves, and its class when it was served. */
  readonly request: string | null
  readonly class: number | null
  /** The record that ended it; null while it is active, and where its deadline did. */
  readonly end: string | null
  readonly endedAt: string | null
  /** Of a completed one: who judged it, how (0 to 1), and what it used. */
  readonly beneficiary: string | null
  readonly quality: number | null
  readonly consumed: number | null
  /** Of a failed one, where it was told. */
  readonly reason: string | null
}

/** Which tickets are wanted. */
export type TicketsQuery = {
  /** Those that a society allocated; null for all that are known. */
  readonly society: SocietyKey | null
  /** Those that a society or person works on; null for whoever does. */
  readonly worker: SocietyKey | null
}

/** What listing tickets needs of the node. */
export type TicketParts = {
  readonly store: Store
  readonly held: DocumentsHeld
  readonly index: Index
}

type Found = {
  readonly pool: PoolState
  readonly id: RecordId
  readonly worker: SocietyKey
  readonly amount: number
  readonly state: TicketView['state']
  readonly allocatedAt: number
  /** Known by the state while it is active. */
  readonly deadline?: number
}

function ticketsOf(held: DocumentsHeld, query: TicketsQuery, now: number): readonly Found[] {
  const pools = query.society === null ? held.pools() : [held.pool(query.society)]
  const found: Found[] = []
  for (const known of pools) {
    if (known.tickets.size === 0 && known.endedTickets.length === 0) continue
    const pool = copyPool(known)
    advancePool(pool, Math.max(now, pool.time))
    for (const ticket of pool.endedTickets) found.push({ pool, ...ticket })
    for (const ticket of pool.tickets.values()) {
      const { id, worker, amount, allocatedAt, deadline } = ticket
      found.push({ pool, id, worker, amount, allocatedAt, deadline, state: 'active' })
    }
  }
  return found
    .filter(({ worker }) => query.worker === null || worker === query.worker)
    .sort((a, b) => a.allocatedAt - b.allocatedAt || (a.id < b.id ? -1 : 1))
    .slice(-recordsPageMax)
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

type End = Pick<
  TicketListView,
  'end' | 'endedAt' | 'beneficiary' | 'quality' | 'consumed' | 'reason'
>

/** How a ticket ended: by a record, or by its deadline. */
async function endOf(
  { store, index }: TicketParts,
  { pool, id, state }: Found,
  deadline: string,
): Promise<End> {
  const open = { end: null, endedAt: null, beneficiary: null, quality: null, consumed: null }
  if (state === 'active') return { ...open, reason: null }
  const end = await index.endOf(pool.society, id)
  const record = end === undefined ? undefined : await index.record(end)
  if (end === undefined || record === undefined) {
    return { ...open, endedAt: deadline, reason: 'its deadline passed' }
  }
  const ended = { ...open, end, endedAt: new Date(record.time).toISOString() }
  const { outcome } = record
  if (outcome?.type === 'completion') {
    const beneficiary = didOf(outcome.beneficiary)
    const quality = outcome.quality / millionths
    return { ...ended, beneficiary, quality, consumed: fromMilli(outcome.consumed), reason: null }
  }
  const fields = (await viewRecord(store, index, end))?.fields
  return { ...ended, reason: textOf(fields?.['reason']) }
}

async function viewTicket(parts: TicketParts, found: Found): Promise<TicketListView> {
  const { store, index } = parts
  const { pool, id, worker, amount, state, allocatedAt } = found
  const fields = (await viewRecord(store, index, id))?.fields
  const outcome = (await index.record(id))?.outcome
  const served = outcome?.type === 'ticket' ? outcome : null
  const told = allocatedAt + Number(fields?.['deadline'] ?? 0)
  const deadline = new Date(found.deadline ?? told).toISOString()
  return {
    id,
    worker: didOf(worker),
    amount: fromMilli(amount),
    state,
    society: didOf(pool.society),
    allocatedAt: new Date(allocatedAt).toISOString(),
    deadline,
    description: textOf(fields?.['description']),
    request: served?.request ?? null,
    class: served?.class ?? null,
    ...(await endOf(parts, found, deadline)),
  }
}

/**
 * Tickets that are active and, of each society, the newest that have ended, as many as its state
 * keeps: oldest first, the newest of all where they are too many.
 */
export async function viewTickets(
  parts: TicketParts,
  query: TicketsQuery,
  now: number,
): Promise<readonly TicketListView[]> {
  const views: TicketListView[] = []
  for (const found of ticketsOf(parts.held, query, now)) views.push(await viewTicket(parts, found))
  return views
}
