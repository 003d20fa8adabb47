import { namedMsMax } from '../limits.ts'

/**
 * Kinds of records that may be named however old they are: who was founded, joined, applied, was
 * admitted or vouched for, which sources were let go, and all of a trade beyond its offer, which
 * may be claimed at any time. A node keeps of each what it did, not its bytes.
 */
export const standingKinds: ReadonlySet<string> = new Set([
  'society.found',
  'federation.join',
  'citizenship.apply',
  'citizenship.admit',
  'vouch.give',
  'vouch.accept',
  'energy.retire',
  'trade.accept',
  'trade.decline',
  'trade.cancel',
  'trade.settle',
  'trade.claim',
])

/** Whether a record dated `time` is too old to be named by one that is dated `naming`, in ms. */
export function isOutOfReach(kind: string, time: number, naming: number): boolean {
  return naming - time > namedMsMax && !standingKinds.has(kind)
}
