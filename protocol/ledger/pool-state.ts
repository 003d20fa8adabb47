import type { Chain } from '../change/types.ts'
import { emptyChain } from '../change/admit.ts'
import { actorOf, documentName, type RecordId, type SocietyKey } from '../identity.ts'
import type { Due } from './due.ts'
import type { Origin } from './outcomes.ts'
import type { JobHistory } from '../trust/jobs.ts'
import type { Tally } from '../trust/tally.ts'

/** What a society holds of one slice: of a charge, a take or a claim. Amounts in mATP. */
export type Lot = Origin & {
  /** `<bringing record>/<index>`. */
  readonly key: string
  /** Time of the record that brought it, for ties in spend order. */
  readonly broughtAt: number
  readonly owner: SocietyKey
  readonly path: readonly SocietyKey[]
  /** Grant by which it is borrowed and the slice's index there; null for what is owned. */
  readonly via: { readonly grant: RecordId; readonly index: number } | null
  readonly available: number
  readonly reserved: number
  readonly escrowed: number
  readonly lent: number
}

/** Part of a lot that a ticket, offer or grant holds. */
export type Share = { readonly lot: string; readonly amount: number }

/** A ticket that is open. */
export type Ticket = {
  readonly id: RecordId
  readonly worker: SocietyKey
  readonly amount: number
  /** Last instant at which it may be completed. */
  readonly deadline: number
  readonly request: RecordId | null
  readonly allocatedAt: number
  /** The allocation's running number in its document. */
  readonly number: number
  readonly shares: readonly Share[]
}

/** A ticket that has ended, kept for the view. */
export type EndedTicket = {
  readonly id: RecordId
  readonly worker: SocietyKey
  readonly amount: number
  readonly state: 'completed' | 'failed'
  readonly allocatedAt: number
  readonly number: number
}

/** An offer that is open; `shares` are what is still on offer. */
export type Offer = {
  readonly id: RecordId
  readonly amount: number
  readonly price: number
  readonly to: SocietyKey | null
  readonly service: string | null
  readonly expiresAt: number
  readonly shares: readonly Share[]
}

/** An acceptance whose ADP is in escrow. */
export type Acceptance = {
  readonly id: RecordId
  readonly offer: RecordId
  readonly seller: SocietyKey
  readonly amount: number
  readonly due: number
  readonly offerExpiresAt: number
}

/** A grant that has not expired; `amounts` is what is still lent, by index of its slices. */
export type Grant = {
  readonly id: RecordId
  readonly to: SocietyKey
  readonly amounts: readonly number[]
  readonly lots: readonly string[]
  readonly expiresAt: number
  /** The accepted vouch under which it was granted; null for a grant to a citizen. */
  readonly vouch: RecordId | null
}

/** Watts that a charge holds of its sources. */
export type Occupation = {
  readonly batch: RecordId
  /** The charged source and those that power it. */
  readonly sources: readonly string[]
  readonly amount: number
  readonly discharged: number
  readonly chargedAt: number
  readonly expiresAt: number
  readonly minimumOver: boolean
  readonly expired: boolean
}

/** ATP that expired unused. */
export type Waste = {
  readonly batch: RecordId
  readonly source: string
  readonly amount: number
  readonly ageMs: number
  readonly at: number
}

/**
 * The fold of a `pool` document up to its newest record: plain data, so that it can be stored and
 * compared. Amounts in milli-units.
 *
 * 1. available + reserved + escrowed + lent - borrowed + pool + adpEscrowed = supply.
 * 2. The totals are the sums over `lots`; borrowed is the sum over lots with a `via`.
 * 3. Every lot in it expires at or after `time`; every ticket and offer ends at or after it.
 * 4. `lots` is in spend order, and no lot in it comes after `lastLot` in that order.
 */
export type PoolState = {
  society: SocietyKey
  chain: Chain
  /** The founding record, once the pool is open. */
  founding: RecordId | null
  /** Time that the state stands at. */
  time: number
  supply: number
  pool: number
  adpEscrowed: number
  available: number
  reserved: number
  escrowed: number
  lent: number
  borrowed: number
  wasted: number
  completed: number
  failed: number
  lots: Map<string, Lot>
  lastLot: Lot | null
  tickets: Map<RecordId, Ticket>
  endedTickets: EndedTicket[]
  offers: Map<RecordId, Offer>
  acceptances: Map<RecordId, Acceptance>
  grants: Map<RecordId, Grant>
  occupations: Map<RecordId, Occupation>
  /** mWh that charges hold, by source. */
  occupied: Map<string, number>
  /** Charges of the last 24 h on sources whose day is limited, and their sums by source. */
  dayCharges: Map<RecordId, { readonly sources: readonly string[]; readonly amount: number }>
  chargedToday: Map<string, number>
  /** What will be over and when: a heap. */
  due: Due[]
  /** Discharged packets to be returned: grant, then cause, then amounts by slice index. */
  owed: Map<RecordId, Map<RecordId, Map<number, number>>>
  /** Newest proof named so far, by source: its number in the trust document. */
  proofs: Map<string, number>
  /** mADP x quality credited, by worker. */
  credited: Map<SocietyKey, number>
  /** Own trades that were settled and grants that came back whole, by the other side. */
  dealings: Map<SocietyKey, Tally>
  /** Jobs that were judged here, by beneficiary and worker. */
  jobs: Map<string, JobHistory>
  waste: Waste[]
  /** Newest change of each other society that something was claimed from. */
  claimedFrom: Map<SocietyKey, { readonly hash: string; readonly seq: number }>
}

/** The pool of a society before its first change. */
export function emptyPool(society: SocietyKey): PoolState {
  return {
    society,
    chain: emptyChain(actorOf('pool', society), documentName('pool', society)),
    founding: null,
    time: 0,
    supply: 0,
    pool: 0,
    adpEscrowed: 0,
    available: 0,
    reserved: 0,
    escrowed: 0,
    lent: 0,
    borrowed: 0,
    wasted: 0,
    completed: 0,
    failed: 0,
    lots: new Map(),
    lastLot: null,
    tickets: new Map(),
    endedTickets: [],
    offers: new Map(),
    acceptances: new Map(),
    grants: new Map(),
    occupations: new Map(),
    occupied: new Map(),
    dayCharges: new Map(),
    chargedToday: new Map(),
    due: [],
    owed: new Map(),
    proofs: new Map(),
    credited: new Map(),
    dealings: new Map(),
    jobs: new Map(),
    waste: [],
    claimedFrom: new Map(),
  }
}

/**
 * An independent copy: entries of the maps are never changed in place, so copying the maps is
 * enough. Costs what is alive, not what ever was.
 */
export function copyPool(state: PoolState): PoolState {
  return {
    ...state,
    lots: new Map(state.lots),
    tickets: new Map(state.tickets),
    endedTickets: [...state.endedTickets],
    offers: new Map(state.offers),
    acceptances: new Map(state.acceptances),
    grants: new Map(state.grants),
    occupations: new Map(state.occupations),
    occupied: new Map(state.occupied),
    dayCharges: new Map(state.dayCharges),
    chargedToday: new Map(state.chargedToday),
    due: [...state.due],
    owed: new Map(state.owed),
    proofs: new Map(state.proofs),
    credited: new Map(state.credited),
    dealings: new Map(state.dealings),
    jobs: new Map(state.jobs),
    waste: [...state.waste],
    claimedFrom: new Map(state.claimedFrom),
  }
}
