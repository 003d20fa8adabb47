import type { ChangeHash } from '../change/types.ts'
import type { SocietyKey } from '../identity.ts'

/** A set of witnesses of a society, and from where on it speaks. Plain data. */
export type Appointment = {
  readonly witnesses: readonly SocietyKey[]
  /** Newest change of the society's pool that the set before speaks of; 0 for none. */
  readonly seq: number
  /** Its hash; `noChange` for none. */
  readonly hash: ChangeHash
}

/** Stands for the hash of the newest change of a document that has none, hex. */
export const noChange: ChangeHash = '00'.repeat(32) as ChangeHash

/** The number of the set that speaks of a place of the pool; -1 before the founding record. */
export function termAt(appointments: readonly Appointment[], seq: number): number {
  return appointments.findLastIndex((appointment) => appointment.seq < seq)
}
