import { compareRecordIds, type RecordId, type SocietyKey } from '../identity.ts'
import { complement, one, times } from './fixed-point.ts'
import { tallied, type Tally } from './tally.ts'
import {
  goodQuality,
  inexperienceStart,
  inexperienceStep,
  recentJobsMax,
  repeatFactor,
  repeatWeightMin,
  repeatWindowMs,
  reputationGain,
  reputationLoss,
} from './weights.ts'

/** One judged job. `nth` is its number within 7 d for the same counterparty, in its own pool. */
export type Job = {
  readonly id: RecordId
  readonly time: number
  readonly good: boolean
  readonly nth: number
}

/**
 * What one pool knows of the jobs that a worker did for a beneficiary, whose word the quality is.
 * Bounded: the newest jobs one by one, the older as what they came to. Plain data.
 */
export type JobHistory = Tally & {
  readonly beneficiary: SocietyKey
  readonly worker: SocietyKey
  /** Reputation in billionths from the jobs that are not kept one by one any more. */
  readonly settled: number
  readonly jobs: readonly Job[]
}

/** Key of a history in its pool's state. */
export function jobsKey(beneficiary: SocietyKey, worker: SocietyKey): string {
  return `${beneficiary}/${worker}`
}

const weights: readonly number[] = Array.from({ length: recentJobsMax }, (_, before) => {
  let weight = one
  for (let i = 0; i < before; i++) weight = times(weight, repeatFactor)
  return Math.max(weight, repeatWeightMin)
})

/** Weight of the n-th job within the window for the same counterparty: max(0.8^(n-1), 0.1). */
export function weightOfJob(nth: number): number {
  return weights[Math.min(nth, recentJobsMax) - 1] ?? repeatWeightMin
}

/** Reputation after one more job: a good one adds to what is missing, a bad one takes a tenth. */
function reputationAfter(reputation: number, good: boolean, nth: number): number {
  if (!good) return times(reputation, reputationLoss)
  const gain = times(reputationGain, weightOfJob(nth))
  return reputation + times(gain, complement(reputation))
}

const countWithin = (jobs: readonly Job[], time: number): number =>
  jobs.filter((job) => job.time <= time && time - job.time < repeatWindowMs).length

/** A pool's history of a pair with one more job. `quality` is in millionths. */
export function withJob(
  before: JobHistory | undefined,
  pair: { readonly beneficiary: SocietyKey; readonly worker: SocietyKey },
  record: { readonly id: RecordId; readonly time: number },
  quality: number,
): JobHistory {
  const good = quality >= goodQuality
  const kept = before?.jobs ?? []
  const nth = Math.min(1 + countWithin(kept, record.time), recentJobsMax)
  const jobs = [...kept, { id: record.id, time: record.time, good, nth }]
  let settled = before?.settled ?? 0
  if (jobs.length > recentJobsMax) {
    const oldest = jobs.shift() as Job
    settled = reputationAfter(settled, oldest.good, oldest.nth)
  }
  const { beneficiary, worker } = pair
  return { ...tallied(before, good, 1, record), beneficiary, worker, settled, jobs }
}

type Kept = { readonly job: Job; readonly history: JobHistory }

/** Kept jobs of all histories: each in its own order, of several the earlier first, ties by ids. */
function inOrder(histories: readonly JobHistory[]): readonly Kept[] {
  const lines = histories.map((history) => ({ history, jobs: [...history.jobs] }))
  const merged: Kept[] = []
  for (;;) {
    let first: { readonly history: JobHistory; readonly jobs: Job[] } | undefined
    for (const line of lines) {
      const job = line.jobs[0]
      if (job === undefined) continue
      const least = first?.jobs[0]
      const ahead =
        least === undefined ||
        job.time < least.time ||
        (job.time === least.time && compareRecordIds(job.id, least.id) < 0)
      if (ahead) first = line
    }
    const job = first?.jobs.shift()
    if (first === undefined || job === undefined) return merged
    merged.push({ job, history: first.history })
  }
}

/**
 * Reputation in billionths from the histories of one pair in all pools: what the older jobs of each
 * came to, then the kept ones of all in the order of time. With one pool this is the rule to the
 * letter; jobs in several pools count each other as long as they are kept one by one.
 */
export function reputationOf(histories: readonly JobHistory[]): number {
  let missing = one
  for (const { settled } of histories) missing = times(missing, complement(settled))
  let reputation = complement(missing)
  const kept = inOrder(histories)
  kept.forEach(({ job, history }, place) => {
    const elsewhere = kept.slice(0, place).filter((each) => each.history !== history)
    const repeats = countWithin(
      elsewhere.map((each) => each.job),
      job.time,
    )
    reputation = reputationAfter(reputation, job.good, job.nth + repeats)
  })
  return reputation
}

/** How much a society is held back, in billionths, after its good jobs. */
export function inexperienceOf(histories: readonly JobHistory[]): number {
  const good = histories.reduce((sum, { successes }) => sum + successes, 0)
  return Math.max(0, inexperienceStart - good * inexperienceStep)
}
