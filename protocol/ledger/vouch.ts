import type { RecordId, SocietyKey } from '../identity.ts'

/** A vouch that a society has given. Plain data; watts in mW, times in ms. */
export type GivenVouch = {
  readonly id: RecordId
  readonly to: SocietyKey
  readonly watts: number
  /** How long it may wait for its acceptance, and how long it is active from then on. */
  readonly duration: number
  readonly givenAt: number
}

/** A vouch that a society has accepted. */
export type ReceivedVouch = {
  /** The acceptance. */
  readonly id: RecordId
  readonly vouch: RecordId
  readonly sponsor: SocietyKey
  readonly watts: number
  readonly acceptedAt: number
  /** Last instant of its period. */
  readonly until: number
  /** When the newcomer had proven the watts itself; null while it has not. */
  readonly provenAt: number | null
}

/** How an accepted vouch stands: a failure ends it at once, a success lets its period run. */
export type VouchStanding = {
  readonly state: 'active' | 'succeeded' | 'failed'
  /** When it failed, or when success was proven; null while neither has happened. */
  readonly decidedAt: number | null
}

/** What else decides on a newcomer: violations of its bonds, and its being caught lying. */
export type Misdeeds = { readonly violations: readonly number[]; readonly caughtAt: number | null }

/** Whether a given vouch can still be accepted at an instant, as far as its own terms go. */
export function isOpen(vouch: GivenVouch, now: number): boolean {
  return now <= vouch.givenAt + vouch.duration
}

/** First instant at which a vouch has failed; Infinity where it never does, as known now. */
function failureOf(vouch: ReceivedVouch, { violations, caughtAt }: Misdeeds): number {
  const { acceptedAt, until, provenAt } = vouch
  const instants = violations.filter((at) => at >= acceptedAt && at <= until)
  if (caughtAt !== null && caughtAt <= until) instants.push(Math.max(caughtAt, acceptedAt))
  if (provenAt === null) return Math.min(...instants, until + 1)
  return Math.min(...instants.filter((at) => at < provenAt), Infinity)
}

/** How an accepted vouch stands at an instant that is not before the newcomer's newest record. */
export function vouchStanding(
  vouch: ReceivedVouch,
  misdeeds: Misdeeds,
  now: number,
): VouchStanding {
  const failedAt = failureOf(vouch, misdeeds)
  if (failedAt <= now) return { state: 'failed', decidedAt: failedAt }
  return { state: now <= vouch.until ? 'active' : 'succeeded', decidedAt: vouch.provenAt }
}
