import type { RecordId, SocietyKey } from '../identity.ts'
import { jobsKey, withJob } from '../trust/jobs.ts'
import { tallied } from '../trust/tally.ts'
import type { PoolState } from './pool-state.ts'

type Record = { readonly id: RecordId; readonly time: number }

/** Counts a trade that was settled, or a grant that came back whole: a success to both sides. */
export function noteDealing(state: PoolState, counterparty: SocietyKey, record: Record): void {
  const { id, time } = record
  const before = state.dealings.get(counterparty)
  state.dealings.set(counterparty, tallied(before, true, 1, { id, time }))
}

/** Counts a judged job for the two that it is about. Work for oneself counts nowhere. */
export function noteJob(
  state: PoolState,
  job: {
    readonly worker: SocietyKey
    readonly beneficiary: SocietyKey
    /** Millionths. */
    readonly quality: number
  },
  record: Record,
): void {
  const { worker, beneficiary, quality } = job
  if (worker === beneficiary) return
  const { id, time } = record
  const key = jobsKey(beneficiary, worker)
  const pair = { worker, beneficiary }
  state.jobs.set(key, withJob(state.jobs.get(key), pair, { id, time }, quality))
}
