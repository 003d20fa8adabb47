import type { RecordId, SocietyKey } from '../identity.ts'
import { dayOf, horizonDays, type History } from './history.ts'

/** What a society dealt with one other on one day. */
export type DealingDay = {
  readonly partner: SocietyKey
  readonly day: number
  readonly count: number
  readonly evidence: readonly RecordId[]
}

/** Whether a day is within the horizon of an instant, and not after it. */
export function isWithin(day: number, now: number): boolean {
  const today = dayOf(now)
  return day <= today && day > today - horizonDays
}

/** Jobs of a society for others and of others for it, and its trades, by partner and day. */
export function* dealingsOf(
  history: History,
  society: SocietyKey,
  now: number,
): Generator<DealingDay> {
  for (const { beneficiary, day, jobs, good, failed } of history.jobsAsWorker(society)) {
    const evidence = [...good, ...failed]
    if (isWithin(day, now)) yield { partner: beneficiary, day, count: jobs, evidence }
  }
  for (const { worker, day, jobs, good, failed } of history.jobsAsBeneficiary(society)) {
    const evidence = [...good, ...failed]
    if (isWithin(day, now)) yield { partner: worker, day, count: jobs, evidence }
  }
  for (const { id, at, seller, buyer } of history.tradesOf(society)) {
    const day = dayOf(at)
    const partner = seller === society ? buyer : seller
    if (isWithin(day, now)) yield { partner, day, count: 1, evidence: [id] }
  }
}
