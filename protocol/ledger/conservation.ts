import { lotTotal } from './lots.ts'
import type { PoolState } from './pool-state.ts'

/** A bug of this program, never of its input. */
export class Assertion extends Error {}

const totals = ['available', 'reserved', 'escrowed', 'lent', 'borrowed', 'pool'] as const

/** Checks, in constant time, that a society's packets add up. Throws `Assertion` if not. */
export function assertConserved(state: PoolState): void {
  const { available, reserved, escrowed, lent, borrowed, pool, adpEscrowed, supply } = state
  const sum = available + reserved + escrowed + lent - borrowed + pool + adpEscrowed
  const negative = totals.find((total) => state[total] < 0)
  if (sum !== supply || negative !== undefined || adpEscrowed < 0 || state.wasted < 0) {
    throw new Assertion(`packets do not add up: ${sum} of ${supply}, ${negative ?? 'none'} < 0`)
  }
}

/** The same with every total counted anew from the lots; for tests, in time of what is alive. */
export function recount(state: PoolState): void {
  assertConserved(state)
  const counted = { available: 0, reserved: 0, escrowed: 0, lent: 0, borrowed: 0 }
  for (const lot of state.lots.values()) {
    counted.available += lot.available
    counted.reserved += lot.reserved
    counted.escrowed += lot.escrowed
    counted.lent += lot.lent
    if (lot.via !== null) counted.borrowed += lotTotal(lot)
  }
  for (const use of ['available', 'reserved', 'escrowed', 'lent', 'borrowed'] as const) {
    if (counted[use] !== state[use]) {
      throw new Assertion(`${use} is ${state[use]}, its lots hold ${counted[use]}`)
    }
  }
}
