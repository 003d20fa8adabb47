import {
  advancePool,
  copyPool,
  didOf,
  fromMilli,
  leftAt,
  type PoolState,
  type SocietyKey,
  type Source,
  type TrustState,
  type Waste,
} from '../../protocol/index.ts'
import type { Claims } from '../claims/claims.ts'
import type { FlagView } from '../detectors/flags.ts'
import { nameOf } from '../find.ts'
import type { DocumentsHeld } from '../ledger/documents-held.ts'
import { childrenOf, parentOf } from './kinship.ts'
import type { QueueView } from './queue.ts'

/** State of a source in a view. */
export type SourceState = 'valid' | 'stale' | 'contested' | 'retired'

/** A society as the API, the CLI and scenarios show it. Amounts are decimals of ATP, ADP or W. */
export type SocietyView = {
  readonly id: string
  readonly name: string
  readonly time: string
  readonly federation: string | null
  readonly parent: string | null
  readonly children: readonly string[]
  readonly energy: {
    readonly capacity: number
    readonly sources: Readonly<Record<string, SourceView>>
  }
  readonly atp: {
    readonly available: number
    readonly reserved: number
    readonly escrowed: number
    readonly lent: number
    readonly borrowed: number
    readonly wasted: number
    readonly batches: readonly BatchView[]
  }
  readonly adp: { readonly pool: number; readonly escrowed: number }
  readonly supply: number
  readonly work: {
    readonly queued: number
    readonly active: number
    readonly completed: number
    readonly failed: number
    readonly tickets: readonly TicketView[]
  }
  readonly queue: readonly QueueView[]
  readonly reputation: number
  readonly bond: {
    readonly state: string
    readonly capacity: number
    readonly until: string | null
  }
  readonly vouches: { readonly given: number; readonly received: number }
  readonly standing: 'good' | 'equivocated'
  /** ATP that it handed over twice, of a society that signed two pasts. */
  readonly forged?: number
  readonly flags: readonly FlagView[]
  readonly alerts: readonly AlertView[]
}

/** A source in a view. */
export type SourceView = {
  readonly type: string
  readonly capacity: number
  readonly occupied: number
  readonly assurance: number
  readonly state: SourceState
  readonly simulated: boolean
  /** `LAT,LON` in degrees, to a tenth, as its owner says; null where that is not said. */
  readonly site: string | null
  readonly measuredAt: string
  readonly staleAt: string
}

/** Available ATP of one batch. */
export type BatchView = {
  readonly id: string
  readonly amount: number
  readonly source: string
  readonly expiresAt: string
}

/** A ticket in a view. */
export type TicketView = {
  readonly id: string
  readonly worker: string
  readonly amount: number
  readonly state: 'active' | 'completed' | 'failed'
}

/** Something the operator should know of. */
export type AlertView = {
  readonly kind: 'waste'
  readonly batch: string
  readonly source: string
  readonly amount: number
  readonly ageMs: number
  readonly age: string
}

const iso = (time: number): string => new Date(time).toISOString()

const siteOf = ({ site }: Source): string | null =>
  site === null ? null : `${site.latitude / 10},${site.longitude / 10}`

function sourcesOf(
  trust: TrustState,
  pool: PoolState,
  now: number,
  claims: Claims,
): Readonly<Record<string, SourceView>> {
  const views: Record<string, SourceView> = {}
  for (const source of trust.sources.values()) {
    const inherited = leftAt(source.inherited, now)
    views[source.id] = {
      type: source.type,
      capacity: fromMilli(source.capacity),
      occupied: fromMilli(inherited + (pool.occupied.get(source.id) ?? 0)),
      assurance: claims.levelOf(source.proof, source.assurance),
      state: sourceStateAt(trust.society, source, now, claims),
      simulated: source.simulated,
      site: siteOf(source),
      measuredAt: iso(source.measuredAt),
      staleAt: iso(source.staleAt),
    }
  }
  return views
}

/** How a society's claim of a source stands at an instant. */
export function sourceStateAt(
  society: SocietyKey,
  source: Source,
  now: number,
  claims: Claims,
): SourceState {
  if (source.retired !== null) return 'retired'
  if (now >= source.staleAt) return 'stale'
  return claims.standing(society, source).state === 'holds' ? 'valid' : 'contested'
}

/** mW of a society's valid sources of level 1 or more that no other source of it powers. */
export function capacityAt(trust: TrustState, now: number, claims: Claims): number {
  let capacity = 0
  for (const source of trust.sources.values()) {
    if (source.assurance < 1 || source.poweredBy !== null) continue
    if (sourceStateAt(trust.society, source, now, claims) === 'valid') capacity += source.capacity
  }
  return capacity
}

function batchesOf(pool: PoolState): readonly BatchView[] {
  const batches: BatchView[] = []
  for (const lot of pool.lots.values()) {
    if (lot.available === 0) continue
    const { batch: id, source, expiresAt } = lot
    batches.push({ id, amount: fromMilli(lot.available), source, expiresAt: iso(expiresAt) })
  }
  return batches
}

function ticketsOf(pool: PoolState): readonly TicketView[] {
  const active = [...pool.tickets.values()].map((ticket) => ({
    ...ticket,
    state: 'active' as const,
  }))
  return [...pool.endedTickets, ...active]
    .sort((a, b) => a.number - b.number)
    .map(({ id, worker, amount, state }) => ({
      id,
      worker: didOf(worker),
      amount: fromMilli(amount),
      state,
    }))
}

/** What was wasted of each batch: of one that came in several parts, all of them. */
function wasteByBatch({ waste }: PoolState): readonly Waste[] {
  const batches = new Map<string, Waste>()
  for (const each of waste) {
    const amount = (batches.get(each.batch)?.amount ?? 0) + each.amount
    batches.set(each.batch, { ...each, amount })
  }
  return [...batches.values()]
}

function alertsOf(trust: TrustState, pool: PoolState): readonly AlertView[] {
  return wasteByBatch(pool)
    .filter(({ amount }) => amount > trust.policy.wasteAlert)
    .map(({ batch, source, amount, ageMs }) => ({
      kind: 'waste',
      batch,
      source,
      amount: fromMilli(amount),
      ageMs,
      age: `${(ageMs / 3_600_000).toFixed(1)} h`,
    }))
}

/** mADP x quality credited to a society by all pools held. */
function reputationOf(held: DocumentsHeld, society: SocietyKey): number {
  let sum = 0
  for (const pool of held.pools()) sum += pool.credited.get(society) ?? 0
  return sum
}

/** What a view shows that does not follow from the society's own documents alone. */
export type SocietyContext = Pick<
  SocietyView,
  'standing' | 'forged' | 'queue' | 'flags' | 'bond' | 'vouches'
>

/** A society at an instant, from what this node holds of it. */
export function viewSociety(
  held: DocumentsHeld,
  society: SocietyKey,
  now: number,
  claims: Claims,
  context: SocietyContext,
): SocietyView {
  const trust = held.trust(society)
  const pool = copyPool(held.pool(society))
  const time = Math.max(now, pool.time)
  advancePool(pool, time)
  const parent = parentOf(held, society, time)
  return {
    id: didOf(society),
    name: nameOf(held, society),
    time: iso(time),
    federation: trust.founding?.federation ?? null,
    parent: parent === null ? null : didOf(parent),
    children: childrenOf(held, society, time).map(didOf),
    energy: {
      capacity: fromMilli(capacityAt(trust, time, claims)),
      sources: sourcesOf(trust, pool, time, claims),
    },
    atp: {
      available: fromMilli(pool.available),
      reserved: fromMilli(pool.reserved),
      escrowed: fromMilli(pool.escrowed),
      lent: fromMilli(pool.lent),
      borrowed: fromMilli(pool.borrowed),
      wasted: fromMilli(pool.wasted),
      batches: batchesOf(pool),
    },
    adp: { pool: fromMilli(pool.pool), escrowed: fromMilli(pool.adpEscrowed) },
    supply: fromMilli(pool.supply),
    work: {
      queued: context.queue.length,
      active: pool.tickets.size,
      completed: pool.completed,
      failed: pool.failed,
      tickets: ticketsOf(pool),
    },
    reputation: fromMilli(reputationOf(held, society)),
    ...context,
    alerts: alertsOf(trust, pool),
  }
}
