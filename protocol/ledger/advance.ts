import type { RecordId } from '../identity.ts'
import { popDue, rebuildDue, type Due } from './due.ts'
import { lotTotal, moveShares } from './lots.ts'
import { endDay, endMinimum, endOccupation } from './occupation.ts'
import type { EndedTicket, PoolState, Ticket, Waste } from './pool-state.ts'

/** Ended tickets and wasted lots that a state keeps for its view. */
export const endedKeptMax = 100
// Entries of things that ended early stay in the heap; it is rebuilt when they are most of it.
const heapSlack = 64

function keepNewest<T>(list: T[], entry: T): void {
  list.push(entry)
  if (list.length > endedKeptMax) list.shift()
}

/** Notes the end of a ticket. */
export function endTicket(state: PoolState, ticket: Ticket, how: EndedTicket['state']): void {
  state.tickets.delete(ticket.id)
  state[how] += 1
  const { id, worker, amount, allocatedAt, number } = ticket
  keepNewest(state.endedTickets, { id, worker, amount, state: how, allocatedAt, number })
}

/** Notes ATP of the society's own that expired. */
export function noteWaste(state: PoolState, waste: Waste): void {
  if (waste.amount === 0) return
  state.wasted += waste.amount
  keepNewest(state.waste, waste)
}

function expireLot(state: PoolState, key: string): void {
  const lot = state.lots.get(key)
  if (lot === undefined) return
  const amount = lotTotal(lot)
  state.lots.delete(key)
  state.available -= lot.available
  state.reserved -= lot.reserved
  state.escrowed -= lot.escrowed
  state.lent -= lot.lent
  if (lot.via !== null) {
    state.borrowed -= amount
    return
  }
  state.pool += amount
  const { batch, source, expiresAt, chargedAt } = lot
  noteWaste(state, { batch, source, amount, ageMs: expiresAt - chargedAt, at: expiresAt })
}

function expireTicket(state: PoolState, id: RecordId): void {
  const ticket = state.tickets.get(id)
  if (ticket === undefined) return
  moveShares(state, ticket.shares, 'reserved', 'available')
  endTicket(state, ticket, 'failed')
}

/** Takes an offer off the market: what is left of it is available again. */
export function endOffer(state: PoolState, id: RecordId): void {
  const offer = state.offers.get(id)
  if (offer === undefined) return
  moveShares(state, offer.shares, 'escrowed', 'available')
  state.offers.delete(id)
}

const endings: Readonly<Record<Due['type'], (state: PoolState, id: string) => void>> = {
  lot: expireLot,
  ticket: (state, id) => expireTicket(state, id as RecordId),
  offer: (state, id) => endOffer(state, id as RecordId),
  grant: (state, id) => state.grants.delete(id as RecordId),
  minimum: (state, id) => endMinimum(state, id as RecordId),
  occupation: (state, id) => endOccupation(state, id as RecordId),
  day: (state, id) => endDay(state, id as RecordId),
}

function isAlive(state: PoolState, due: Due): boolean {
  const id = due.id as RecordId
  if (due.type === 'lot') return state.lots.has(due.id)
  if (due.type === 'ticket') return state.tickets.has(id)
  if (due.type === 'offer') return state.offers.has(id)
  if (due.type === 'grant') return state.grants.has(id)
  if (due.type === 'day') return state.dayCharges.has(id)
  return state.occupations.has(id)
}

/**
 * Lets time pass up to an instant: what had its last instant before it is over. Lots fall to ADP,
 * tickets fail, offers end. Costs nothing while nothing is due.
 */
export function advancePool(state: PoolState, time: number): void {
  if (time > state.time) state.time = time
  for (let due = popDue(state.due, time); due !== undefined; due = popDue(state.due, time)) {
    endings[due.type](state, due.id)
  }
  const alive =
    state.lots.size +
    state.tickets.size +
    state.offers.size +
    state.grants.size +
    state.dayCharges.size +
    2 * state.occupations.size
  if (state.due.length > 2 * alive + heapSlack) {
    state.due = rebuildDue(state.due, (due) => isAlive(state, due))
  }
}
