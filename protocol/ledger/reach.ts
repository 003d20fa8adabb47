import { namedMsMax } from '../limits.ts'

/**
 * Kinds of records that are named for as long as what they say holds: who was founded, joined,
 * applied, was admitted or vouched for. They are as many as a society has others, not as it is old.
 */
export const standingKinds: ReadonlySet<string> = new Set([
  'society.found',
  'federation.join',
  'citizenship.apply',
  'citizenship.admit',
  'vouch.give',
  'vouch.accept',
])

/** Whether a record dated `time` is too old to be named by one that is dated `naming`, in ms. */
export function isOutOfReach(kind: string, time: number, naming: number): boolean {
  return naming - time > namedMsMax && !standingKinds.has(kind)
}
