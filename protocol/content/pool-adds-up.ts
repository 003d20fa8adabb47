import { Assertion, recount } from '../ledger/conservation.ts'
import { compareLots } from '../ledger/lots.ts'
import type { Lot, PoolState } from '../ledger/pool-state.ts'

type Use = 'reserved' | 'escrowed' | 'lent'

function isInOrder(lots: PoolState['lots']): boolean {
  let last: Lot | undefined
  for (const [key, lot] of lots) {
    if (key !== lot.key || (last !== undefined && compareLots(last, lot) >= 0)) return false
    last = lot
  }
  return true
}

/** What tickets, offers and grants hold of each lot. */
function heldOf(state: PoolState): ReadonlyMap<string, number> {
  const held = new Map<string, number>()
  const add = (use: Use, lot: string, amount: number): void => {
    const key = `${use} ${lot}`
    held.set(key, (held.get(key) ?? 0) + amount)
  }
  for (const { shares } of state.tickets.values()) {
    for (const { lot, amount } of shares) add('reserved', lot, amount)
  }
  for (const { shares } of state.offers.values()) {
    for (const { lot, amount } of shares) add('escrowed', lot, amount)
  }
  for (const { lots, amounts } of state.grants.values()) {
    lots.forEach((lot, i) => add('lent', lot, amounts[i] ?? 0))
  }
  return held
}

function isNamedById(things: ReadonlyMap<string, { readonly id: string }>): boolean {
  return [...things].every(([key, { id }]) => key === id)
}

/**
 * Whether a pool is one that records can have led to as far as its own sums tell: its totals are
 * those of its lots, these are in spend order, and what they hold for tickets, offers, grants and
 * sellers is what these hold of them. Pure; never throws.
 */
export function addsUp(state: PoolState): boolean {
  try {
    recount(state)
  } catch (error) {
    if (error instanceof Assertion) return false
    throw error
  }
  const held = heldOf(state)
  for (const lot of state.lots.values()) {
    for (const use of ['reserved', 'escrowed', 'lent'] as const) {
      if (lot[use] !== (held.get(`${use} ${lot.key}`) ?? 0)) return false
    }
  }
  const acceptances = [...state.acceptances.values()]
  const due = acceptances.reduce((sum, acceptance) => sum + acceptance.due, 0)
  const named = [state.tickets, state.offers, state.acceptances, state.grants]
  return due === state.adpEscrowed && isInOrder(state.lots) && named.every(isNamedById)
}
