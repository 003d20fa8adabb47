import type { RecordId } from '../identity.ts'
import { pushDue } from './due.ts'
import type { Left } from './outcomes.ts'
import type { Occupation, PoolState } from './pool-state.ts'

/** A day in milliseconds: the window in which human charges are counted. */
const dayMs = 86_400_000

function addTo(map: Map<string, number>, key: string, amount: number): void {
  const sum = (map.get(key) ?? 0) + amount
  if (sum === 0) map.delete(key)
  else map.set(key, sum)
}

function occupy(state: PoolState, occupation: Occupation, amount: number): void {
  for (const source of occupation.sources) addTo(state.occupied, source, amount)
}

/**
 * Holds a source's watts for a charge until it is discharged or expired, and for the minimum
 * occupancy whatever becomes of it. `daily` are those of its sources whose charges in 24 h are
 * limited.
 */
export function startOccupation(
  state: PoolState,
  occupation: Occupation,
  minimumUntil: number,
  daily: readonly string[],
): void {
  const { batch, amount, chargedAt, expiresAt } = occupation
  state.occupations.set(batch, occupation)
  occupy(state, occupation, amount)
  pushDue(state.due, { at: expiresAt + 1, type: 'occupation', id: batch })
  if (!occupation.minimumOver) pushDue(state.due, { at: minimumUntil, type: 'minimum', id: batch })
  if (daily.length === 0) return
  state.dayCharges.set(batch, { sources: daily, amount })
  for (const source of daily) addTo(state.chargedToday, source, amount)
  pushDue(state.due, { at: chargedAt + dayMs, type: 'day', id: batch })
}

/** Notes that packets of an own charge are discharged: past the minimum they occupy no more. */
export function dischargeOccupation(state: PoolState, batch: RecordId, amount: number): void {
  const occupation = state.occupations.get(batch)
  if (occupation === undefined || occupation.expired) return
  const discharged = occupation.discharged + amount
  if (occupation.minimumOver) occupy(state, occupation, -amount)
  if (occupation.minimumOver && discharged === occupation.amount) state.occupations.delete(batch)
  else state.occupations.set(batch, { ...occupation, discharged })
}

/** The minimum occupancy of a charge is over: what was discharged meanwhile is free. */
export function endMinimum(state: PoolState, batch: RecordId): void {
  const occupation = state.occupations.get(batch)
  if (occupation === undefined) return
  const { amount, discharged, expired } = occupation
  occupy(state, occupation, expired ? -amount : -discharged)
  if (expired || discharged === amount) state.occupations.delete(batch)
  else state.occupations.set(batch, { ...occupation, minimumOver: true })
}

/** A charge has expired: it occupies nothing more once its minimum is over. */
export function endOccupation(state: PoolState, batch: RecordId): void {
  const occupation = state.occupations.get(batch)
  if (occupation === undefined) return
  if (!occupation.minimumOver) {
    state.occupations.set(batch, { ...occupation, expired: true })
    return
  }
  occupy(state, occupation, occupation.discharged - occupation.amount)
  state.occupations.delete(batch)
}

/** What an earlier holder left occupied, in mW at an instant. */
export function leftAt(left: readonly Left[], now: number): number {
  return left.reduce((sum, { amount, until }) => (until >= now ? sum + amount : sum), 0)
}

/** A charge is 24 h old: it counts no more towards a day's limit. */
export function endDay(state: PoolState, batch: RecordId): void {
  const charge = state.dayCharges.get(batch)
  if (charge === undefined) return
  state.dayCharges.delete(batch)
  for (const source of charge.sources) addTo(state.chargedToday, source, -charge.amount)
}
