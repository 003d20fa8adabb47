import { isBefore, type Due, type DueType } from '../ledger/due.ts'
import type { PoolState } from '../ledger/pool-state.ts'

function isHeap(due: readonly Due[]): boolean {
  return due.every((entry, at) => at === 0 || !isBefore(entry, due[(at - 1) >> 1] as Due))
}

/** What must be over at an instant, or, of what a pool does not tell when, at all. */
function* endings(state: PoolState): Generator<readonly [DueType, string, number?], void> {
  for (const { key, expiresAt } of state.lots.values()) yield ['lot', key, expiresAt + 1]
  for (const { id, deadline } of state.tickets.values()) yield ['ticket', id, deadline + 1]
  for (const { id, expiresAt } of state.offers.values()) yield ['offer', id, expiresAt + 1]
  for (const { id, expiresAt } of state.grants.values()) yield ['grant', id, expiresAt + 1]
  for (const { batch, expiresAt, expired, minimumOver } of state.occupations.values()) {
    if (!expired) yield ['occupation', batch, expiresAt + 1]
    if (!minimumOver) yield ['minimum', batch]
  }
  for (const batch of state.dayCharges.keys()) yield ['day', batch]
}

/**
 * Whether all that time ends in a pool will be over when it should, and nothing of it should be
 * over already; an offer with the first of its lots. Pure; never throws.
 */
export function endsInTime(state: PoolState): boolean {
  const { due, time, lots } = state
  if (!isHeap(due) || (due[0] !== undefined && due[0].at <= time)) return false
  const known = new Set(due.flatMap(({ type, id, at }) => [`${type} ${id}`, `${type} ${id} ${at}`]))
  for (const [type, id, at] of endings(state)) {
    if (!known.has(at === undefined ? `${type} ${id}` : `${type} ${id} ${at}`)) return false
  }
  return [...state.offers.values()].every(({ shares, expiresAt }) =>
    shares.every(({ lot }) => (lots.get(lot)?.expiresAt ?? 0) >= expiresAt),
  )
}
